from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import typer
from tests.lab.importers.published import SPACES, filled, ganmut_shapes
from typer.testing import CliRunner

torch = pytest.importorskip("torch")

from mien.cli import published  # noqa: E402
from mien.cli.app import app as whole  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.gan.generator import load_generator  # noqa: E402
from mien.runtime.downloads import folder  # noqa: E402

app = typer.Typer()
published.add(app)
runner = CliRunner()


@pytest.fixture
def by_hand(tmp_path: Path) -> Path:
    """A folder with a generator's file under its published name."""
    torch.save(filled(ganmut_shapes(SPACES["linear", 2], blocks=1)), tmp_path / "1000000-G.ckpt")
    return tmp_path


def told(folder: Path) -> list[str]:
    digest = hashlib.sha256((folder / "1000000-G.ckpt").read_bytes()).hexdigest()
    return ["--from", str(folder), "--sha256", f"1000000-G.ckpt={digest}"]


def test_pull_from_a_folder_then_it_is_there(by_hand: Path) -> None:
    done = runner.invoke(app, ["pull", "ganmut_lin_2d", *told(by_hand), "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert (document["name"], document["kind"]) == ("ganmut_lin_2d", "local")
    assert document["source"] == str(folder("ganmut_lin_2d") / "ganmut_lin_2d.onnx")
    again = runner.invoke(app, ["pull", "ganmut_lin_2d"])  # and needs neither digest nor network
    assert again.exit_code == 0, again.output
    assert "a generator of faces" in again.stdout
    assert "non-commercial" in again.stdout
    listed = json.loads(runner.invoke(whole, ["models", "list", "--json"]).stdout)
    kinds = [one["kind"] for one in listed if one["name"] == "ganmut_lin_2d"]
    assert kinds == ["local"]
    assert {"download", "architecture"} <= {one["kind"] for one in listed}


def test_pull_without_a_digest_or_with_a_wrong_one(by_hand: Path) -> None:
    done = runner.invoke(app, ["pull", "ganmut_lin_2d", "--from", str(by_hand)])
    assert isinstance(done.exception, MienError)
    assert "no sha256 of 1000000-G.ckpt is known here" in str(done.exception)
    wrong = ["--sha256", "0" * 64]
    done = runner.invoke(app, ["pull", "ganmut_lin_2d", "--from", str(by_hand), *wrong])
    assert "not the file that is meant" in str(done.exception)
    assert not list(folder("ganmut_lin_2d").rglob("*.ckpt*"))
    done = runner.invoke(app, ["pull", "ganmut"])
    assert "did you mean ganmut" in str(done.exception)


def test_pull_says_nothing_when_told_so(by_hand: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = told(by_hand)
    monkeypatch.setenv("MIEN_MODELS_FROM", words[1])
    done = runner.invoke(app, ["pull", "ganmut_lin_2d", *words[2:], "--quiet"])
    assert (done.exit_code, done.output) == (0, "")


def test_import(by_hand: Path) -> None:
    out = by_hand / "mine.safetensors"
    command = ["import", str(by_hand / "1000000-G.ckpt"), "--out", str(out), "--licence", "mine"]
    done = runner.invoke(app, [*command, "--channel-order", "rgb"])
    assert done.exit_code == 0, done.output
    assert "ganmut_linear" in done.stdout
    _, spec = load_generator(out)
    assert (spec.name, spec.licence) == ("mine", "mine")
    assert json.loads(runner.invoke(app, [*command, "--json"]).stdout)["name"] == "mine"
    assert json.loads(runner.invoke(whole, ["models", "show", str(out), "--json"]).stdout)["kind"] == "local"
    wrong = runner.invoke(app, ["import", str(by_hand), "--out", "x.onnx"])
    assert "names a .safetensors file" in str(wrong.exception)


def test_show_tells_what_can_be_pulled() -> None:
    for name in ("esr9", "ganmut_gaus_2d"):
        assert f"mien models pull {name}" in runner.invoke(whole, ["models", "show", name]).stdout
