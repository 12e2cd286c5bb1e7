"""What AffectNet's releases have in common."""

from __future__ import annotations

import numpy as np
import pytest

from mien.datasets.affectnet import affectnet
from mien.labels import EMOTIONS


def test_codes_and_what_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    codes = np.arange(11)
    affect = np.full((11, 2), 0.5, np.float32)
    affect[3] = -2  # an emotion without valence and arousal
    files = np.array([f"{i}.jpg" for i in range(11)])
    box = np.arange(44, dtype=np.float32).reshape(11, 4)
    faces = affectnet(files, np.full(11, "Training"), codes, affect, box)
    expected = ["neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt"]
    assert [EMOTIONS[i] for i in faces.hard("affectnet")] == expected
    assert np.isnan(faces.targets["valence"]).tolist() == [False] * 3 + [True] + [False] * 4
    assert faces.targets["arousal"].dtype == np.float32
    assert faces.box is not None
    assert len(faces.box) == 8
    assert faces.row.tolist() == list(range(8))
    assert "3 of 11 AffectNet rows left out" in capsys.readouterr().err
    affectnet(files[:2], np.full(2, "Training"), codes[:2], affect[:2])
    assert capsys.readouterr().err == ""
