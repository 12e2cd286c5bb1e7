"""Files stop at 400 lines and functions at 60; names say what is in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("src", "tests", "benchmarks", ".ci")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)
FILE_LINES, FUNCTION_LINES = 400, 60
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function in a file, its docstring included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def test_files_stop_at_400_lines() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: n for path, n in lengths.items() if n > FILE_LINES} == {}


def test_functions_stop_at_60_lines() -> None:
    lengths = {name: n for path in SOURCES for name, n in functions(path)}
    assert {name: n for name, n in lengths.items() if n > FUNCTION_LINES} == {}


@pytest.mark.parametrize("part", sorted(NAMELESS))
def test_no_file_or_folder_is_named_for_nothing(part: str) -> None:
    named = [path for path in SOURCES if part in {*path.relative_to(ROOT).parts[:-1], path.stem}]
    assert named == []


def test_bundled_weights_stay_below_30_megabytes() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "src").rglob("*.onnx")) <= 30e6
