"""Many files by several processes: how fast each engine is, and that every file stands in the table once.

    python benchmarks/engines.py [--files 500] [--speed-files 300] [--repeats 3] [--workers 2] [--engines here local]

Files are copies of the example portraits. For the engines of several processes one worker is killed with SIGKILL when
half of the files are done; the table must equal, byte for byte, that of one process that nothing happened to. Speeds
are of whole runs, from files to the table, each in a fresh Python process, the engines by turns: `start` is how long
a run of no more files than workers takes, `a_second` counts the files of a longer run with that left in.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from record import write

from mien.runtime.engines import local
from mien.runtime.engines.run import Outcome, run_files

EXAMPLES = Path(local.__file__).parents[2] / "examples"
ENGINES = ("here", "local", "ray")


def copies(folder: Path, n: int) -> list[str]:
    """n copies of the portraits, by turns."""
    portraits = sorted(EXAMPLES.glob("*.jpg"))
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{i:05d}-{portraits[i % len(portraits)].name}" for i in range(n)]
    for i, path in enumerate(paths):
        if not path.exists():
            shutil.copy(portraits[i % len(portraits)], path)
    return [str(path) for path in paths]


def installed(engine: str) -> bool:
    """Whether the engine can be measured here."""
    if engine != "ray":
        return True
    try:
        import ray  # noqa: F401
    except ImportError:
        return False
    return True


def plain(files: list[str], out: Path) -> float:
    """The `mien analyze` of one process, as it is without engines: seconds, with all threads that it takes."""
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.formats import Header, open_writer

    start = time.perf_counter()
    analyzer = Analyzer()
    writer = open_writer("csv", out, Header.of(analyzer.spec, analyzer.detector))
    for faces in analyzer.analyze_many(files):
        writer.write(faces)
    writer.close()
    return time.perf_counter() - start


def once(engine: str, files: list[str], workers: int, work: Path) -> float:
    """Seconds of one run in a fresh process, without Python's own start."""
    listed = work / "files.json"
    listed.write_text(json.dumps(files))
    command = [sys.executable, __file__, "--one", engine, "--workers", str(workers), "--work", str(work)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


def speed(engines: list[str], n: int, repeats: int, workers: int, work: Path) -> dict[str, Any]:
    """Start and rate of each engine, by turns."""
    files = copies(work / "pictures", n)
    seconds: dict[str, list[float]] = {engine: [] for engine in engines}
    start: dict[str, list[float]] = {engine: [] for engine in engines}
    for _ in range(repeats):
        for engine in engines:
            start[engine].append(once(engine, files[:workers], workers, work))
            seconds[engine].append(once(engine, files, workers, work))
    found = {}
    for engine in engines:
        median = statistics.median(seconds[engine])
        found[engine] = {
            "n": n,
            "repeats": repeats,
            "workers": 1 if engine == "here" else workers,
            "seconds": round(median, 2),
            "seconds_all": [round(s, 2) for s in seconds[engine]],
            "a_second": round(n / median, 1),
            "start": round(statistics.median(start[engine]), 2),
        }
        print(engine, found[engine], flush=True)
    return found


def killed(engine: str, files: list[str], workers: int, work: Path) -> dict[str, Any]:
    """One worker is killed midway: what became of the files."""
    out, whole = work / f"{engine}.csv", work / "whole.csv"
    if not whole.exists():
        run_files(files, engine="here", out=whole)
    pids: list[int] = []
    _watch(engine, pids)
    at: list[int] = []

    def progress(done: int, total: int) -> None:
        if not at and done >= total // 2:
            at.append(done)
            os.kill(pids[0], signal.SIGKILL)

    outcome: Outcome = run_files(files, engine=engine, out=out, workers=workers, progress=progress)
    with out.open(newline="") as file:
        named = [row["input"] for row in csv.DictReader(file)]
    found = {
        "files": len(files),
        "workers": workers,
        "killed_at": at[0],
        "lost": outcome.lost,
        "done_again": outcome.again,
        "every_file_once": named == files,
        "equals_the_undisturbed_table": out.read_bytes() == whole.read_bytes(),
        "seconds": round(outcome.seconds, 1),
    }
    print(engine, found, flush=True)
    return found


def _watch(engine: str, pids: list[int]) -> None:
    """Fill `pids` with the workers' process ids as they become ready."""
    if engine == "ray":
        from mien.runtime.engines import ray

        go = ray.go
        ray.go = lambda *a, **k: go(*a, **k, watch=lambda facts: pids.append(facts.pid))
        return
    check = local._check

    def watched(said: Any, expected: Any) -> None:
        check(said, expected)
        pids.append(said.pid)

    local._check = watched


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=500, help="of the runs in which a worker is killed")
    parser.add_argument("--speed-files", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mien-engines")
    parser.add_argument("--one", choices=(*ENGINES, "plain"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    if args.one:
        files = json.loads((args.work / "files.json").read_text())
        out = args.work / f"one-{args.one}.csv"
        if args.one == "plain":
            print(plain(files, out))
        else:
            print(run_files(files, engine=args.one, out=out, workers=args.workers).seconds)
        return
    engines = [engine for engine in args.engines if installed(engine)]
    results: dict[str, Any] = {"workers": args.workers, "load_before": os.getloadavg()[0]}
    files = copies(args.work / "pictures", args.files)
    results["killed"] = {
        engine: killed(engine, files, args.workers, args.work) for engine in engines if engine != "here"
    }
    results["speed"] = speed(["plain", *engines], args.speed_files, args.repeats, args.workers, args.work)
    results["load_after"] = os.getloadavg()[0]
    write("engines", results, packages=("mien", "numpy", "onnxruntime", "ray"))


if __name__ == "__main__":
    main()
