"""What there is to prepare."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mien.datasets.affectnet_prepare_rows import Rows

ROWS = Rows(
    split="Training",
    source="training.csv",
    folders=("Manually_Annotated_Images",),
    number=np.arange(2),
    paths=["a.jpg", "b.jpg"],
    codes=np.array([1, 2]),
    affect=np.array([[0.5, -0.5], [-2, -2]]),
    box=np.array([[1.0, 2, 3, 4]] * 2),
)


def test_the_digest_knows_pictures_labels_and_boxes() -> None:
    changed = [
        replace(ROWS, paths=["a.jpg", "c.jpg"]),
        replace(ROWS, codes=np.array([1, 3])),
        replace(ROWS, affect=np.array([[0.5, -0.4], [-2, -2]])),
        replace(ROWS, box=np.array([[1.0, 2, 3, 4], [1, 2, 3, 5]])),
        replace(ROWS, number=np.array([0, 2])),
    ]
    assert len({rows.digest() for rows in [ROWS, *changed]}) == 6
    assert replace(ROWS, folders=("elsewhere",)).digest() == ROWS.digest()  # pictures may move
    assert len(ROWS) == 2


def test_the_later_release_may_grow() -> None:
    assert replace(ROWS, box=None).digest() == replace(ROWS, box=None, number=np.array([0, 2])).digest() == ""
