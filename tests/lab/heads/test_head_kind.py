from __future__ import annotations

import pytest

pytest.importorskip("torch")

from mien.errors import MienError
from mien.lab.heads.head_kind import kind_of, names
from mien.model_spec import KINDS


def test_every_kind_that_is_learnt_is_one_that_models_may_have() -> None:
    assert set(names()) | {"classes"} == set(KINDS)


def test_merged_classes_are_an_emotion_heads() -> None:
    assert kind_of("classes") is kind_of("emotion")
    with pytest.raises(MienError, match=r"heads\.kind = 'mood', expected .*emotion"):
        kind_of("mood")
    assert all(kind_of(name).losses for name in names())
    assert all(kind_of(name).metrics for name in names())
