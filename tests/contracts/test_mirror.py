"""tests/ mirrors src/mien/: a file there, a test of the same name here, and the other way round.

A folder inside a folder, such as `runtime/formats/`, may stand for one concept: one test named for it,
`test_formats.py`, then answers for its files.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE, TESTS = ROOT / "src" / "mien", ROOT / "tests"
SCRIPTS = {"weights"}  # folders of data with the script that made it


def sources() -> set[Path]:
    """Files of the package without their suffix, relative to it; a package's own file stands for nothing."""
    found = (path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py"))
    return {path for path in found if not path.stem.startswith("__") and not SCRIPTS & set(path.parts)}


def covered() -> set[Path]:
    """Files that the tests outside contracts/ are named for."""
    found = (path.relative_to(TESTS).with_suffix("") for path in TESTS.rglob("test_*.py"))
    return {path.with_name(path.name.removeprefix("test_")) for path in found if path.parts[0] != "contracts"}


def package_of(path: Path) -> Path | None:
    """The inner folder that a test is named for, standing in it or beside it; None where it is a file's test."""
    folder = path.parent if path.name == path.parent.name else path
    return folder if len(folder.parts) > 1 and (PACKAGE / folder / "__init__.py").is_file() else None


def test_every_file_has_a_test() -> None:
    folders = {package_of(path) for path in covered()}
    missing = sorted(str(path) for path in sources() - covered() if path.parent not in folders)
    assert missing == [], f"{len(missing)} files without a test: {', '.join(missing)}"


def test_every_test_has_its_file() -> None:
    astray = sorted(str(path) for path in covered() - sources() if package_of(path) is None)
    assert astray == [], f"tests of nothing: {', '.join(astray)}"
