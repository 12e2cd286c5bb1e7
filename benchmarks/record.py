"""How a benchmark writes what it measured: results/DATE-COMMIT-NAME.json with machine, versions and commit."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, Any]:
    """Processor, cores, memory and system."""
    found: dict[str, Any] = {"system": platform.platform(), "cores": os.cpu_count()}
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = dict(line.split(":", 1) for line in info.read_text().split("\n\n")[0].splitlines() if ":" in line)
        pairs = {key.strip(): value.strip() for key, value in lines.items()}
        found["cpu"] = pairs.get("model name", "")
        wanted = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16")
        found["flags"] = [flag for flag in wanted if flag in pairs.get("flags", "").split()]
        found["memory_gib"] = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    return found


def versions(*packages: str) -> dict[str, str]:
    """Python's version and those of these packages."""
    found = {"python": platform.python_version()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def commit() -> str:
    """The checkout's commit, with `+` where tracked files were changed."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=RESULTS.parent, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        return git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def write(name: str, results: Any, *, packages: tuple[str, ...] = ("mien", "numpy", "onnxruntime")) -> Path:
    """Write one benchmark's results and say where."""
    at = commit()
    record = {
        "benchmark": name,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": at,
        "command": " ".join([Path(sys.executable).name, *sys.argv]),
        "machine": machine(),
        "versions": versions(*packages),
        "results": results,
    }
    path = RESULTS / f"{record['date'][:10]}-{at.rstrip('+')}-{name}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(path)
    return path


def every(name: str) -> list[dict[str, Any]]:
    """All records of a benchmark, the oldest first."""
    files = [json.loads(p.read_text(encoding="utf-8")) for p in RESULTS.glob(f"*-{name}.json")]
    mine = [record for record in files if record["benchmark"] == name]  # not another whose name ends in this one
    return sorted(mine, key=lambda record: str(record["date"]))


def latest(name: str) -> dict[str, Any] | None:
    """The newest record of a benchmark, or None."""
    return (every(name) or [None])[-1]
