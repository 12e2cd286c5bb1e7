"""`mien data emfacs`: emotions from units, and labels against units."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.datasets.unit_miniatures import pictures
from typer.testing import Result

from mien.datasets.emfacs import derive
from mien.datasets.load import load_dataset
from mien.datasets.units import occurrence
from mien.errors import MienError
from mien.labels import EMOTIONS

Mien = Callable[..., Result]


def table(root: Path) -> Path:
    """Eight pictures with units, half of them labelled."""
    rows = ["1,1,0,happy", "1,1,0,sad", "0,1,1,", "0,1,0,happy", "0,0,0,neutral", "999,1,0,", "1,1,1,", "1,0,0,"]
    pictures(root / "pictures", [f"{at}.png" for at in range(len(rows))])
    path = root / "units.csv"
    lines = "".join(f"pictures/{at}.png,{codes}\n" for at, codes in enumerate(rows))
    path.write_text("path,AU06,AU12,AU14,emotion\n" + lines)
    return path


def test_both_tables_as_json_and_exit_code_1_for_contradictions(mien: Mien, tmp_path: Path) -> None:
    done = mien("emfacs", table(tmp_path), "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    derived = told["derived"]
    assert derived["emotions"]["happiness"] == {
        "rules": ["AU06+AU12"], "derived": 2, "shown": 3, "ruled_out": 4, "unknown": 1, "not_coded": [],
    }  # fmt: skip
    assert derived["emotions"]["contempt"]["derived"] == 1
    assert derived["emotions"]["anger"]["not_coded"] == ["AU04", "AU05", "AU07", "AU23"]
    assert (derived["blends"], derived["none"], derived["open"]) == (1, 0, 4)  # units of the others are coded nowhere
    assert told["check"]["emotions"]["happiness"]["units"]["AU06"] == {"shown": 1, "known": 2, "share": 50.0}
    assert told["check"]["contradicting"] == [1]


def test_what_was_derived_can_be_trained_on(mien: Mien, tmp_path: Path) -> None:
    out = tmp_path / "made" / "derived.csv"
    source = load_dataset(table(tmp_path))
    mien("emfacs", tmp_path / "units.csv", "--out", out, "--neutral", "--quiet")
    made = load_dataset(out)
    assert [EMOTIONS[k] if k >= 0 else "" for k in made.hard("emotion").tolist()] == [
        "happiness", "happiness", "contempt", "", "neutral", "", "", "",
    ]  # fmt: skip
    np.testing.assert_array_equal(occurrence(made), occurrence(source))
    assert [Path(p).resolve() for p in made.file] == [Path(p).resolve() for p in source.file]


def test_for_people(mien: Mien, faces: str, tmp_path: Path) -> None:
    done = mien("emfacs", faces, "--labels", "synthetic", "--out", tmp_path / "d.csv")
    assert "1+2+5+26" in done.stdout
    assert "labelled with an emotion (synthetic)" in done.stdout
    assert done.exit_code == (0 if " 0 rows show the units of another" in done.stdout else 1)
    lines = (tmp_path / "d.csv").read_text().splitlines()
    assert lines[0].startswith("file,row,split,subject,emotion,AU01")
    first = derive(load_dataset(faces))[0]
    assert lines[1].split(",")[4] == (EMOTIONS[first] if first >= 0 else "")


def test_rules_of_ones_own_and_rows_left_out(mien: Mien, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text('happy = ["AU12"]\n')
    (tmp_path / "gone.csv").write_text("row\n1\n")
    words = ("--rules", tmp_path / "rules.toml", "--exclude", tmp_path / "gone.csv", "--json")
    done = mien("emfacs", table(tmp_path), *words)
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert (told["rows"], told["derived"]["emotions"]["happiness"]["derived"]) == (7, 5)


def test_what_cannot_be(mien: Mien, women: Path, tmp_path: Path) -> None:
    done = mien("emfacs", women)
    assert isinstance(done.exception, MienError)
    assert "no action units to derive emotions from" in str(done.exception)
    assert isinstance(mien("emfacs", table(tmp_path), "--labels", "ferplus").exception, MienError)
    assert isinstance(mien("emfacs", table(tmp_path), "--out", tmp_path).exception, MienError)


def test_a_data_set_is_not_written_over(mien: Mien, tmp_path: Path) -> None:
    path, out = table(tmp_path), tmp_path / "derived.csv"
    before = path.read_text()
    done = mien("emfacs", path, "--out", path)
    assert isinstance(done.exception, MienError)
    assert path.read_text() == before
    for _ in range(2):  # what it wrote itself it writes anew
        assert mien("emfacs", path, "--out", out).exit_code == 1
