from __future__ import annotations

from pathlib import Path

import pytest
from tests.datasets.affectnet_miniature import raw_release

from mien.opendr import datasets


def test_a_release_is_prepared_and_read(tmp_path: Path) -> None:
    """Eleven rows of all codes to learn from, eight of them emotions, and two for validation."""
    pytest.importorskip("torch")
    release = raw_release(tmp_path / "release")
    out = str(tmp_path / "out")
    for set_index in (0, 1, 2):
        datasets.pre_process_affect_net(str(release), str(release), out, set_index)
    for idx_set, labels in ((0, range(8)), (1, [6]), (2, [7, 0])):
        found = datasets.AffectNetCategorical(
            idx_set=idx_set, is_norm_by_mean_std=False, base_path_to_affectnet=out
        )  # fmt: skip
        assert sorted(label for _, label in found) == sorted(labels)  # type: ignore[attr-defined]
    face, affect = datasets.AffectNetDimensional(2, base_path_to_affectnet=out)[0]
    assert tuple(face.shape) == (3, 96, 96)
    assert affect.tolist() == pytest.approx([-0.653, 0.653])


def test_other_names() -> None:
    with pytest.raises(AttributeError, match=r"'mien\.opendr\.datasets' has no attribute 'AffectNet'"):
        datasets.AffectNet  # noqa: B018
