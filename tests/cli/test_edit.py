from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from PIL import Image
from tests.runtime.generators import EMOTIONS, tiny_generator
from typer.testing import CliRunner

from mien.cli import edit
from mien.errors import MienError
from mien.runtime import catalog

app = typer.Typer()
edit.register(app)


@pytest.fixture
def generator(tmp_path: Path) -> Path:
    return tiny_generator(tmp_path / "tiny.onnx")


@pytest.fixture
def photo(tmp_path: Path, portrait: np.ndarray) -> Path:
    Image.fromarray(portrait).save(tmp_path / "portrait.png")
    return tmp_path / "portrait.png"


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def refused(*words: object) -> str:
    result = run(*words)
    assert isinstance(result.exception, MienError), result.output
    return str(result.exception)


def test_a_photograph_with_another_expression(photo: Path, generator: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "happy.png"
    result = run(photo, "--model", generator, "--emotion", "happiness", "--intensity", "0.5", "--out", out)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{out}: happiness 0.5 (0.5,0), made by tiny\n"
    with Image.open(photo) as before, Image.open(out) as after:
        changed = (np.asarray(before) != np.asarray(after)).any(axis=2)
        assert 0.02 < changed.mean() < 0.5
        digest = hashlib.sha256(generator.read_bytes()).hexdigest()
        assert after.info["Comment"] == f"mien: edited expression, generator tiny {digest}"


def test_everything_at_once_as_one_document(photo: Path, generator: Path, tmp_path: Path) -> None:
    files = {kind: tmp_path / f"{kind}.{'gif' if kind == 'walk' else 'jpg'}" for kind in ("walk", "grid", "space")}
    chosen = [word for kind, file in files.items() for word in (f"--{kind}", file)]
    words = ["--at", "0.3,-0.4", "--through", "surprise,sadness", "--out", tmp_path / "at.jpg"]
    result = run(photo, "--model", generator, *words, *chosen, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["space"] == {"kind": "linear", "emotions": list(EMOTIONS), "dims": 2}
    assert (document["found"], document["faces"][0]["face"], document["faces"][0]["own"]) == (1, 0, [0, 0])
    written = {one["kind"]: one for one in document["written"]}
    assert written["picture"]["code"] == [0.3, -0.4]
    assert written["grid"]["emotions"] == ["happiness", "sadness", "surprise"]
    for kind, one in written.items():
        assert Path(one["file"]).is_file(), kind
        with Image.open(one["file"]) as picture:
            assert picture.info["comment"].decode().startswith("mien: edited expression, generator tiny ")
            if kind == "walk":
                assert picture.n_frames > 10
                assert max(picture.size) == 640


def test_the_face_alone_is_the_generators_picture(generator: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((48, 48), 100, np.uint8)).save(tmp_path / "face.png")
    words = [tmp_path / "face.png", "--model", generator, "--detector", "none", "--face-only"]
    result = run(*words, "-e", "sad", "--out", tmp_path / "a.png", "--walk", tmp_path / "a.gif", "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    with Image.open(tmp_path / "a.png") as made:
        assert (np.asarray(made) == 60).all()
    with Image.open(tmp_path / "a.gif") as made:
        assert made.size == (192, 192)


def test_every_face_and_where_the_result_goes(
    draw_face, generator: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    image = draw_face(480, 900, 620, 230, 220, on=draw_face(480, 900, 160, 220, 120))
    Image.fromarray(image).save("two.png")
    result = run("two.png", "--model", generator, "--emotion", "sadness", "--all-faces", "--paste", "--json")
    assert [face["face"] for face in json.loads(result.stdout)["faces"]] == [0, 1]
    with Image.open("two-edited.png") as made:
        columns = np.flatnonzero((np.asarray(made) != image).any(axis=(0, 2)))
    assert columns.min() < 300 < 500 < columns.max()


def test_nothing_is_written_over(photo: Path, generator: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = photo.read_bytes()
    told = refused(photo, "--model", generator, "--emotion", "happiness", "--out", "portrait.png")
    assert "portrait.png: is the photograph itself" in told
    assert photo.read_bytes() == before
    told = refused(photo, "--model", generator, "--emotion", "happiness", "--out", "a.png", "--grid", "./a.png")
    assert "a.png: asked for twice" in told
    Path("portrait-edited.png").write_bytes(b"mine")
    result = run(photo, "--model", generator, "--emotion", "happiness")
    assert result.stdout.startswith("portrait-edited-2.png: happiness 1")
    assert Path("portrait-edited.png").read_bytes() == b"mine"


def test_an_edit_that_changes_nothing_says_so(photo: Path, generator: Path, tmp_path: Path) -> None:
    result = run(photo, "--model", generator, "--at", "0,0", "--out", tmp_path / "same.png", "--json")
    (one,) = json.loads(result.stdout)["written"]
    assert one["changed"] == 0
    assert "nothing was changed; --paste" in result.stderr
    result = run(photo, "--model", generator, "-e", "sad", "--out", tmp_path / "sad.png", "--json")
    (one,) = json.loads(result.stdout)["written"]
    assert one["emotion"] == "sadness"
    assert one["changed"] > 100
    assert result.stderr == ""


def test_thin_pictures_make_thin_animations(generator: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((2, 1500, 3), 90, np.uint8)).save(tmp_path / "thin.png")
    words = [tmp_path / "thin.png", "--model", generator, "--detector", "none", "--through", "sadness"]
    assert run(*words, "--walk", tmp_path / "thin.gif").exit_code == 0
    with Image.open(tmp_path / "thin.gif") as picture:
        assert picture.size == (640, 1)
    assert "too small" in refused(*words, "--walk", tmp_path / "thin.mp4")


def test_bad_input_is_one_line(photo: Path, generator: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "DEFAULT_GENERATOR", "none")
    assert "no generator comes with this build: give one as --model" in refused(photo, "--emotion", "happiness")
    known = (photo, "--model", generator)
    blank = tmp_path / "blank.png"
    Image.fromarray(np.full((200, 200, 3), 200, np.uint8)).save(blank)
    told = refused(blank, "--model", generator, "--emotion", "happiness")
    assert "no face found; `--detector none` takes the picture itself as the face" in told
    for words, expected in (
        ([], "say what to make"),
        (["--emotion", "hunger"], "unknown emotion 'hunger'"),
        (["--emotion", "fear"], "this generator knows no fear"),
        (["--emotion", "sadness", "--intensity", "2"], "intensity 2.0"),
        (["--at", "0.5"], "1 coordinates, this generator's space has 2"),
        (["--at", "far,away"], "--at far,away: expected numbers"),
        (["--at", "0.9,0.9"], "at most 1 in a linear space"),
        (["--walk", tmp_path / "w.gif", "--through", "fear"], "knows no fear"),
        (["--walk", tmp_path / "w.png"], "written as .gif, .mp4"),
        (["--emotion", "sadness", "--out", "x.bmp"], "written as .png"),
        (["--emotion", "sadness", "--face", "3"], "no face 3: 1 found"),
    ):
        message = refused(*known, *words)
        assert expected in message
        assert "\n" not in message


@pytest.mark.parametrize(
    "words",
    [
        ["--emotion", "fear", "--at", "0,0"],
        ["--at", "0,0", "--intensity", "0.5"],
        ["--emotion", "fear", "--through", "fear"],
        ["--grid", "g.png", "--out", "x.png"],
        ["--emotion", "fear", "--face", "1", "--all-faces"],
        ["--emotion", "fear", "--all-faces", "--face-only"],
        ["--grid", "g.png", "--all-faces"],
    ],
)
def test_options_that_do_not_go_together(words: list[str]) -> None:
    """Told before the picture or the generator is looked for."""
    assert any(word in refused("absent.png", *words) for word in words if word.startswith("--"))


def test_help_tells_that_pictures_are_to_be_marked() -> None:
    assert "must be marked as such" in " ".join(run("--help").stdout.split()).replace("│ ", "")
