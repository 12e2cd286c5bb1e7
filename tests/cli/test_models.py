from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mien.cli import models
from mien.digest import digest_of
from mien.errors import MienError
from mien.runtime import catalog
from mien.runtime.verify import SUMS

app = typer.Typer()
models.register(app)
runner = CliRunner()
TinyModel = Callable[..., Path]


@pytest.fixture
def bundle(tiny_model: TinyModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one model, `small`, in it."""
    path = tiny_model("small", licence="research use")
    (tmp_path / SUMS).write_text(f"{digest_of(path)}  small.onnx\n", encoding="utf-8")
    monkeypatch.setattr(catalog, "_WEIGHTS", tmp_path)
    return path


def test_list_as_json_holds_models_and_architectures(bundle: Path) -> None:
    done = runner.invoke(app, ["models", "list", "--json"])
    assert done.exit_code == 0
    records = json.loads(done.stdout)
    assert [(r["name"], r["kind"]) for r in records][:2] == [("small", "bundled"), ("oshea", "architecture")]
    assert records[0]["licence"] == "research use"
    assert records[1]["input"] == [1, 48, 48]
    assert {"parameters", "gmacs", "heads", "paper", "source"} <= set(records[1])


def test_list_for_people(bundle: Path) -> None:
    done = runner.invoke(app, ["models", "list"])
    assert "resmasking_dropout1  architecture  137,796,423" in done.stdout  # nothing cut where nobody looks
    assert "timm/NAME" in done.stdout
    assert done.exit_code == 0
    assert "184,110" in done.stdout


def test_show(bundle: Path) -> None:
    document = json.loads(runner.invoke(app, ["models", "show", "small", "--json"]).stdout)
    assert document["kind"] == "bundled"
    assert document["spec"]["height"] == 48
    lines = runner.invoke(app, ["models", "show", "small"]).stdout
    assert "anger, disgust, fear" in lines
    assert "research use" in lines
    assert "architecture" in runner.invoke(app, ["models", "show", "oshea"]).stdout
    assert isinstance(runner.invoke(app, ["models", "show", "nothing"]).exception, MienError)


def test_verify_finds_a_changed_file(bundle: Path) -> None:
    done = runner.invoke(app, ["models", "verify"])
    assert (done.exit_code, done.stdout) == (0, "small: whole\n")
    bundle.write_bytes(bundle.read_bytes()[:-10])
    done = runner.invoke(app, ["models", "verify", "small", "--json"])
    assert done.exit_code == 1
    (result,) = json.loads(done.stdout)
    assert "sha256 differs" in result["problems"][0]


def test_verify_without_any_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_WEIGHTS", tmp_path)
    assert isinstance(runner.invoke(app, ["models", "verify"]).exception, MienError)
