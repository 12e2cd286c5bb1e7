"""`mien data`: the group, and what its commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from mien.cli.data.labels import dropped, kept_rows, labelled_schemes, scheme_of
from mien.datasets.load import load_dataset
from mien.errors import MienError

Mien = Callable[..., Result]


def test_help_lists_the_commands(mien: Mien) -> None:
    done = mien("--help")
    for name in ("info", "split", "balance"):
        assert name in done.stdout


def test_which_labels(faces: str) -> None:
    found = load_dataset(faces)
    assert labelled_schemes(found) == ["synthetic", "ferplus"]
    assert scheme_of(found, None, None) == "synthetic"
    assert scheme_of(found, None, Path("votes.csv")) == "ferplus"
    assert scheme_of(found, "ferplus", None) == "ferplus"
    with pytest.raises(MienError, match="no fer2013 labels"):
        scheme_of(found, "fer2013", None)


def test_what_is_left_out(faces: str) -> None:
    assert dropped(["Disgusted, happy", "unlabelled"]) == ["disgust", "happiness", "unlabelled"]
    found = load_dataset(faces)
    labels = found.hard("ferplus")[kept_rows(found, "ferplus", ["disgust", "unlabelled"])]
    assert set(np.unique(labels).tolist()) == {0, 2, 3, 4, 5, 6, 7}
