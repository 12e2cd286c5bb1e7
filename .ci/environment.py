"""Make, once, the shared environment of the tests, and print the path of this checkout's own Python on top.

Two layers, because the pinned packages take 6 GB and a checkout takes none of that:

- shared: `$XDG_CACHE_HOME/mien/ci-<hash of the lock, this Python and this machine>`, every package of
  requirements/dev.txt. It is never changed once it is whole; another lock makes another one. A file named
  `complete`, written last, tells a whole one from what an interrupted run left.
- own: `build/venv` in the checkout, a venv with nothing in it but this checkout, editable, and a pointer to
  the shared packages. So two checkouts can test at once without seeing each other's code.

Uses uv where it is there or can be installed, and pip otherwise. Needs the standard library only.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "dev.txt"


def say(text: str) -> None:
    """Progress on standard error: standard output holds the path alone."""
    print(text, file=sys.stderr, flush=True)


def run(*command: str | Path, **variables: str) -> None:
    """Run a command with its output on standard error."""
    environment = {**os.environ, "PYTHONNOUSERSITE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **variables}
    subprocess.run([*map(str, command)], check=True, stdout=sys.stderr, cwd=ROOT, env=environment)


def python_of(venv: Path) -> Path:
    """The interpreter of a venv."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def site_packages(venv: Path) -> Path:
    """Where a venv keeps its packages."""
    if os.name == "nt":
        return venv / "Lib" / "site-packages"
    return venv / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def shared_folder() -> Path:
    """Where the shared environment stands, whole or not yet made."""
    facts = "\n".join([LOCK.read_text(encoding="utf-8"), sys.version, sys.prefix, platform.machine()])
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "mien" / f"ci-{hashlib.sha256(facts.encode()).hexdigest()[:16]}"


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until no other process makes the same environment; the lock falls with its process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        if os.name != "nt":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def find_uv(venv: Path) -> list[str] | None:
    """A command that runs uv, or None where there is none to be had."""
    own = python_of(venv)
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        subprocess.run(["uv", "--version"], check=True, capture_output=True)
        return ["uv"]
    with contextlib.suppress(subprocess.CalledProcessError):
        run(own, "-m", "pip", "install", "-qq", "uv")
        run(own, "-m", "uv", "--version")
        return [str(own), "-m", "uv"]
    return None


def make_shared(folder: Path) -> None:
    """Build the shared environment from the lock, the mark of completeness last."""
    say(f"mien: making the test environment in {folder} (once for each lock file; 6 GB, some minutes)")
    started = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    run(sys.executable, "-m", "venv", folder)
    python = python_of(folder)
    uv = find_uv(folder)
    try:
        if uv is None:
            raise FileNotFoundError("uv")
        run(*uv, "pip", "install", "--quiet", "--python", python, "-r", LOCK, UV_HTTP_TIMEOUT="300")
    except (FileNotFoundError, subprocess.CalledProcessError):
        say("mien: no uv, or it failed; pip takes longer")
        run(python, "-m", "pip", "install", "-qq", "-r", LOCK)
    (folder / "complete").touch()
    say(f"mien: test environment made in {time.monotonic() - started:.0f} s")


def make_own(venv: Path, shared: Path) -> None:
    """Build the checkout's thin venv, the mark of what it was built from last."""
    mark = venv / "built-from"
    pyproject = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    built_from = f"{ROOT}\n{shared}\n{pyproject}\n"
    if mark.is_file() and mark.read_text(encoding="utf-8") == built_from:
        return
    shutil.rmtree(venv, ignore_errors=True)
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    pointer = f"import site; site.addsitedir({str(site_packages(shared))!r})\n"
    (site_packages(venv) / "_shared.pth").write_text(pointer, encoding="utf-8")
    # the build backend stands in the lock, so that nothing is fetched here
    run(python_of(venv), "-m", "pip", "install", "-qq", "--no-deps", "--no-build-isolation", "-e", ROOT)
    mark.write_text(built_from, encoding="utf-8")


def main() -> None:
    """Make what is missing; print the path of the checkout's Python."""
    shared = shared_folder()
    with alone(shared.with_suffix(".lock")):
        if not (shared / "complete").is_file():
            make_shared(shared)
    own = ROOT / "build" / "venv"
    with alone(ROOT / "build" / "venv.lock"):
        make_own(own, shared)
    print(python_of(own))


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"mien: {' '.join(map(str, error.cmd))} failed with exit code {error.returncode}")
