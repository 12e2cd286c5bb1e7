"""`mien explain` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from mien.cli.app import app
from mien.errors import MienError
from mien.labels import EMOTIONS

SET = "synthetic:n=60,seed=3"


def run(*arguments: object):
    return CliRunner().invoke(app, ["explain", *map(str, arguments)])


@pytest.fixture
def face(portrait, tmp_path: Path) -> Path:
    Image.fromarray(portrait).save(tmp_path / "face.png")
    return tmp_path / "face.png"


def test_pictures_are_drawn_and_json_is_one_document(face: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("small", face, "--method", "cam", "--method", "occlusion", "--target", "happy", "--json", "--out", out)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document == json.loads((out / "explain.json").read_text())
    assert [record["file"] for record in document["faces"]] == ["face-0-cam.png", "face-0-occlusion.png"]
    assert document["faces"][0]["target"] == "happiness"
    assert 0 <= document["faces"][0]["value"] <= 1
    for name in ("sheet.png", "face-0-cam.png", "face-0-occlusion.png"):
        assert Image.open(out / name).mode == "RGB"


def test_rows_of_a_data_set_with_what_tells_whether_to_trust_them(tmp_path: Path) -> None:
    result = run(
        "small", "--data", SET, "--split", "all", "--rows", 2, "--check", "--out", tmp_path, "--labels", "synthetic"
    )
    assert result.exit_code == 0, result.output
    assert "the head's weights alone" in result.stdout
    document = json.loads((tmp_path / "explain.json").read_text())
    assert len(document["faces"]) == 2
    for record in document["faces"]:
        assert record["label"] in EMOTIONS
        assert {"deletion", "insertion_shuffled", "rank_correlation", "ssim"} <= set(record)
    assert document["methods"][0]["suspicious"] in (True, False)


def test_unreadable_pictures_among_good_ones_exit_1(face: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    result = run("small", face, tmp_path / "bad.png", "--out", tmp_path / "out")
    assert result.exit_code == 1, result.output
    assert "bad.png" in result.stderr


def test_features_are_mapped(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    result = run(
        "small",
        "--data",
        SET,
        "--split",
        "all",
        "--features",
        "tsne",
        "--labels",
        "synthetic",
        "--out",
        tmp_path,
        "--json",
    )
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["n"], document["files"]) == (60, ["features-tsne.png"])
    assert 0 <= document["alike_nearby"]["as they are"] <= 1
    assert (tmp_path / "features-tsne.png").exists()


def test_augmented_faces_are_mapped_beside(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("torch")
    recipe = tmp_path / "r.toml"
    recipe.write_text("[augment]\nrotate = 15.0\n")
    result = run(
        "small", "--data", SET, "--split", "all", "--features", "tsne", "--augment", recipe, "--labels", "synthetic",
        "--rows", 40, "--out", tmp_path, "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert list(json.loads(result.stdout)["alike_nearby"]) == ["as they are", "after augmentation"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "give pictures to explain, or --data"),
        (["face.png", "--data", SET], "not both"),
        (["gone.png"], "gone.png"),
        (["{face}", "--method", "lime"], "--method lime: expected"),
        (["{face}", "--method", "saliency"], "needs gradients"),
        (["{face}", "--target", "AU12"], "says emotion, anger"),
        (["{face}", "--features", "tsne"], "with --data PATH"),
        (["--data", SET, "--augment", "r.toml"], "with --data PATH"),
        (["--data", SET, "--features", "pca", "--labels", "synthetic"], "expected tsne, umap or both"),
        (["--data", SET, "--split", "Fold9"], "no split 'Fold9'"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments: list[str], told: str, face: Path, tmp_path: Path) -> None:
    result = run("small", *(one.format(face=face) for one in arguments), "--out", tmp_path / "out")
    assert isinstance(result.exception, MienError), result.output
    assert told in str(result.exception)
    assert "\n" not in str(result.exception)
    assert result.stdout == ""
    assert not (tmp_path / "out").exists()
