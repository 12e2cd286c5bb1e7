"""`mien analyze --circumplex` from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib import util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from mien.cli.app import app
from mien.errors import MienError
from mien.labels import AFFECT, EMOTIONS
from mien.model_spec import Head
from mien.runtime.analyzer import Analyzer

TinyModel = Callable[..., Path]
AFFECT_HEAD = Head("affect", "valence_arousal", AFFECT, "x", "tanh")
EMOTION_HEAD = Head("emotion", "emotion", EMOTIONS, "ferplus")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(3):
        Image.fromarray(np.full((24, 24), 20 + 100 * i, np.uint8)).save(folder / f"p{i}.png")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["analyze", *map(str, arguments), "--detector", "none"])


@pytest.mark.parametrize("heads", [(AFFECT_HEAD,), (EMOTION_HEAD, AFFECT_HEAD)])
def test_every_face_has_its_point_and_its_name(
    tiny_model: TinyModel, pictures: Path, tmp_path: Path, heads: tuple[Head, ...]
) -> None:
    model, figure = tiny_model("plane", heads=heads), tmp_path / "new" / "c.svg"
    result = run(pictures, "--model", model, "--circumplex", figure, "--json")
    assert result.exit_code == 0, result.output
    text = figure.read_text(encoding="utf-8")
    assert all(f">p{i}.png<" in text for i in range(3))
    assert "Model plane: 3 faces" in text
    rows = json.loads(result.stdout)["rows"]
    assert all(-1 <= row[name] <= 1 for row in rows for name in AFFECT)
    assert [row["emotion"] is None for row in rows] == [len(heads) == 1] * 3


def test_what_cannot_be_drawn_is_said_before_the_work(
    tiny_model: TinyModel, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Analyzer, "analyze_many", lambda *_: pytest.fail("the work has begun"))
    plain, plane = tiny_model("plain"), tiny_model("plane", heads=(AFFECT_HEAD,))
    out = tmp_path / "o.csv"
    for model, figure, words in (
        (plain, "c.png", "model plain says emotion; it needs a head for valence and arousal"),
        (plane, "c.gif", r"c\.gif: unknown kind of figure"),
    ):
        with pytest.raises(MienError, match=words):
            raise run(pictures, "--model", model, "--circumplex", tmp_path / figure, "--out", out).exception  # type: ignore[misc]
    find = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name, *rest: None if name == "matplotlib" else find(name, *rest))
    with pytest.raises(MienError, match=r"--circumplex needs matplotlib.*mien\[plots\]"):
        raise run(pictures, "--model", plane, "--circumplex", tmp_path / "c.png", "--out", out).exception  # type: ignore[misc]
    assert not out.exists()


def test_without_a_face_the_table_is_kept(tiny_model: TinyModel, pictures: Path, tmp_path: Path) -> None:
    model = tiny_model("plane", heads=(AFFECT_HEAD,))
    words = ["analyze", str(pictures), "--model", str(model), "--detector", "builtin"]
    files = ["--circumplex", str(tmp_path / "c.png"), "--out", str(tmp_path / "o.csv")]
    result = CliRunner().invoke(app, [*words, *files])
    assert result.exit_code == 0
    assert "not drawn, no face was found" in result.stderr
    assert len((tmp_path / "o.csv").read_text().splitlines()) == 4
    assert not (tmp_path / "c.png").exists()


def test_matplotlib_is_loaded_where_it_is_asked_for_and_torch_never(
    tiny_model: TinyModel, pictures: Path, tmp_path: Path
) -> None:
    words = ["analyze", str(pictures), "--model", str(tiny_model("plane", heads=(AFFECT_HEAD,))), "--detector", "none"]
    code = (
        "import contextlib, io, sys\nfrom mien.cli.app import app\n"
        "def run(*more):\n"
        "    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"        app([*{words!r}, '--quiet', *more])\n"
        "    print('matplotlib' in sys.modules, 'torch' in sys.modules)\n"
        f"run()\nrun('--circumplex', {str(tmp_path / 'c.svg')!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    assert done.stdout.splitlines() == ["False False", "True False"], done.stderr
