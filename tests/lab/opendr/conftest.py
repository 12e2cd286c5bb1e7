"""Narrow networks, and faces that are written once."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tests.lab.opendr.prepared_faces import NARROW, write_faces


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that a learner makes have few channels."""
    if find_spec("torch") is not None:
        monkeypatch.setattr("mien.lab.opendr.learner.WIDTHS", NARROW)


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 training and 24 validation faces, not to be changed."""
    return write_faces(tmp_path_factory.mktemp("affectnet"))


@pytest.fixture(scope="session")
def fitted(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A learner whose two branches were fitted to categories and then to valence and arousal; not to be changed."""
    pytest.importorskip("torch")
    from mien.lab.opendr.learner import FacialEmotionLearner

    home = tmp_path_factory.mktemp("fitted")
    learner = FacialEmotionLearner(
        device="cpu", temp_path=str(home / "tmp"), batch_size=8, max_training_epoch=2, ensemble_size=2, lr=0.05,
        base_path_experiment=str(home), categorical_train=True, base_path_to_dataset=str(faces), max_tuning_epoch=1,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mien.lab.opendr.learner.WIDTHS", NARROW)
        patch.setenv("MIEN_CACHE", str(home / "cache"))
        learner.fit(verbose=False)
    return learner
