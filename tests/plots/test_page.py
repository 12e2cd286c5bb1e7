from __future__ import annotations

import re
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.plots.page import write_page

SVG = '<?xml version="1.0"?><!DOCTYPE svg "http://www.w3.org/x.dtd">\n<svg><g id="trial-1"><path/></g></svg>'


def draw(path: Path) -> None:
    path.write_text(SVG, encoding="utf-8")


def test_a_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    rows = [{"trial": 1, "value": 0.123456789, "error": None}, {"trial": 10, "value": 2, "error": "<b>"}]
    write_page(tmp_path / "p.html", "a & b", draw, rows)
    page = (tmp_path / "p.html").read_text()
    assert "<h1>a &amp; b</h1>" in page
    assert '<g id="trial-1"><title>trial: 1\nvalue: 0.12346</title><path/>' in page
    assert "<td>&lt;b&gt;</td>" in page
    assert not re.search(r"(src|href)=|https?:|@import|url\(", page)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(MienError, match=r"nowhere/p\.html: No such file"):
        write_page(tmp_path / "nowhere" / "p.html", "t", draw)
