"""AffectNet as ESR-9 and OpenDR prepare it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.datasets.load import load_dataset
from mien.errors import MienError


def make(root: Path) -> Path:
    for name in (
        "Training_Labeled/0/0000012s1s653s-120.jpg",
        "Training_Labeled/0/0000013s8s-2000s-2000.jpg",
        "Training_Labeled/1/0000500s7s-653s653.jpg",
        "Training_Unlabeled/0/0000014s11s0s0.jpg",
        "Validation/0/0000003s0s0s-1000.jpg",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"nobody opens this")
    return root


def test_labels_in_the_names(tmp_path: Path) -> None:
    faces = load_dataset(make(tmp_path), labels="affectnet")
    assert faces.split.tolist() == ["Training", "Training", "Validation"]
    assert faces.hard("affectnet").tolist() == [3, 7, 6]
    assert faces.targets["valence"].tolist() == pytest.approx([0.653, -0.653, 0])
    assert faces.targets["arousal"].tolist() == pytest.approx([-0.12, 0.653, -1])
    assert faces.paths is not None
    assert faces.paths[1] == str(tmp_path / "Training_Labeled/1/0000500s7s-653s653.jpg")


def test_a_picture_more_is_another_content(tmp_path: Path) -> None:
    before = load_dataset(make(tmp_path))
    (tmp_path / "Validation/0/0000004s2s10s10.jpg").write_bytes(b"")
    after = load_dataset(tmp_path)
    assert len(after) == len(before) + 1
    assert after.content != before.content


def test_names_with_underscores_as_described_elsewhere(tmp_path: Path) -> None:
    (make(tmp_path) / "Validation/0/0000004_2_10_10.jpg").write_bytes(b"")
    with pytest.raises(MienError, match=r"row 4: Validation/0/0000004_2_10_10.jpg: its name does not hold its labels"):
        load_dataset(tmp_path)
    (tmp_path / "Validation/0/0000004_2_10_10.jpg").rename(tmp_path / "Validation/0/0000004s12s10s10.jpg")
    with pytest.raises(MienError, match="does not hold its labels"):
        load_dataset(tmp_path)
