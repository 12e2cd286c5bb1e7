"""The measured parts of docs/video.md, docs/serve.md and docs/engines.md, from the records of `video.py`, `page.py`,
`serve.py` and `engines.py`."""

from __future__ import annotations

from typing import Any

from doc_tables import missing, source, table
from record import latest

ENGINES = {"plain": "`mien analyze` before engines, ONNX Runtime's own threads", "here": "`here`, one thread",
           "local": "`local`", "ray": "`ray`"}  # fmt: skip


def video() -> str:
    """Ten minutes whose truth is known."""
    record = latest("video")
    if record is None:
        return missing("video.py")
    results = record["results"]
    rows = []
    unseen = results.get("unseen", [])
    for run, other in [*((run, False) for run in results["runs"]), *((run, True) for run in unseen)]:
        shots = run["switches_by_shot"]
        rows.append((
            _looked(run["settings"], other), f"{run['frames_per_s']:.0f}",
            f"{run['memory_last_over_first']:.3f}",
            "yes" if run["numbers_exact"] else "no", f"{run['largest_time_error_s']:.0e} s",
            f"{sum(n <= 1 for n in shots)} of {len(shots)}", f"{max(shots)}", f"{run['switches']}",
            f"{run['missed_in_full_view']}", f"{run['stray']}",
        ))  # fmt: skip
    columns = ("", "frames/s", "memory, last tenth / first", "numbers exact", "largest error of a time",
               "shots with at most one id switch", "most in a shot", "in all", "faces in full view missed",
               "faces where nobody is")  # fmt: skip
    video, known = results["video"], results["appearance"]
    size, frames, faces = "{} x {}".format(*video["size"]), results["runs"][0]["frames"], known["faces"]
    closer = ", ".join(f"{known[name]['closer']:.2%} by the {name}" for name in ("embedding", "patch", "looks"))
    return (
        table(columns, rows)
        + f"\n{video['seconds']:g} s of {size}, {frames:,} frames. Of {faces} faces in full view two of one person"
        f" lie closer than two of different people: {closer}. The tracker's thresholds were set on these shots; on the"
        " *other shots* nothing was set.\n" + source(record)
    )


def _looked(settings: dict[str, Any], other: bool) -> str:
    every = settings["detect_every"]
    words = "faces searched in each frame" if every == 1 else f"in each {every}th, followed between"
    return words + (", `--link-cuts`" if settings.get("link_cuts") else "") + (", other shots" if other else "")


def page() -> str:
    """From a camera's frame to its boxes on the page."""
    record = latest("page")
    if record is None:
        return missing("page.py")
    r = record["results"]
    rows = []
    for name in sorted((name for name in r if name.startswith("width_")), key=lambda name: int(name[6:])):
        one = r[name]
        rows.append((f"{name[6:]} pixels", f"{one['n']:,}", f"{one['median_ms']:.0f} ms", f"{one['p95_ms']:.0f} ms",
                     f"{one['max_ms']:.0f} ms", f"{one['frames_per_s']:.0f}"))  # fmt: skip
    columns = ("page's width", "frames", "median", "95th percentile", "longest", "frames/s")
    camera = "{} x {} pixels, {} frames/s".format(*r["camera"])
    return (
        table(columns, rows) + f"\nChromium {r['chromium']}, its fake camera with {camera}; browser and server"
        f" share this machine, which had a load of {r['load']:.1f} before.\n" + source(record)
    )


def serve() -> str:
    """Many clients, many cameras, broken files."""
    record = latest("serve")
    if record is None:
        return missing("serve.py")
    crowd, cameras, fuzz = (record["results"][name] for name in ("clients", "cameras", "fuzz"))
    ms, memory, ages = crowd["ms"], crowd["memory_mb"], cameras["age_ms"]
    told = ", ".join(f"{n:,} times {status}" for status, n in crowd["statuses"].items())
    rates, files = cameras["answered_per_second_each"], fuzz["statuses"]
    rows = [
        (
            f"{crowd['clients']} clients for {crowd['seconds']:g} s, a JPEG after the other",
            f"{told}; {crowd['per_second']:.0f} a second; {ms['p50']:.0f} ms at the median, {ms['p99']:.0f} ms at p99;"
            f" memory of all processes {memory['second third, median']:.0f} MB in the second third,"
            f" {memory['last third, median']:.0f} MB in the last",
        ),
        (
            f"{cameras['cameras']} cameras with {cameras['sent_per_second_each']} frames/s each for"
            f" {cameras['seconds']:g} s",
            f"{rates['least']:.1f} to {rates['most']:.1f} frames/s answered each; a frame is {ages['p50']:.0f} ms old"
            f" at the median when its answer comes, {ages['p99']:.0f} ms at p99; {cameras['dropped']:,} dropped,"
            f" {cameras['errors']} errors",
        ),
        (
            f"files broken at random for {fuzz['minutes']:g} minutes",
            f"{fuzz['files']:,} files: {', '.join(f'{n:,} {status}' for status, n in files.items())};"
            f" {len(fuzz['answered_with_500'])} answers of 500; the slowest took {fuzz['slowest_s']:.1f} s; the largest"
            f" process {fuzz['largest_process_mb']:.0f} MB; {len(fuzz['left_behind'])} files left behind",
        ),
    ]
    return table(("what", "what came"), rows) + source(record)


def engines() -> str:
    """One of two workers killed, and speeds."""
    record = latest("engines")
    if record is None:
        return missing("engines.py")
    r = record["results"]
    lost = [
        (f"`{name}`", str(one["lost"]), str(one["done_again"]), _yes(one["every_file_once"]),
         _yes(one["equals_the_undisturbed_table"]) + (", byte for byte" if one["equals_the_undisturbed_table"] else ""))
        for name, one in r["killed"].items()
    ]  # fmt: skip
    first = next(iter(r["killed"].values()))
    speeds = [
        (ENGINES[name] + (f", {one['workers']} workers" if name in ("local", "ray") else ""), f"{one['seconds']:.2f}",
         f"{one['a_second']:.0f}", f"{one['start']:.1f} s")
        for name, one in r["speed"].items()
    ]  # fmt: skip
    some = next(iter(r["speed"].values()))
    return (
        f"{first['files']} files, {first['workers']} workers, one of them killed with SIGKILL after"
        f" {first['killed_at']} files:\n\n"
        + table(("engine", "workers lost", "files done again", "every file once", "equals the undisturbed table"), lost)
        + f"\n{some['n']} files, medians of {some['repeats']} runs, each in a fresh process, the engines by turns (load"
        f" {r['load_before']:.1f} before, {r['load_after']:.1f} after):\n\n"
        + table(("engine", "seconds", "files a second", "of it start (a run of two files)"), speeds)
        + source(record)
    )


def _yes(so: bool) -> str:
    return "yes" if so else "no"
