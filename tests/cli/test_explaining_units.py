"""`mien explain --by-unit`, and units among heat maps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from tests.evaluate.explain.unit_model import unit_model
from typer.testing import CliRunner

from mien.cli.app import app
from mien.errors import MienError

SET = "synthetic:n=60,seed=3"


def run(*arguments: object):
    return CliRunner().invoke(app, ["explain", *map(str, arguments)])


@pytest.fixture
def halves(tmp_path: Path) -> Path:
    return unit_model(tmp_path / "halves.onnx")


def test_sheets_of_each_unit_and_one_document(halves: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(halves, "--data", SET, "--split", "all", "--by-unit", "--rows", 2, "-m", "cam", "--json", "--out", out)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document == json.loads((out / "explain.json").read_text())
    assert list(document["units"]) == ["AU04", "AU12"]
    one = document["units"]["AU04"]
    assert (one["n"], one["threshold"], one["thresholds_from"]) == (60, 0.5, "0.5")
    assert 0 < one["shown"] < 60
    assert one["region"]["area"] == pytest.approx(0.15, abs=0.03)
    for sheet in one["sheets"]:
        assert Image.open(out / sheet["file"]).mode == "RGB"
        assert sheet["file"] == f"AU04-{sheet['sheet']}.png"
        for face in sheet["faces"]:
            assert 0 <= face["row"] < 60
            assert 0 < face["in_region"]["cam"] < 1
    wrong = next(sheet for sheet in one["sheets"] if sheet["sheet"] == "wrong")
    assert all((face["target"] == 1) == (face["said"] < 0.5) for face in wrong["faces"])


def test_the_table_says_that_picks_are_no_sample(halves: Path, tmp_path: Path) -> None:
    result = run(halves, "--data", SET, "--split", "all", "--by-unit", "--target", "AU12", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "AU12" in result.stdout
    assert "AU04" not in result.stdout
    assert "no sample" in result.stdout
    assert "not landmarks" in result.stdout


def test_a_unit_of_drawn_rows_is_shown_beside_its_region(halves: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(
        halves, "--data", SET, "--split", "all", "--rows", 3, "--target", "AU12", "-m", "cam", "--out", out
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "of the heat where AU12 acts" in result.stdout
    assert "not landmarks" in result.stdout
    document = json.loads((out / "explain.json").read_text())
    assert document["region"]["unit"] == "AU12"
    assert document["methods"][0]["in_region"] == pytest.approx(2 * document["region"]["area"], rel=0.15)
    assert {face["unit"] for face in document["faces"]} == {"AU12"}
    assert all(face["shown"] in (True, False) for face in document["faces"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["face.png", "--by-unit"], "give --data PATH in place of pictures"),
        (["--data", SET, "--by-unit", "--check"], "picked faces are no sample"),
        (["--data", SET, "--by-unit", "--features", "tsne"], "--by-unit does not"),
        (["--data", SET, "--by-unit", "--method", "lime"], "--method lime: expected"),
        (["--data", SET, "--by-unit", "--target", "AU25"], "says AU04, AU12"),
        (["--data", SET, "--by-unit", "--split", "Fold9"], "no split 'Fold9'"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments: list[str], told: str, halves: Path, tmp_path: Path) -> None:
    result = run(halves, *arguments, "--out", tmp_path / "out")
    assert isinstance(result.exception, MienError), result.output
    assert told in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_a_model_of_emotions_alone_has_no_units(tmp_path: Path) -> None:
    result = run("small", "--data", SET, "--by-unit", "--out", tmp_path / "out")
    assert "says no action units" in str(result.exception)
