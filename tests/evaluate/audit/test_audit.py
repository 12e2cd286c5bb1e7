"""All of it together, on faces of which everything is known."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.audit import audit as module
from mien.evaluate.audit.audit import audit
from mien.evaluate.audit.finding import Finding


@pytest.fixture
def spoilt(faces) -> FaceSet:
    """Row 46 has another label than its twin 1, row 30 is black."""
    pixels, target = faces.pixels.copy(), faces.targets["fer2013"].copy()
    pixels[30] = 0
    target[46] = [*np.roll(target[46][:7], 1).tolist(), np.nan]
    return faces.replace(pixels=pixels, targets={**faces.targets, "fer2013": target})


def told(findings) -> list[tuple[str, int, int]]:
    return [(f.kind, f.row, f.twin) for f in findings]


ALL = [
    ("exact", 0, 45), ("exact", 1, 46), ("exact", 2, 47), ("near", 3, 48), ("near", 4, 49),
    ("label_conflict", 1, 46), ("blank", 30, -1), ("suspect_label", 46, -1), ("suspect_label", 52, -1),
    ("not_a_face", 53, -1),
]  # fmt: skip


def test_everything_that_is_there_is_found_and_nothing_else(spoilt: FaceSet) -> None:
    found = audit(spoilt, "fer2013")
    assert told(found.findings) == ALL
    assert found.summary["n"] == 60
    assert found.summary["splits"] == {"PrivateTest": 15, "PublicTest": 15, "Training": 30}
    assert found.summary["findings"] == {
        "exact": 3, "near": 2, "label_conflict": 1, "blank": 1, "suspect_label": 2, "not_a_face": 1,
    }  # fmt: skip
    assert found.summary["rows_to_leave_out"] == 9
    assert found.summary["pairs"] == 5
    assert found.summary["exact"]["conflicting_groups"] == 1
    assert found.summary["twins_in_other_splits"]["PrivateTest"]["Training"] == {"exact": 3, "near": 2}
    assert found.summary["agreement_with_votes"]["n"] == 59
    assert found.summary["suspects_by_source"] == {"votes": 2}
    assert found.summary["confident_learning"] is None
    assert found.summary["drift"]["brightness"]["splits"].keys() == found.summary["splits"].keys()


def test_only_the_kinds_that_are_wanted(spoilt: FaceSet) -> None:
    assert told(audit(spoilt, "fer2013", kinds=("blank", "label_conflict")).findings) == [ALL[5], ALL[6]]
    with pytest.raises(MienError, match="unknown kind 'ner': choose from exact, near"):
        audit(spoilt, "fer2013", kinds=("ner",))


def test_excluded_rows_are_not_looked_at_and_the_others_keep_their_numbers(spoilt: FaceSet, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("row\n0\n1\n30\n48\n")
    found = audit(spoilt, "fer2013", exclude=tmp_path / "f.csv")
    assert told(found.findings) == [ALL[2], ALL[4], *ALL[7:]]
    assert (found.summary["n"], found.summary["excluded"]) == (56, 4)
    (tmp_path / "all.csv").write_text("row\n" + "\n".join(map(str, range(60))))
    with pytest.raises(MienError, match="no rows left"):
        audit(spoilt, "fer2013", exclude=tmp_path / "all.csv")


def test_without_labels_pictures_alone_are_looked_at(spoilt: FaceSet) -> None:
    bare = spoilt.replace(targets={}, votes=None, split=np.full(60, ""))
    found = audit(bare)
    assert told(found.findings) == [
        ("exact", 45, 0), ("exact", 46, 1), ("exact", 47, 2), ("near", 48, 3), ("near", 49, 4), ("blank", 30, -1),
    ]  # fmt: skip
    assert found.summary["drift"] is None
    assert found.summary["agreement_with_votes"] is None
    assert all(f.label == -1 for f in found.findings)


def test_pictures_in_files_of_several_sizes(spoilt: FaceSet, tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{row}.png") for row in range(60)]
    for row, path in enumerate(paths):
        size = 96 if row == 4 else 48  # its mirrored twin stays small
        cv2.imwrite(path, cv2.resize(spoilt.pixels[row], (size, size), interpolation=cv2.INTER_LINEAR))
    found = audit(spoilt.replace(pixels=None, paths=np.array(paths)), "fer2013")
    assert told(found.findings) == ALL


def test_two_faces_cut_from_one_picture_are_no_copies(tmp_path: Path, make_face) -> None:
    path = str(tmp_path / "two.png")
    cv2.imwrite(path, np.hstack([make_face(1), make_face(2)]))
    box = np.array([[0, 0, 48, 48], [48, 0, 96, 48], [48, 0, 96, 48]], np.float32)
    faces = FaceSet("t", paths=np.array([path] * 3), box=box)
    assert told(audit(faces).findings) == [("exact", 2, 1)]


def test_a_label_that_votes_and_learning_doubt_stands_once(spoilt: FaceSet, monkeypatch: pytest.MonkeyPatch) -> None:
    learnt = [Finding("suspect_label", row, 0.9, -1, 0, 3, "confident learning") for row in (10, 52)]
    monkeypatch.setattr(module, "_errors", lambda *_: learnt)
    monkeypatch.setattr(module, "_of_rows", lambda *_: None)
    monkeypatch.setattr(module, "error_summary", lambda *_: {"found": 2})
    found = audit(spoilt, "fer2013", probabilities=object())  # type: ignore[arg-type]
    assert told(found.findings)[7:10] == [("suspect_label", row, -1) for row in (10, 46, 52)]
    assert found.summary["suspects_by_source"] == {
        "confident learning": 1, "votes": 1, "votes and confident learning": 1,
    }  # fmt: skip
    assert found.summary["confident_learning"] == {"found": 2}


def test_progress_ends_where_it_should(spoilt: FaceSet) -> None:
    seen: dict[str, tuple[int, int]] = {}
    audit(spoilt, "fer2013", progress=lambda name, done, total: seen.update({name: (done, total)}))
    assert seen == {"pictures": (60, 60), "near duplicates": (100, 100)}


def test_made_pictures_are_not_looked_at(spoilt: FaceSet) -> None:
    made_from = np.full(60, -1)
    made_from[45:48] = [0, 1, 2]  # else twins of these
    found = audit(spoilt.replace(made_from=made_from), "fer2013")
    assert [row for row in told(found.findings) if 45 <= row[2] < 48] == []
    assert ("near", 3, 48) in told(found.findings)
    assert found.summary["n"] == 57
    with pytest.raises(MienError, match="made pictures; audit the data set that they were made from"):
        audit(spoilt.replace(made_from=np.arange(60)), "fer2013")
