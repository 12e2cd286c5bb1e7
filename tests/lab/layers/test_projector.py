from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from mien.lab.layers.projector import Projector  # noqa: E402


def test_parameters_are_those_of_the_paper_s_resnet18_study() -> None:
    """EmotionGAN's study: 788,736 parameters project 512 to 256 over 1024, 526,592 foretell."""
    assert sum(p.numel() for p in Projector(512, 1024, 256).parameters()) == 788_736
    assert sum(p.numel() for p in Projector(256, 1024, 256).parameters()) == 526_592


def test_projects_each_face() -> None:
    assert Projector(6, 8, 4)(torch.randn(5, 6)).shape == (5, 4)
