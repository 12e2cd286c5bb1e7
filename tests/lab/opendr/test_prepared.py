from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mien.errors import MienError
from mien.lab.opendr.prepared import draw, read_names


def touch(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def test_labels_are_in_the_names_and_folders_are_numbers(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "Validation/10/0005000s7s-653s653.jpg",
        "Validation/2/0001000s10s-2000s-2000.jpg",
        "Validation/2/0000999s0s0s-5.jpg",
        "Validation/2/.0000998s0s0s0.jpg.part",
        "Validation/notes/read.me",
    )
    found = read_names(tmp_path, 2)
    assert [path.name[:7] for path in found.paths] == ["0000999", "0001000", "0005000"]
    assert found.codes.tolist() == [0, 10, 7]
    np.testing.assert_allclose(found.affect, [[0, -0.005], [-2, -2], [-0.653, 0.653]], atol=1e-6)


@pytest.mark.parametrize(("idx_set", "folder"), [(0, "Training_Labeled"), (1, "Training_Unlabeled"), (2, "Validation")])
def test_the_numbers_of_the_sets(tmp_path: Path, idx_set: int, folder: str) -> None:
    touch(tmp_path, f"{folder}/0/0000000s3s1s1.jpg")
    assert read_names(tmp_path, idx_set).codes.tolist() == [3]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(MienError, match=r"idx_set 3: 0 \(labelled\)"):
        read_names(tmp_path, 3)
    with pytest.raises(MienError, match="Training_Labeled: no such folder; `mien data prepare-affectnet`"):
        read_names(tmp_path, 0)
    touch(tmp_path, "Validation/0/0000000_7_-653_653.jpg")  # as OpenDR's page has it
    with pytest.raises(MienError, match="does not hold its labels"):
        read_names(tmp_path, 2)


def test_a_draw() -> None:
    groups = np.array([0, 1, -1, 0, 1, 0, 0, -1])
    assert draw(groups, 2, None).tolist() == [0, 1, 3, 4]
    assert draw(groups, 9, None).tolist() == [0, 1, 3, 4, 5, 6]
    drawn = [draw(groups, 2, seed) for seed in range(20)]
    assert all(sorted(groups[rows].tolist()) == [0, 0, 1, 1] for rows in drawn)
    assert {row for rows in drawn for row in rows.tolist()} == {0, 1, 3, 4, 5, 6}
    assert draw(groups, 2, 7).tolist() == draw(groups, 2, 7).tolist()
    assert len(draw(np.full(3, -1), 2, 0)) == 0
