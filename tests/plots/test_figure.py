"""Figures are written whole, in the format of their suffix, or refused in one line."""

from __future__ import annotations

import builtins
from pathlib import Path

import pytest

from mien.errors import MienError, MissingExtraError
from mien.plots.figure import check_path, drawn

STARTS = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}


@pytest.mark.parametrize("suffix", STARTS)
def test_the_suffix_names_the_format_and_the_same_figure_gives_the_same_file(suffix: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        with drawn(tmp_path / "new" / f"{name}{suffix}", 2, 2) as figure:
            figure.add_subplot().plot([1, 2])
    first = (tmp_path / "new" / f"a{suffix}").read_bytes()
    assert first.startswith(STARTS[suffix])
    assert first == (tmp_path / "new" / f"b{suffix}").read_bytes()


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MienError, match=r"c\.gif: unknown kind of figure"), drawn(tmp_path / "c.gif", 2, 2):
        pass


def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MienError, match="choose a place"), drawn(tmp_path / "file" / "c.png", 2, 2):
        pass


def test_an_error_while_drawing_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), drawn(tmp_path / "c.png", 2, 2):
        _ = 1 / 0
    assert not (tmp_path / "c.png").exists()


def test_without_matplotlib_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == "matplotlib":
            raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"mien\[plots\]"), drawn(tmp_path / "c.png", 2, 2):
        pass


def test_some_figures_have_more_suffixes() -> None:
    assert check_path("m.TEX", (".tex",)) == Path("m.TEX")
    with pytest.raises(MienError, match=r"unknown kind of figure; end the name in \.png, \.pdf, \.svg$"):
        check_path("m.tex")
