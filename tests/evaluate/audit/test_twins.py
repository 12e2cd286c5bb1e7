"""Every pair once, the right row of it to leave out, and counts across splits."""

from __future__ import annotations

import numpy as np
import pytest

from mien.evaluate.audit import twins as module
from mien.evaluate.audit.twins import Twins, across_splits, exact_summary, find_twins, twin_findings
from mien.evaluate.duplicates import exact_groups


@pytest.fixture
def found(faces) -> Twins:
    return find_twins(exact_groups(faces), faces.pixels, faces.split)


def test_pairs_of_both_kinds_name_the_training_row_first(found: Twins) -> None:
    assert found.exact.tolist() == [[0, 45], [1, 46], [2, 47]]
    assert found.near.tolist() == [[3, 48], [4, 49]]
    assert ((found.score >= 0.78) & (found.score <= 1)).all()


def test_all_pairs_of_a_group_and_near_pairs_of_all_its_rows(faces) -> None:
    pixels = faces.pixels.copy()
    pixels[[10, 46]] = pixels[45]  # 0, 1, 10, 45 and 46 are one picture now, but for 1, which was that of 46
    pixels[20] = pixels[48]  # 3 has two near twins with the same pixels, one in Training
    found = find_twins(exact_groups(faces.replace(pixels=pixels)), pixels, faces.split)
    assert {tuple(pair) for pair in found.exact.tolist()} == {
        (0, 45), (10, 45), (46, 45), (0, 46), (10, 46), (10, 0), (2, 47), (20, 48),
    }  # fmt: skip
    assert {tuple(pair) for pair in found.near.tolist()} == {(3, 48), (20, 3), (4, 49)}


def test_leaving_out_the_first_of_each_pair_keeps_one_of_each_picture(faces) -> None:
    random = np.random.default_rng(0)
    group = random.integers(0, 20, 60)
    pixels = faces.pixels[group]
    found = find_twins(group, pixels, faces.split, near=False)
    left = np.setdiff1d(np.arange(60), found.exact[:, 0])
    assert sorted(group[left].tolist()) == np.unique(group).tolist()
    tested = [g for g in np.unique(group) if (faces.split[group == g] == "PrivateTest").any()]
    assert all(faces.split[left][group[left] == g] == "PrivateTest" for g in tested)


def test_a_large_group_lists_each_row_once(faces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_GROUP", 4)
    group = np.array([0] * 6 + [1, 2])
    pixels = np.stack([faces.pixels[g] for g in group])
    found = find_twins(group, pixels, np.repeat(["Training", "Test"], [5, 3]))
    assert found.exact.tolist() == [[0, 5], [1, 5], [2, 5], [3, 5], [4, 5]]


def test_two_large_groups_that_are_nearly_alike(faces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_GROUP", 4)
    group = np.repeat([0, 1], 5)
    bright = np.clip(faces.pixels[0].astype(int) * 0.8 + 40, 0, 255).astype(np.uint8)
    found = find_twins(group, np.stack([faces.pixels[0]] * 5 + [bright] * 5), np.full(10, "Training"))
    assert {tuple(pair) for pair in found.near.tolist()} == {(5, k) for k in range(5)} | {(k, 0) for k in range(6, 10)}


def test_two_labels_of_one_picture_are_a_finding_of_their_own(found: Twins, faces) -> None:
    labels = faces.hard("fer2013")
    assert [f.kind for f in twin_findings(found, labels)] == ["exact"] * 3 + ["near"] * 2
    labels[[46, 48]] = 6
    labels[47] = -1  # no label is no other label
    told = [(f.kind, f.row, f.twin, f.label, f.twin_label) for f in twin_findings(found, labels)]
    assert [t for t in told if t[0] == "label_conflict"] == [
        ("label_conflict", 1, 46, 1, 6), ("label_conflict", 3, 48, 3, 6),
    ]  # fmt: skip
    assert exact_summary(found, labels, faces.split) == {
        "groups": 3, "rows": 6, "largest": 2, "conflicting_groups": 1,
        "groups_by_splits": {"PrivateTest + Training": 3},
    }  # fmt: skip


def test_rows_with_a_twin_in_each_other_split(found: Twins, faces) -> None:
    told = across_splits(found, faces.split)
    assert told["PrivateTest"] == {"PublicTest": {"exact": 0, "near": 0}, "Training": {"exact": 3, "near": 2}}
    assert told["Training"]["PrivateTest"] == {"exact": 3, "near": 2}
    assert told["PublicTest"]["Training"] == {"exact": 0, "near": 0}


def test_a_near_twin_counts_where_there_is_no_exact_one_and_for_all_its_copies(faces) -> None:
    pixels = faces.pixels.copy()
    pixels[50] = pixels[48]  # nearly 3 as well, by its copy
    pixels[5] = np.clip(pixels[0].astype(int) * 0.8 + 40, 0, 255)  # 45 has 0 exactly and 5 nearly
    found = find_twins(exact_groups(faces.replace(pixels=pixels)), pixels, faces.split)
    told = across_splits(found, faces.split)
    assert told["PrivateTest"]["Training"] == {"exact": 3, "near": 3}


def test_without_a_search_for_near_ones_none_are_counted(faces) -> None:
    found = find_twins(exact_groups(faces), faces.pixels, faces.split, near=False)
    assert len(found.near) == 0
    assert across_splits(found, faces.split)["PrivateTest"]["Training"] == {"exact": 3}
