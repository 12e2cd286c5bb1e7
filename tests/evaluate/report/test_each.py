"""Reports of several models, and the word that says how many faces are spoiled."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.evaluate.evaluation import evaluate
from mien.evaluate.report.each import faces_asked, write_reports


def test_each_model_gets_a_folder_and_a_line(faces, tiny_model, tmp_path: Path) -> None:
    from mien.labels import SEVEN
    from mien.model_spec import Head

    models = [str(tiny_model(name, heads=(Head("e", "emotion", SEVEN, "fer2013"),))) for name in ("a", "b")]
    scores = [evaluate(model, faces) for model in models]
    out = tmp_path / "out"
    page = write_reports(models, scores, faces, out, lambda _: nullcontext(), robustness_n=0)
    text = page.read_text()
    assert page == out / "index.html"
    for name in "ab":
        assert f'href="{name}/index.html"' in text
        assert (out / name / "report.json").is_file()
    alone = write_reports(models[:1], scores[:1], faces, tmp_path / "one", lambda _: nullcontext(), robustness_n=0)
    assert alone == tmp_path / "one" / "index.html"


def test_how_many_faces() -> None:
    assert (faces_asked("all"), faces_asked("0"), faces_asked("500")) == (None, 0, 500)
    with pytest.raises(MienError, match="--robustness -1: give a number of faces"):
        faces_asked("-1")
