from __future__ import annotations

import numpy as np

from mien.evaluate.units.one_head import OneHead
from mien.labels import EMOTIONS, SEVEN
from mien.model_spec import Head


def test_a_head_alone_answers_with_its_columns(knowing) -> None:
    crops = np.full((3, 8, 8, 1), np.array([4, 9, 200])[:, None, None, None], np.uint8)
    for name, columns in (("emotion", slice(0, 7)), ("units", slice(7, 13)), ("affect", slice(16, 18))):
        alone = OneHead(knowing, knowing.spec.head(name))
        assert [head.name for head in alone.spec.heads] == [name]
        np.testing.assert_array_equal(alone.logits(crops), knowing.table[[4, 9, 200], columns])


def test_of_emotions_beside_units_the_emotions_are_left(knowing) -> None:
    both = Head("both", "emotion_units", ("AU06", *SEVEN, "AU12"), "fer2013", "sigmoid")
    model = knowing.with_(heads=(Head("first", "emotion", EMOTIONS, "ferplus"), both), branches=3)
    alone = OneHead(model, both)
    assert alone.head == Head("both emotions", "emotion", SEVEN, "fer2013", "softmax")
    assert alone.spec.branches == 0
    crops = np.full((1, 8, 8, 1), 7, np.uint8)
    np.testing.assert_array_equal(alone.logits(crops), knowing.table[[7], 9:16])
