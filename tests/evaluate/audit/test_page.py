"""The page needs nothing from elsewhere and holds what was found."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.evaluate.audit.audit import audit
from mien.evaluate.audit.page import write_page


class Balanced(HTMLParser):
    """Fails on a tag that is not closed where it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def test_the_page(faces, tmp_path: Path) -> None:
    found = audit(faces, "fer2013")
    write_page(tmp_path / "new" / "index.html", faces, found.findings, found.summary, "a<b>.csv")
    text = (tmp_path / "new" / "index.html").read_text()
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert not re.findall(r'(?:src|href)="(?!data:|#)', text)
    assert "http" not in text
    assert "Audit of a&lt;b&gt;.csv" in text
    assert "width=device-width" in text
    assert text.count("<img ") == text.count(' alt="row ') == 2 * 5 + 2
    for words in ("Between splits", "PrivateTest + Training", "Labels and votes", "Cram&eacute;r", "Kolmogorov"):
        assert words in text
    assert re.findall(r'<h2 id="(\w+)">', text) == ["exact", "near", "suspect_label", "not_a_face"]


def test_a_set_of_one_split_and_no_votes(faces, tmp_path: Path) -> None:
    alone = faces.in_split("Training").replace(votes=None)
    found = audit(alone, "fer2013")
    write_page(tmp_path / "index.html", alone, found.findings, found.summary, "t")
    text = (tmp_path / "index.html").read_text()
    assert "Between splits" not in text
    assert "Drift" not in text
    assert "<figure>" not in text


def test_a_place_that_cannot_be_written(faces, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = audit(faces, "fer2013", kinds=("blank",))
    with pytest.raises(MienError, match="choose a place"):
        write_page(tmp_path / "file" / "index.html", faces, found.findings, found.summary, "t")
