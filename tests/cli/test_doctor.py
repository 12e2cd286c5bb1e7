from __future__ import annotations

import importlib.metadata as metadata
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mien.cli import doctor, models
from mien.digest import digest_of
from mien.runtime import catalog, installation
from mien.runtime.installation import Package
from mien.runtime.verify import SUMS

app = typer.Typer()
doctor.register(app)
models.register(app)  # with one command alone typer would take no name
runner = CliRunner()


@pytest.fixture
def whole(tiny_model: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one model whose digest is written down."""
    path = tiny_model("small")
    (tmp_path / SUMS).write_text(f"{digest_of(path)}  small.onnx\n", encoding="utf-8")
    monkeypatch.setattr(catalog, "_WEIGHTS", tmp_path)
    return path


def report(code: int) -> dict[str, Any]:
    done = runner.invoke(app, ["doctor", "--json"])
    assert done.exit_code == code, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_whole_installation(whole: Path) -> None:
    found = report(0)
    assert found["gaps"] == []
    assert found["models"][0]["sha256"] == digest_of(whole)
    assert found["detectors"]["default"]
    assert "CPUExecutionProvider" in found["onnxruntime"]["providers"]
    assert set(found["extras"]) == set(installation.EXTRAS)
    assert "analysing pictures works here" in runner.invoke(app, ["doctor"]).stdout


def test_a_missing_extra_is_named_and_no_fault(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = metadata.version

    def version(name: str) -> str:
        if name == "torch":
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(installation.metadata, "version", version)
    train = report(0)["extras"]["train"]
    assert not train["installed"]
    assert "torch is missing" in train["missing"]
    assert train["install"] == "pip install 'mien[train]'"
    assert "pip install 'mien[train]'" in runner.invoke(app, ["doctor"], terminal_width=200).stdout.replace("\n", "")


def test_a_broken_model_is_a_gap(whole: Path) -> None:
    whole.write_bytes(whole.read_bytes()[:-10])
    gaps = report(1)["gaps"]
    assert any("sha256 differs" in gap for gap in gaps)
    assert "broken:" in runner.invoke(app, ["doctor"]).stdout


def test_no_model_at_all_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_WEIGHTS", tmp_path)
    assert "no bundled model" in report(1)["gaps"][0]


def test_a_package_of_the_base_install_that_does_not_fit_is_a_gap(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def packages(extra: str = "") -> list[Package]:
        return [] if extra else [Package("numpy", ">=1.26", "1.20"), Package("rich", ">=13", None)]

    monkeypatch.setattr(installation, "packages", packages)
    assert report(1)["gaps"] == [
        "numpy 1.20 is not >=1.26: pip install 'numpy>=1.26'",
        "rich is missing: pip install 'rich>=13'",
    ]


def test_run_from_source_without_being_installed(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def packages(extra: str = "") -> list[Package]:
        raise metadata.PackageNotFoundError("mien")

    monkeypatch.setattr(installation, "packages", packages)
    assert "pip install -e ." in report(1)["gaps"][0]


@pytest.mark.parametrize(
    ("gpu", "words"),
    [
        ({"torch_cuda": None, "cards": []}, "torch is not installed, analysing needs none"),
        ({"torch_cuda": "", "cards": []}, "torch is built without CUDA"),
        ({"torch_cuda": "13.2", "cards": []}, "no card seen (torch is built for CUDA 13.2)"),
        ({"torch_cuda": "13.2", "cards": ["A", "B"]}, "A; B"),
    ],
)
def test_words_for_graphics_cards(gpu: dict[str, Any], words: str) -> None:
    assert doctor._gpu_words(gpu) == words
