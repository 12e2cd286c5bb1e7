"""`mien serve` under load: many clients at once, more cameras than it can answer, and files broken at random.

    python benchmarks/serve.py [--seconds 60] [--clients 50] [--cameras 30] [--fuzz-minutes 10]

A server in a process of its own, with the packaged model, listens on a free port of this machine; clients run in
this process. What it shows: no status but 200 and 429, memory that stays where it was, the answers' times; for
each camera how many of its frames were answered and how old they were; of the broken files that none ends in a 500,
takes longer than 5 s, or makes a process larger than 1 GB. Writes results/DATE-COMMIT-serve.json.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import record

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the tests' own way of breaking files
PHOTO = ROOT / "src" / "mien" / "examples" / "joe-biden.jpg"
COMMAND = "from mien.cli import serve; import typer; app = typer.Typer(); serve.register(app); app()"
HANG, LARGE = 5.0, 1 << 30
FPS = 30


@contextmanager
def serving(*words: str) -> Iterator[tuple[str, int, int]]:
    """Host, port and process id of a server."""
    line = [sys.executable, "-c", COMMAND, "--port", "0", "--quiet", *words]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    where = urlsplit(process.stdout.readline().strip())
    try:
        yield str(where.hostname), int(where.port or 0), process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def resident(pid: int) -> int:
    """Bytes of a process."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def family(pid: int) -> list[int]:
    """A process and those that it started."""
    found = [pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
        except (OSError, ValueError):
            continue
    return found


def ask(host: str, port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(host, port, timeout=120)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def percentiles(values: list[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile and the largest, in milliseconds."""
    if not values:
        return {}
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    return {
        name: round(float(v), 1)
        for name, v in zip(("p50", "p95", "p99", "max"), (p50, p95, p99, max(values)), strict=True)
    }


def crowd(seconds: float, clients: int) -> dict[str, Any]:
    """So many clients, each with a picture after the other; one told to come again waits as long as it is told."""
    photo = PHOTO.read_bytes()
    statuses: Counter[int | str] = Counter()
    times: list[float] = []
    memory: list[int] = []
    over = threading.Event()
    with serving() as (host, port, pid):

        def client() -> None:
            while not over.is_set():
                start = time.perf_counter()
                try:
                    status, headers, _ = ask(host, port, "POST", "/v1/analyze", photo)
                except OSError as error:
                    statuses[type(error).__name__] += 1
                    continue
                statuses[status] += 1
                if status == 200:
                    times.append(1000 * (time.perf_counter() - start))
                else:
                    over.wait(float(headers.get("Retry-After", 1)))

        threads = [threading.Thread(target=client) for _ in range(clients)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            memory.append(sum(map(resident, family(pid))))
            time.sleep(min(0.5, seconds / 20))
        over.set()
        for thread in threads:
            thread.join()
    third = len(memory) // 3
    return {
        "clients": clients,
        "seconds": seconds,
        "statuses": {str(status): n for status, n in sorted(statuses.items(), key=str)},
        "per_second": round(statuses[200] / seconds, 1),
        "ms": percentiles(times),
        "memory_mb": {
            "second third, median": round(float(np.median(memory[third : 2 * third])) / 1e6, 1),
            "last third, median": round(float(np.median(memory[2 * third :])) / 1e6, 1),
            "largest": round(max(memory) / 1e6, 1),
        },
    }


def cameras(seconds: float, number: int) -> dict[str, Any]:
    """So many live sockets, each sending FPS frames a second; how many answers each got, and how old their frames."""
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    photo = PHOTO.read_bytes()
    counts, ages, errors = [0] * number, [[] for _ in range(number)], [0] * number  # type: ignore[var-annotated]
    dropped = [0] * number
    start = threading.Barrier(number)
    with serving() as (host, port, _):

        def camera(n: int) -> None:
            sent: list[float] = []
            over = threading.Event()
            with connect(f"ws://{host}:{port}/v1/live", compression=None) as socket:

                def read() -> None:
                    while not over.is_set():
                        try:
                            told = json.loads(socket.recv(timeout=0.5))
                        except TimeoutError:
                            continue
                        except ConnectionClosed:
                            return
                        errors[n] += "error" in told
                        counts[n] += 1
                        dropped[n] = told["dropped"]
                        ages[n].append(1000 * (time.perf_counter() - sent[told["seq"]]))

                reader = threading.Thread(target=read)
                start.wait()
                reader.start()
                first = time.perf_counter()
                while (now := time.perf_counter()) - first < seconds:
                    sent.append(now)
                    socket.send((len(sent) - 1).to_bytes(4, "little") + photo)
                    time.sleep(max(first + len(sent) / FPS - time.perf_counter(), 0))
                over.set()
                reader.join()

        threads = [threading.Thread(target=camera, args=(n,)) for n in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    rates = [count / seconds for count in counts]
    return {
        "cameras": number,
        "seconds": seconds,
        "sent_per_second_each": FPS,
        "answered_per_second_each": {"least": round(min(rates), 2), "median": round(float(np.median(rates)), 2),
                                     "most": round(max(rates), 2)},
        "share_of_all_answers": {"least": round(min(counts) / max(sum(counts), 1), 4), "fair": round(1 / number, 4)},
        "age_ms": percentiles([age for each in ages for age in each]),
        "age_ms_of_the_worst_camera_at_the_median": round(max(float(np.median(a)) if a else np.inf for a in ages), 1),
        "dropped": sum(dropped),
        "errors": sum(errors),
    }  # fmt: skip


def pictures() -> list[bytes]:
    """A small file of every kind, to be broken."""
    import io

    from PIL import Image

    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (60, 80, 3)).astype(np.uint8))
    found = [PHOTO.read_bytes()]
    for kind in ("PNG", "GIF", "WEBP", "TIFF", "BMP", "PPM", "JPEG", "AVIF", "JPEG2000"):
        out = io.BytesIO()
        noise.save(out, kind)
        found.append(out.getvalue())
    return found


def videos() -> list[bytes]:
    """A small film in every container, to be broken."""
    import io

    import av

    found = []
    noise = np.random.default_rng(2).integers(0, 256, (8, 48, 64, 3)).astype(np.uint8)
    for container, codec in (("mp4", "libx264"), ("mp4", "mpeg4"), ("matroska", "libx264"), ("webm", "libvpx"),
                             ("avi", "mjpeg"), ("mpegts", "mpeg2video")):  # fmt: skip
        out = io.BytesIO()
        with av.open(out, "w", format=container) as opened:
            stream: Any = opened.add_stream(codec, rate=25)
            stream.width, stream.height = 64, 48
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            for pixels in noise:
                opened.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
            opened.mux(stream.encode())
        found.append(out.getvalue())
    return found


def fuzz(minutes: float) -> dict[str, Any]:
    """Broken pictures and videos one after the other, while the processes' memory is looked at."""
    from tests.web.mutations import mutated

    images, films = pictures(), videos()
    statuses: Counter[str] = Counter()
    states: Counter[str] = Counter()
    slowest, largest, late, odd = 0.0, 0, [], []  # type: ignore[var-annotated]
    over = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder
        with serving() as (host, port, pid):

            def look() -> None:
                nonlocal largest
                while not over.wait(0.05):
                    largest = max([largest, *map(resident, family(pid))])

            watch = threading.Thread(target=look)
            watch.start()
            end, seed, jobs = time.monotonic() + 60 * minutes, 0, []  # type: ignore[var-annotated]
            while time.monotonic() < end:
                video = seed % 10 == 0
                body = mutated(seed, films if video else images)
                start = time.perf_counter()
                status, _, answer = ask(host, port, "POST", "/v1/jobs" if video else "/v1/analyze", body)
                taken = time.perf_counter() - start
                slowest = max(slowest, taken)
                if taken > HANG:
                    late.append(seed)
                if status >= 500:
                    odd.append(seed)
                statuses[f"{'video' if video else 'picture'} {status}"] += 1
                if status == 202:
                    jobs.append((json.loads(answer)["id"], time.monotonic()))
                jobs = [job for job in jobs if not _ended(host, port, *job, states)]
                seed += 1
            for name, _ in jobs:
                ask(host, port, "DELETE", f"/v1/jobs/{name}")
            _, _, text = ask(host, port, "GET", "/metrics")
            over.set()
            watch.join()
            replaced = [line for line in text.decode().splitlines() if line.startswith("mien_decode_workers_replaced ")]
            time.sleep(2)
            left = [str(path) for path in Path(folder).glob("mien-serve-*/*") if path.name != "lock"]
        gone = not list(Path(folder).glob("mien-serve-*"))
    return {
        "minutes": minutes,
        "files": seed,
        "statuses": dict(sorted(statuses.items())),
        "jobs": dict(sorted(states.items())),
        "slowest_s": round(slowest, 2),
        "later_than_5_s": late,
        "answered_with_500": odd,
        "largest_process_mb": round(largest / 1e6, 1),
        "no_process_over_1_gb": largest < LARGE,
        "decode_workers_replaced": int(replaced[0].split()[1]) if replaced else None,
        "left_behind": left,
        "folder_removed": gone,
    }


def _ended(host: str, port: int, name: str, since: float, states: Counter[str]) -> bool:
    """Whether a job is over, or was given up after a while; it is deleted then."""
    state = json.loads(ask(host, port, "GET", f"/v1/jobs/{name}")[2])["state"]
    given_up = time.monotonic() - since > 60
    if state in ("queued", "running") and not given_up:
        return False
    states["given up" if given_up and state == "running" else state] += 1
    ask(host, port, "DELETE", f"/v1/jobs/{name}")
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--cameras", type=int, default=30)
    parser.add_argument("--fuzz-minutes", type=float, default=10)
    chosen = parser.parse_args()
    results: dict[str, Any] = {}
    if chosen.clients:
        results["clients"] = crowd(chosen.seconds, chosen.clients)
        print(json.dumps(results["clients"], indent=1))
    if chosen.cameras:
        results["cameras"] = cameras(chosen.seconds, chosen.cameras)
        print(json.dumps(results["cameras"], indent=1))
    if chosen.fuzz_minutes:
        results["fuzz"] = fuzz(chosen.fuzz_minutes)
        print(json.dumps(results["fuzz"], indent=1))
    record.write("serve", results, packages=("mien", "fastapi", "uvicorn", "websockets", "onnxruntime", "av", "pillow"))


if __name__ == "__main__":
    main()
