"""What is made of the toy world by a perfect generator, by one that does nothing, and by one between."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.evaluate.edits.toys import ToyEditor, ToyJudge, toy_faces

from mien.evaluate.edits.judge import Judge
from mien.evaluate.edits.made import Made, make
from mien.evaluate.edits.rows import chosen_rows
from mien.labels import SEVEN


@pytest.fixture(scope="session")
def made() -> Callable[..., Made]:
    """`made(skill=0.5, n=140, ladder=20)`: of a ToyEditor, on the 70 faces of the toys' test split."""

    def build(n: int = 140, ladder: int = 20, batch: int = 64, **editor: object) -> Made:
        rows = chosen_rows(toy_faces(n), SEVEN, None, None, trained_on="fer2013")
        judge = ToyJudge()
        return make(ToyEditor(**editor), rows, Judge("j", judge, SEVEN), judge, ladder=ladder, batch=batch)  # type: ignore[arg-type]

    return build
