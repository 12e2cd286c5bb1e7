"""AffectNet prepared: the published layout, and the same labels when it is read again."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.affectnet_miniature import (
    Row,
    later_release,
    portrait,
    raw_release,
    shows_the_face,
    table,
    tree,
)  # fmt: skip

from mien.datasets.affectnet_prepare import pre_process_affect_net, prepare
from mien.datasets.load import load_dataset
from mien.errors import MienError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return raw_release(tmp_path / "AffectNet")


def skips(out: Path) -> list[list[str]]:
    with (out / "prepare-affectnet.csv").open(newline="") as file:
        return list(csv.reader(file))[1:]


def pictures(out: Path) -> list[str]:
    return sorted(name for name in tree(out) if name.endswith(".jpg"))


def test_names_folders_and_the_right_pixels(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = prepare(root, out)
    assert pictures(out) == [
        "Training_Labeled/0/0000000s0s-500s333.jpg",
        "Training_Labeled/0/0000001s1s-400s333.jpg",
        "Training_Labeled/0/0000002s2s-300s333.jpg",
        "Training_Labeled/0/0000003s3s-199s333.jpg",  # 0.1 * 3 - 0.5 is -0.19999999999999996, cut off
        "Training_Labeled/0/0000004s4s-99s333.jpg",
        "Training_Labeled/0/0000005s5s0s333.jpg",
        "Training_Labeled/0/0000006s6s100s333.jpg",
        "Training_Labeled/0/0000007s7s200s333.jpg",
        "Training_Labeled/0/0000008s8s300s333.jpg",
        "Training_Labeled/0/0000009s9s-2000s-2000.jpg",
        "Training_Labeled/0/0000010s10s-2000s-2000.jpg",
        "Training_Unlabeled/0/0000000s6s250s-500.jpg",
        "Validation/0/0000000s7s-653s653.jpg",
        "Validation/0/0000001s0s0s0.jpg",
    ]
    assert all(shows_the_face(out / name) for name in pictures(out))
    assert (found.made, found.kept, found.skipped, found.faults) == (14, 0, {}, 0)
    assert skips(out) == []


def test_labels_are_those_of_the_release(root: Path, tmp_path: Path) -> None:
    prepare(root, tmp_path / "out")
    made, raw = load_dataset(tmp_path / "out"), load_dataset(root)
    raw = raw.in_split("Training", "Validation")  # nobody learns emotions from what a machine said
    assert made.split.tolist() == raw.split.tolist()
    assert made.hard("affectnet").tolist() == raw.hard("affectnet").tolist()
    for name in ("valence", "arousal"):
        assert np.abs(made.targets[name] - raw.targets[name]).max() < 0.0011  # cut off after three places


def test_the_same_pixels_as_from_the_release_itself(root: Path, tmp_path: Path) -> None:
    from mien.evaluate.pixels import crops

    prepare(root, tmp_path / "out", side=48)
    made = load_dataset(tmp_path / "out").in_split("Validation")
    raw = load_dataset(root).in_split("Validation")
    ours, theirs = (next(crops(faces, 48, 48, "rgb")).astype(np.int64) for faces in (made, raw))
    assert np.abs(ours - theirs).mean() < 3  # of 255; what JPEG changes


def test_skipped_rows_with_their_reasons(root: Path, tmp_path: Path) -> None:
    out, images = tmp_path / "out", root / "Manually_Annotated_Images"
    rows = [
        Row("0/a0.jpg", 0),
        Row("0/gone.jpg", 1),
        Row("0/text.jpg", 2),
        Row("0/cut.jpg", 3),
        Row("1/a1.jpg", 4, box=("NULL", "NULL", "NULL", "NULL")),
        Row("1/a1.jpg", 5, box=(10, 10, 0, 30)),
        Row("1/a1.jpg", 6, box=(160, 20, 30, 60)),
        Row("1/a1.jpg", 9, -2, -2),
        Row("1/a1.jpg", "happy"),
        Row("1/a3.jpg", 7, "NULL", ""),
    ]
    table(root / "training.csv", rows)
    (images / "0" / "text.jpg").write_text("no picture at all")
    whole = (images / "0" / "a0.jpg").read_bytes()
    (images / "0" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    found = prepare(root, out, split="training", emotions_only=True)
    told = [row[:4] for row in skips(out)]
    assert told == [
        ["training.csv", "1", "0/gone.jpg", "missing"],
        ["training.csv", "2", "0/text.jpg", "unreadable"],
        ["training.csv", "3", "0/cut.jpg", "unreadable"],
        ["training.csv", "4", "1/a1.jpg", "no_box"],
        ["training.csv", "5", "1/a1.jpg", "no_box"],
        ["training.csv", "6", "1/a1.jpg", "box_outside"],
        ["training.csv", "7", "1/a1.jpg", "label"],
        ["training.csv", "8", "1/a1.jpg", "broken_row"],
    ]
    assert "cut short" in skips(out)[2][4]
    assert found.skipped == {"missing": 1, "unreadable": 2, "no_box": 2, "box_outside": 1, "broken_row": 1, "label": 1}
    assert found.faults == 7
    # ids are the table's rows, so that those that follow a gap do not move when it is filled
    assert [Path(name).name for name in pictures(out)] == ["0000000s0s250s-500.jpg", "0000009s7s-2000s-2000.jpg"]
    assert np.isnan(load_dataset(out).targets["valence"][1])
    portrait(images / "0" / "gone.jpg")
    again = prepare(root, out, split="training", emotions_only=True)
    assert (again.made, again.kept, again.skipped["unreadable"]) == (1, 2, 2)
    assert "missing" not in again.skipped


def test_the_report_keeps_what_other_sets_lacked(root: Path, tmp_path: Path) -> None:
    (root / "Manually_Annotated_Images" / "0" / "a2.jpg").unlink()
    (root / "Manually_Annotated_Images" / "2" / "v1.jpg").unlink()
    for split in ("training", "validation", "training"):
        prepare(root, tmp_path / "out", split=split)
    assert sorted(row[:2] for row in skips(tmp_path / "out")) == [["training.csv", "2"], ["validation.csv", "1"]]


def test_validation_alone_can_be_read(root: Path, tmp_path: Path) -> None:
    prepare(root, tmp_path / "out", split="validation")
    assert load_dataset(tmp_path / "out").split.tolist() == ["Validation"] * 2


def test_stopped_in_the_middle_it_goes_on_to_the_same_files(root: Path, tmp_path: Path) -> None:
    rows = [Row(f"0/a{2 * (i % 5)}.jpg", i % 8, round(i / 300, 4), -i / 300) for i in range(300)]
    rows[70] = Row("0/gone.jpg")
    table(root / "training.csv", rows)
    prepare(root, tmp_path / "whole")

    def stop(done: int, total: int) -> None:
        assert total == 303
        if done >= 128:
            raise KeyboardInterrupt

    stopped = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        prepare(root, stopped, progress=stop)
    before = pictures(stopped)
    assert 100 < len(before) < 300
    # what a machine that lost its power leaves: a face without its end, one without content, a file of another name
    (stopped / before[3]).write_bytes((stopped / before[3]).read_bytes()[:-10])
    (stopped / before[4]).write_bytes(b"")
    (stopped / before[5]).unlink()
    (stopped / before[5]).with_name(f".{Path(before[5]).name}.part").write_bytes(b"half")
    times = {name: (stopped / name).stat().st_mtime_ns for name in before if name not in before[3:6]}
    found = prepare(root, stopped)
    assert tree(stopped) == tree(tmp_path / "whole")
    assert found.kept == len(times)
    assert {name: (stopped / name).stat().st_mtime_ns for name in times} == times  # not made again


def test_two_processes_make_the_same_files(root: Path, tmp_path: Path) -> None:
    rows = [Row(f"0/a{2 * (i % 5)}.jpg", i % 8, i / 200) for i in range(200)]
    rows[150] = Row("0/gone.jpg")
    table(root / "training.csv", rows)
    one, two = (prepare(root, tmp_path / name, workers=n) for name, n in (("one", 1), ("two", 2)))
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert "Training_Labeled/0/0000199s7s995s-500.jpg" in tree(tmp_path / "two")
    assert (one.made, one.skipped) == (two.made, two.skipped)


def test_the_later_release(tmp_path: Path) -> None:
    root, out = tmp_path / "AffectNet8", tmp_path / "out"
    later_release(
        root,
        [
            ("train_set", 12, "3", "0.653", "-0.1209"), ("train_set", 1007, "6", "-0.5", ""),
            ("val_set", 3, "7", "0", "1"), ("val_set", 4, "11", "0", "0"), ("val_set", 5, "1", "0", "0"),
        ],
    )  # fmt: skip
    (root / "val_set" / "annotations" / "5_exp.npy").unlink()
    found = prepare(root, out, newer=True)
    assert pictures(out) == [
        "Training_Labeled/0/0000012s3s653s-120.jpg",  # of 0.653 as float32 it would be 652
        "Training_Labeled/2/0001007s6s-500s-2000.jpg",
        "Validation/0/0000003s7s0s1000.jpg",
    ]
    assert all(shows_the_face(out / name) for name in pictures(out))
    assert [row[:4] for row in skips(out)] == [
        ["val_set", "1", "4.jpg", "broken_row"], ["val_set", "2", "5.jpg", "broken_row"],
    ]  # fmt: skip
    assert found.faults == 2
    later_release(root, [("train_set", 13, "3", "0", "0"), ("val_set", 5, "1", "0", "0")])  # unpacked in two parts
    again = prepare(root, out)
    assert (again.made, again.kept, again.faults) == (2, 3, 1)
    (root / "val_set" / "images" / "4.jpg").unlink()
    made, raw = load_dataset(out).in_split("Training"), load_dataset(root).in_split("Training")
    order = np.argsort([int(Path(path).stem) for path in raw.file])
    assert made.hard("affectnet").tolist() == raw.hard("affectnet")[order].tolist()


def test_tables_of_other_names_and_places(root: Path, tmp_path: Path) -> None:
    other = table(tmp_path / "lists" / "selection.csv", [Row("2/v0.png", 7)])
    found = prepare(root, tmp_path / "out", table=other, split="validation")
    assert pictures(tmp_path / "out") == ["Validation/0/0000000s7s250s-500.jpg"]
    assert found.to_dict()["sets"]["validation"]["source"] == "selection.csv"
    (root / "training.csv").rename(root / "Manually_training.csv")
    (root / "validation.csv").rename(root / "Manually_validation.csv")
    assert prepare(root, tmp_path / "esr").made == 14


def test_what_cannot_be(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(MienError, match="no such folder"):
        prepare(tmp_path / "nowhere", out)
    with pytest.raises(MienError, match="set 'test': one of training, validation, automatic"):
        prepare(root, out, split="test")
    with pytest.raises(MienError, match="no train_set/annotations or val_set/annotations"):
        prepare(root, out, newer=True)
    with pytest.raises(MienError, match=r"no table \(training.csv"):
        prepare(tmp_path, out)
    with pytest.raises(MienError, match="numbers of 1 or more"):
        prepare(root, out, side=0)
    assert not out.exists()
    table(root / "Manually_training.csv", [Row("0/a0.jpg")])
    with pytest.raises(
        MienError, match=r"Manually_training.csv and training.csv are both of Training: name one by --csv"
    ):
        prepare(root, out)
    with pytest.raises(MienError, match=r"training.csv: no face of 2 rows \(missing 2"):
        prepare(root, out, table=table(tmp_path / "training.csv", [Row("0/x.jpg"), Row("0/y.jpg")]))
    assert len(skips(out)) == 2


@pytest.mark.parametrize("extracted", [True, False])
def test_opendr_function(extracted: bool, root: Path, tmp_path: Path) -> None:
    out, lists = tmp_path / "out", tmp_path / "lists"
    lists.mkdir()
    for name in ("training.csv", "validation.csv", "automatically_annotated.csv"):
        (root / name).rename(lists / name)
    if extracted:
        for kind in ("Manually", "Automatically"):
            flat = root / f"{kind}_Annotated_extracted"
            flat.mkdir()
            for path in (root / f"{kind}_Annotated_Images").rglob("*.*"):
                path.rename(flat / path.name)
    counts = [pre_process_affect_net(root, lists, out, index).made for index in range(3)]
    assert counts == [1, 11, 2]
    found = pictures(out)
    assert [name.split("/")[0] for name in found] == ["Training_Labeled"] * 11 + ["Training_Unlabeled"] + [
        "Validation"
    ] * 2
    assert all(shows_the_face(out / name) for name in found)  # the box has the middle of the square's width
    with pytest.raises(MienError, match="set_index 3"):
        pre_process_affect_net(root, lists, out, 3)
    with pytest.raises(MienError, match=r"no training.csv"):
        pre_process_affect_net(root, root, out, 1)
