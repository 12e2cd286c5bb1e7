"""`mien data balance --derive`: classes that action units say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from mien.datasets.emfacs import derive, with_emfacs
from mien.datasets.load import load_dataset
from mien.errors import MienError
from mien.labels import EMOTIONS

Mien = Callable[..., Result]
HAPPY = EMOTIONS.index("happiness")


def test_derived_emotions_are_evened_out(mien: Mien, faces: str, tmp_path: Path) -> None:
    out, gone = tmp_path / "even.csv", ["anger", "disgust", "fear", "contempt", "unlabelled"]
    words = ("--drop", ",".join(gone), "--to", "9", "--json")
    done = mien("balance", faces, "--out", out, "--derive", "emfacs", *words)
    assert done.exit_code == 0, done.output
    found = derive(load_dataset(out).in_split("Training"))
    assert np.unique(found, return_counts=True)[1].tolist() == [9, 9, 9]
    told = json.loads(done.stdout)
    assert told["scheme"] == "emfacs"
    assert told["after"]["classes"]["happiness"]["Training"] == 9


def test_happy_against_not_happy(mien: Mien, faces: str, tmp_path: Path) -> None:
    out = tmp_path / "even.csv"
    done = mien("balance", faces, "--out", out, "--derive", "emfacs-happiness", "--to", "min", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert list(told["after"]["classes"]) == ["not_happiness", "happiness"]
    happy = (derive(load_dataset(faces).in_split("Training")) == HAPPY).sum()
    trained = with_emfacs(load_dataset(out), "emfacs-happiness").in_split("Training").hard("emfacs-happiness")
    assert ((trained == HAPPY).sum(), (trained != HAPPY).sum()) == (happy, happy)
    assert told["before"]["classes"]["not_happiness"]["all"] == 200 - told["before"]["classes"]["happiness"]["all"]


def test_what_cannot_be(mien: Mien, faces: str, tmp_path: Path) -> None:
    for words, what in (
        (("--derive", "emfacs", "--labels", "ferplus"), "--derive and --labels"),
        (("--derive", "facs"), "facs: derive emfacs"),
        (("--derive", "emfacs-happy", "--drop", "fear"), "--drop fear: emfacs-happy knows one emotion"),
    ):
        done = mien("balance", faces, "--out", tmp_path / "a.csv", *words)
        assert isinstance(done.exception, MienError)
        with pytest.raises(MienError, match=what):
            raise done.exception
        assert not (tmp_path / "a.csv").exists()
