"""What the base install takes on disk: a fresh venv, `pip install` of this checkout, and the difference.

    python benchmarks/install_size.py          # prints JSON; needs a package index, and some minutes

pip itself, which the venv brings along, does not count; compiled .pyc files do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def size(folder: Path) -> int:
    """Bytes of the files in a folder, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def measure() -> dict[str, object]:
    """Megabytes (1e6 bytes) that the base install adds, in all and for its largest parts."""
    with tempfile.TemporaryDirectory() as temporary:
        venv = Path(temporary) / "venv"
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        before = size(venv)
        constraints = ROOT / "requirements" / "dev.txt"
        command = [python, "-m", "pip", "install", "-qq", "-c", constraints, ROOT]
        subprocess.run(command, check=True, stdout=sys.stderr)
        after = size(venv)
        (packages,) = {path.parent for path in venv.rglob("mien") if (path / "labels.py").is_file()}
        parts = {path.name: size(path) for path in packages.iterdir() if path.is_dir()}
    largest = sorted(parts.items(), key=lambda part: -part[1])[:10]
    return {
        "megabytes": round((after - before) / 1e6, 1),
        "largest": {name: round(n / 1e6, 1) for name, n in largest},
        "python": sys.version.split()[0],
        "platform": sys.platform,
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
