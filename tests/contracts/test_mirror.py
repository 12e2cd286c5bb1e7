"""tests/ mirrors src/mien/: a file there, a test of the same name here, and the other way round."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE, TESTS = ROOT / "src" / "mien", ROOT / "tests"
SCRIPTS = {"weights"}  # folders of data with the script that made it


def sources() -> set[Path]:
    """Files of the package without their suffix, relative to it; a package's own file stands for nothing."""
    found = (path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py"))
    return {path for path in found if not path.stem.startswith("__") and not SCRIPTS & set(path.parts)}


def tests() -> set[Path]:
    """Files that the tests outside contracts/ are named for."""
    found = (path.relative_to(TESTS).with_suffix("") for path in TESTS.rglob("test_*.py"))
    return {path.with_name(path.name.removeprefix("test_")) for path in found if path.parts[0] != "contracts"}


def test_every_file_has_a_test() -> None:
    assert sorted(map(str, sources() - tests())) == []


def test_every_test_has_its_file() -> None:
    folders = {path.parent for path in sources()}  # a test may be named for a folder's package
    assert sorted(str(path) for path in tests() - sources() if path not in folders) == []
