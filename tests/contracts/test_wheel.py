"""What a user installs: code, types, examples, facts, weights with their licence; no data set, no tests."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")

ROOT = Path(__file__).parents[2]
ALLOWED = {".py", ".typed", ".md", ".txt", ".toml", ".jpg", ".onnx", ".html", ".css", ".js", ".svg", ""}


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Name -> size in bytes of every file in a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        return {entry.filename: entry.file_size for entry in wheel.infolist()}


def test_it_holds_what_the_package_needs(contents: dict[str, int]) -> None:
    for name in (
        "mien/__init__.py",
        "mien/py.typed",
        "mien/examples/SOURCES.md",
        "mien/examples/eileen-collins.jpg",
        "mien/runtime/architectures.toml",
        "mien/weights/LICENSE-WEIGHTS.md",
    ):
        assert name in contents
    assert any(name.endswith("licenses/LICENSE") for name in contents)
    for path in (ROOT / "src" / "mien" / "weights").glob("*.onnx"):
        assert f"mien/weights/{path.name}" in contents


def test_it_holds_nothing_else(contents: dict[str, int]) -> None:
    package = {name for name in contents if not name.startswith("mien-")}
    assert all(name.startswith("mien/") for name in package)
    assert [name for name in package if Path(name).suffix not in ALLOWED and Path(name).name != "SHA256SUMS"] == []


def test_weights_stay_below_30_megabytes_and_the_rest_is_small(contents: dict[str, int]) -> None:
    weights = sum(size for name, size in contents.items() if name.endswith(".onnx"))
    assert weights <= 30e6
    assert sum(contents.values()) - weights < 4e6  # code, most of it: 2.7 MB in November 2026
