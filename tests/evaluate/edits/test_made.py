"""Edits are made a few at a time, and what is kept of them stands in its place."""

from __future__ import annotations

import numpy as np
from tests.evaluate.edits.toys import ToyEditor, ToyJudge, toy_faces

from mien.evaluate.edits.judge import Judge
from mien.evaluate.edits.made import make
from mien.evaluate.edits.rows import chosen_rows
from mien.labels import SEVEN


def test_shapes_and_places(made) -> None:
    m = made()
    assert m.full.shape == (70, 7, 7)
    assert (m.full.argmax(axis=2) == np.arange(7)).all()
    assert (m.plain.argmax(axis=1) == m.own).all()
    assert m.ladder.shape == (20, 7, 11)
    assert len(np.unique(m.climbed)) == 20
    assert m.features.shape == (70, 7, m.real.shape[1])
    assert np.allclose(m.ladder[:, :, -1], m.full[m.climbed][:, range(7), range(7)])
    neutral = SEVEN.index("neutral")
    assert np.allclose(m.ladder[:, :, 0], m.full[m.climbed][:, neutral])
    assert (m.l1 == 0).all()
    assert np.isfinite(m.psnr).all()


def test_shown_faces_take_turns_by_emotion(made) -> None:
    m = made()
    assert m.shown.shape == (8, 12, 12, 1)
    assert m.pictures.shape == (8, 7, 12, 12, 1)
    lit = m.shown[:, :6, :, 0].mean(axis=1).argmax(axis=1)
    assert len(np.unique(lit[m.shown[:, :6].any(axis=(1, 2, 3))])) == 6  # and neutral, which lights nothing
    assert (m.pictures[:, :, 6:] == m.shown[:, None, 6:]).all()


def test_batches_change_nothing_and_bound_what_is_edited_at_once() -> None:
    rows, judge = chosen_rows(toy_faces(140), SEVEN, None, None, trained_on="fer2013"), ToyJudge()
    found, told = [], []
    for batch in (9, 64):
        editor = ToyEditor()
        verdict = Judge("j", judge, SEVEN)
        found.append(make(editor, rows, verdict, judge, ladder=11, batch=batch, progress=lambda *at: told.append(at)))
        assert max(editor.batches) <= batch
        assert told[-1][0] == told[-1][1] == sum(editor.batches)
    for name in ("full", "ladder", "features", "shown", "pictures", "climbed"):
        assert np.array_equal(getattr(found[0], name), getattr(found[1], name)), name
