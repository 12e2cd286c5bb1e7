"""`mien data info`: counted, told and drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from tests.datasets.unit_miniatures import disfa
from typer.testing import Result

from mien.datasets.load import load_dataset
from mien.datasets.protocol_cut import DISFA_PARTS
from mien.errors import MienError

Mien = Callable[..., Result]


def test_as_json(mien: Mien, faces: str) -> None:
    done = mien("info", faces, "--json")
    assert done.exit_code == 0
    told, truth = json.loads(done.stdout), load_dataset(faces)
    assert (told["rows"], told["content"]) == (200, truth.content)
    assert told["splits"] == {s: int((truth.split == s).sum()) for s in ("Training", "Validation", "Test")}
    anger = told["labels"]["synthetic"]["classes"]["anger"]
    assert anger["all"] == (truth.hard("synthetic") == 0).sum() == sum(anger[s] for s in told["splits"])
    assert told["labels"]["ferplus"]["unlabelled"]["all"] == (truth.hard("ferplus") < 0).sum()
    assert told["pixels"]["Training"]["n"] == (truth.split == "Training").sum()
    assert told["missing"]["box"] == 200
    assert told["unreadable"] == []


def test_for_people(mien: Mien, faces: str) -> None:
    done = mien("info", faces)
    for words in ("200 rows", "synthetic labels", "ferplus labels", "contempt", "largest : smallest", "16 x 16 (200)"):
        assert words in done.stdout
    assert mien("info", faces, "--quiet").stdout == ""


def test_figures_of_one_set_and_one_chart_of_two(mien: Mien, faces: str, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert mien("info", faces, "--out", one, "--quiet", "--faces", 2, "--labels", "ferplus").exit_code == 0
    assert {p.name for p in one.iterdir()} == {
        "distribution.png", "samples.png", "mean-faces.png", "info.json", "units.png", "co-occurrence.png",
    }  # fmt: skip
    assert json.loads((one / "info.json").read_text())["rows"] == 200
    done = mien("info", faces, "synthetic:n=40,size=16", "--out", two, "--json")
    assert [told["rows"] for told in json.loads(done.stdout)] == [200, 40]
    assert {p.name for p in two.iterdir()} == {"distribution.png", "info.json"}


def test_pictures_of_several_sizes_and_a_broken_one(mien: Mien, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for emotion, size in (("happy", 150), ("sad", 40), ("sad", 30)):
        (tmp_path / "set" / emotion).mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (size, size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "set" / emotion / f"{size}.png")
    assert mien("info", tmp_path / "set", "--out", tmp_path / "out").exit_code == 0
    whole = (tmp_path / "set" / "happy" / "150.png").read_bytes()
    (tmp_path / "set" / "happy" / "151.png").write_bytes(whole[:2000])  # its header is whole, its pixels are not
    done = mien("info", tmp_path / "set", "--out", tmp_path / "out", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["pictures"]["distinct_sizes"] == 3
    assert told["pictures"]["unreadable"] == 1
    assert "151.png" in told["unreadable"][0]["error"]
    assert told["labels"]["emotion"]["classes"]["happiness"]["all"] == 2


def test_what_cannot_be(mien: Mien, faces: str, tmp_path: Path) -> None:
    for words in (("nowhere",), (faces, "--labels", "fer2013"), (faces, "--out", tmp_path / "file" / "x")):
        (tmp_path / "file").write_text("")
        assert isinstance(mien("info", *words).exception, MienError)


def test_people_and_the_protocols_that_fit(mien: Mien, women: Path, faces: str) -> None:
    told = json.loads(mien("info", women, "--json").stdout)
    assert (told["rows"], told["subjects"], told["groups"]) == (140, 10, 0)
    assert [(p["name"], p["folds"], p["honest"]) for p in told["protocols"]] == [
        ("loso", 10, True), ("jaffe-random", 10, False),
    ]  # fmt: skip
    shown = mien("info", women).stdout
    assert "10 subjects" in shown
    assert "loso, 10 folds: One woman is tested on" in shown
    assert "jaffe-random, 10 folds, LEAKS: " in shown
    assert json.loads(mien("info", faces, "--json").stdout)["protocols"] == []


def test_units_by_split_intensity_and_together(mien: Mien, tmp_path: Path) -> None:
    root = disfa(tmp_path / "DISFA", DISFA_PARTS[0] + DISFA_PARTS[1] + DISFA_PARTS[2])
    done = mien("info", f"{root}:protocol=disfa,fold=0", "--out", tmp_path / "out", "--json")
    assert done.exit_code == 0
    told, faces = json.loads(done.stdout), load_dataset(f"{root}:protocol=disfa,fold=0")
    codes, strong = faces.targets["action_units"], faces.targets["intensity"]
    test = faces.split == "Test"
    assert told["units"]["AU12"]["Test"] == {
        "shown": int((codes[test, 1] == 1).sum()), "not": int((codes[test, 1] == 0).sum()), "unknown": 0,
    }  # fmt: skip
    assert told["units"]["AU12"]["intensity"] == [int((strong[:, 1] == level).sum()) for level in range(6)]
    assert told["co_occurrence"]["units"] == ["AU01", "AU12", "AU25"]
    assert told["co_occurrence"]["both"][0][1] == ((codes[:, 0] == 1) & (codes[:, 1] == 1)).sum()
    assert [one["name"] for one in told["protocols"]] == ["disfa"]
    assert told["missing"]["targets"] == {"action_units": 0, "intensity": 0}
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"units.png", "co-occurrence.png", "info.json"}
    assert json.loads((tmp_path / "out" / "info.json").read_text())["units"] == told["units"]
    shown = mien("info", root).stdout
    whole = f"{int((codes[:, 1] == 1).sum())} / {int((codes[:, 1] == 0).sum())}"
    for words in ("rows shown / not", "AU12 lip corner puller", whole, "rows by intensity", "27 subjects"):
        assert words in shown
    assert "rows unknown" not in shown
    (root / "ActionUnit_Labels/SN001/SN001_au12.txt").write_text("1,9\n2,3\n3,0\n4,0\n")
    assert "rows unknown" in mien("info", root).stdout


def test_drawn_faces_have_units_and_sets_without_say_so(mien: Mien, faces: str, women: Path) -> None:
    told = json.loads(mien("info", faces, "--json").stdout)
    assert sum(told["units"]["AU12"]["all"].values()) == 200
    assert sum(told["units"]["AU12"]["intensity"]) == 200
    told = json.loads(mien("info", women, "--json").stdout)
    assert (told["units"], told["co_occurrence"]) == ({}, None)


def test_excluded_rows_are_not_counted(mien: Mien, faces: str, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("row\n0\n7\n")
    assert json.loads(mien("info", faces, "--exclude", tmp_path / "f.csv", "--json").stdout)["rows"] == 198
    assert isinstance(mien("info", faces, faces, "--exclude", tmp_path / "f.csv").exception, MienError)
