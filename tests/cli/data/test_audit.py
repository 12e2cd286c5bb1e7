"""`mien data audit`: files, exit codes, and what the other commands make of findings.csv."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import Result

from mien.datasets.load import load_dataset
from mien.errors import MienError

Mien = Callable[..., Result]


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Folders train/ and test/ with four faces each; one of train/ stands in test/ too, under another emotion."""
    drawn = load_dataset("synthetic:n=8,seed=3").pixels
    assert drawn is not None
    for row, picture in enumerate(drawn):
        split, emotion = ("train", "test")[row // 4], ("happy", "sad")[row % 2]
        (tmp_path / "set" / split / emotion).mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(tmp_path / "set" / split / emotion / f"{row}.png")
    Image.fromarray(drawn[0]).save(tmp_path / "set" / "test" / "sad" / "copy.png")
    return tmp_path / "set"


def test_files_and_exit_code_one_then_excluded_and_zero(mien: Mien, copies: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = mien("audit", copies, "--out", out, "--kinds", "exact,label_conflict", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert {p.name for p in out.iterdir()} == {"findings.csv", "index.html", "audit.json"}
    assert json.loads((out / "audit.json").read_text()) == told
    assert (told["n"], told["findings"]["exact"], told["findings"]["label_conflict"]) == (9, 1, 1)
    with (out / "findings.csv").open() as file:
        rows = list(csv.DictReader(file))
    faces = load_dataset(copies)
    assert [r["kind"] for r in rows] == ["exact", "label_conflict"]
    assert (rows[0]["split"], rows[0]["twin_split"]) == ("Training", "Test")
    assert (rows[0]["label"], rows[0]["twin_label"]) == ("happiness", "sadness")
    assert faces.file[int(rows[0]["row"])].endswith("0.png")
    assert faces.file[int(rows[0]["twin"])].endswith("copy.png")

    again = mien("audit", copies, "--out", out, "--kinds", "exact", "--exclude", out / "findings.csv", "--quiet")
    assert (again.exit_code, again.stdout) == (0, "")


def test_the_other_commands_take_the_findings(mien: Mien, copies: Path, tmp_path: Path) -> None:
    mien("audit", copies, "--out", tmp_path / "out", "--kinds", "exact", "--quiet")
    findings = tmp_path / "out" / "findings.csv"
    assert json.loads(mien("info", copies, "--exclude", findings, "--json").stdout)["rows"] == 8
    done = mien("split", copies, "--folds", 2, "--out", tmp_path / "i.csv", "--exclude", findings, "--json")
    assert json.loads(done.stdout)["rows"] == 8


def test_for_people(mien: Mien, tmp_path: Path) -> None:
    done = mien("audit", "synthetic:n=60,seed=1", "--out", tmp_path / "out")
    for words in ("60 rows, synthetic labels", "stand more than once", "not_a_face", "votes", "index.html"):
        assert words in done.stdout
    assert done.stderr == ""


def test_folds_hand_their_probabilities_over(mien: Mien, tmp_path: Path) -> None:
    """From a model, since what is tested is the way, not the training."""
    pytest.importorskip("cleanlab")
    from mien.evaluate.evaluation import evaluate
    from mien.evaluate.probabilities_file import save_probabilities

    data = "synthetic:n=150,seed=1"
    for split in ("Training", "Test"):
        said = evaluate("small", data=data, split=split).predictions
        save_probabilities(tmp_path / f"{split}.npz", said)
    words = [word for split in ("Training", "Test") for word in ("--probabilities", tmp_path / f"{split}.npz")]
    done = mien("audit", data, "--out", tmp_path / "out", "--labels", said.labels, *words, "--json")
    told = json.loads(done.stdout)
    faces = load_dataset(data)
    labelled = faces.hard(said.labels) >= 0
    assert told["confident_learning"]["examined"] == (np.isin(faces.split, ("Training", "Test")) & labelled).sum()
    assert told["confident_learning"]["found"] == told["findings"]["suspect_label"] > 0


def test_what_cannot_be(mien: Mien, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    data, out = "synthetic:n=20,size=16", ("--out", tmp_path / "out")
    for words, told in (
        ((data, "--out", tmp_path / "file"), "not a folder"),
        ((data, *out, "--kinds", "exakt"), "unknown kind 'exakt'"),
        ((data, *out, "--probabilities", "a.npz", "--run", "b"), "give one"),
        ((data, *out, "--save-out-of-fold", "a.npz"), "add --run"),
        ((data, *out, "--run", "b", "--save-out-of-fold", "a.csv"), "end in .npz"),
        ((data, *out, "--probabilities", "gone.npz"), "gone.npz: no such file"),
        ((data, *out, "--labels", "fer2013"), "no fer2013 labels"),
    ):
        error = mien("audit", *words).exception
        assert isinstance(error, MienError), words
        assert told in str(error)
        assert "\n" not in str(error)
