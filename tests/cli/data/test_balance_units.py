"""`mien data balance --want`: combinations of action units in the training split, nothing else touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.unit_miniatures import pictures
from typer.testing import Result

from mien.datasets.load import load_dataset
from mien.datasets.units import occurrence
from mien.errors import MienError

Mien = Callable[..., Result]
FORUM = ("--want", "AU06=1", "--want", "AU12=12", "--want", "AU06+AU12=8,none=25")


def shown(path: str | Path, split: str = "Training") -> list[tuple[float, ...]]:
    """AU06 and AU12 of each row of a split."""
    found = load_dataset(path)
    return [tuple(row) for row in occurrence(found, ("AU06", "AU12"))[found.split == split].tolist()]


def test_each_combination_has_its_number_and_the_other_splits_are_whole(mien: Mien, faces: str, tmp_path: Path) -> None:
    out = tmp_path / "even.csv"
    done = mien("balance", faces, "--out", out, *FORUM, "--json")
    assert done.exit_code == 0, done.output
    rows = shown(out)
    assert [rows.count(kind) for kind in ((1, 0), (0, 1), (1, 1), (0, 0))] == [1, 12, 8, 25]
    even, source = load_dataset(out), load_dataset(faces)
    for split in ("Validation", "Test"):
        assert even.row[even.split == split].tolist() == np.flatnonzero(source.split == split).tolist()
    told = json.loads(done.stdout)
    assert (told["method"], told["met"], told["split"], told["rows"]) == ("draw", True, "Training", len(even))
    assert told["wishes"][2] == {
        "combination": "AU06+AU12", "shown": ["AU06", "AU12"], "not": [], "wished": 8,
        "available": shown(faces).count((1, 1)), "got": 8, "short": 0, "times": 1,
    }  # fmt: skip
    before = occurrence(source.in_split("Training"), ("AU20",)).sum()
    assert told["units"]["AU20"] == {"before": before, "after": occurrence(even.in_split("Training"), ("AU20",)).sum()}
    assert told["split_rows"] == {"before": 160, "after": 46, "unused": 0, "unknown": 0}


def test_what_cannot_be_met_is_told_and_the_index_is_written(mien: Mien, faces: str, tmp_path: Path) -> None:
    out = tmp_path / "even.csv"
    there = shown(faces).count((1, 0))
    assert there > 0
    words = ("balance", faces, "--out", out, "--want", "AU06=50,AU12=5")
    done = mien(*words)
    assert done.exit_code == 1
    assert shown(out).count((1, 0)) == there
    line = next(line for line in done.stdout.splitlines() if line.startswith("AU06 "))
    assert line.split() == ["AU06", "50", str(there), str(there), str(50 - there)]
    assert "show no combination" in done.stdout
    assert mien(*words, "--repeat", "--json").exit_code == 0
    assert shown(out).count((1, 0)) == 50
    assert mien("balance", faces, "--out", out, "--want", "AU06+AU43+AU16=3,AU12*=1", "--repeat").exit_code == 1


def test_overlapping_wishes_share_rows(mien: Mien, faces: str, tmp_path: Path) -> None:
    out = tmp_path / "even.csv"
    both = shown(faces).count((1, 1))
    done = mien("balance", faces, "--out", out, "--want", f"AU06={both},AU12={both}", "--inclusive", "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (told["method"], told["split_rows"]["after"], shown(out)) == ("exact", both, [(1, 1)] * both)
    assert mien("balance", faces, "--out", out, "--want", f"AU06*={both},AU12*={both}").exit_code == 0
    assert shown(out) == [(1, 1)] * both


def test_wishes_from_a_file_for_people_and_as_a_chart(mien: Mien, faces: str, tmp_path: Path) -> None:
    wants = tmp_path / "forum.toml"
    wants.write_text("AU06 = 1\nAU12 = 12\n")
    chart = tmp_path / "c.svg"
    done = mien("balance", faces, "--out", tmp_path / "a.csv", "--wants", wants, "--want", "none=5", "--chart", chart)
    assert done.exit_code == 0
    assert "Training: 18 rows of 160" in done.stdout
    assert "lip corner puller" in done.stdout
    assert "after: Training by combination" in chart.read_text(encoding="utf-8")
    assert mien("balance", faces, "--out", tmp_path / "a.csv", "--wants", wants, "--quiet").stdout == ""


def test_a_set_of_units_alone_whose_unknown_rows_are_left_out(mien: Mien, tmp_path: Path) -> None:
    rows = ["1,0", "1,0", "0,1", "1,1", "0,0", "999,0", "1,", "9,9"]
    pictures(tmp_path, [f"{at}.png" for at in range(len(rows))])
    table = tmp_path / "units.csv"
    table.write_text("path,AU06,AU12\n" + "".join(f"{at}.png,{codes}\n" for at, codes in enumerate(rows)))
    out, gone = tmp_path / "even.csv", tmp_path / "gone.csv"
    done = mien("balance", table, "--out", out, "--want", "AU06=5,AU12=1,AU06+AU12=1,none=1", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["split_rows"] == {"before": 8, "after": 5, "unused": 3, "unknown": 3}
    assert sorted(load_dataset(out).row.tolist()) == [0, 1, 2, 3, 4]
    gone.write_text("row\n0\n")
    assert mien("balance", table, "--out", out, "--want", "AU06=1", "--exclude", gone).exit_code == 0
    assert len(load_dataset(out)) == 1
    assert load_dataset(out).row[0] in (1, 3, 6)


def test_emotions_may_be_left_out(mien: Mien, faces: str, tmp_path: Path) -> None:
    out = tmp_path / "even.csv"
    assert mien("balance", faces, "--out", out, "--want", "AU12=1,none=9", "--drop", "happiness").exit_code in (0, 1)
    assert 3 not in load_dataset(out).hard("synthetic")
    assert len(load_dataset(out).in_split("Training")) >= 9


def test_what_cannot_be(mien: Mien, faces: str, tmp_path: Path) -> None:
    for words, what in (
        (("--want", "AU99=1"), "does not code AU99"),
        (("--want", "AU06=1", "--to", "min"), "--want and --to"),
        (("--want", "AU06=1", "--derive", "emfacs"), "--want and --derive"),
        (("--repeat",), "--repeat: speaks of combinations"),
        (("--want", "AU06+AU43+AU16+AU20=1"), "split Training: no row of AU06"),
        (("--want", "AU06=1", "--split", "nope"), "no split 'nope'"),
    ):
        done = mien("balance", faces, "--out", tmp_path / "a.csv", *words)
        assert isinstance(done.exception, MienError)
        with pytest.raises(MienError, match=what):
            raise done.exception
        assert not (tmp_path / "a.csv").exists()
