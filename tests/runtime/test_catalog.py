from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.runtime.generators import tiny_generator

from mien.errors import MienError
from mien.runtime import catalog
from mien.runtime.downloads import folder
from mien.runtime.expression_editor import ExpressionEditor

TinyModel = Callable[..., Path]


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setattr(catalog, "_WEIGHTS", folder)
    return folder


def test_finds_bundled_names_default_first(weights: Path, tiny_model: TinyModel) -> None:
    for name in ("nano", "small", "small-fer2013"):
        tiny_model(name, path=weights / f"{name}.onnx")
    assert list(catalog.bundled()) == ["small", "nano", "small-fer2013"]
    assert catalog.find("small") == weights / "small.onnx"


def test_generators_stand_beside_the_models(weights: Path, tiny_model: TinyModel) -> None:
    tiny_model("small", path=weights / "small.onnx")
    (weights / "generators").mkdir()
    tiny_generator(weights / "generators" / "g.onnx")
    assert list(catalog.bundled()) == ["small"]  # what answers questions about faces
    assert list(catalog.generators()) == ["g"]
    assert list(catalog.packaged()) == ["small", "g"]
    assert ExpressionEditor("g").path == weights / "generators" / "g.onnx"


def test_finds_a_path(weights: Path, tiny_model: TinyModel) -> None:
    path = tiny_model()
    assert catalog.find(str(path)) == path


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("nosuch", "bundled model: small"),
        ("gone.onnx", "no such model file"),
        ("pyproject.toml", "not an .onnx"),
    ],
)
def test_says_what_there_is(weights: Path, tiny_model: TinyModel, model: str, words: str) -> None:
    tiny_model("small", path=weights / "small.onnx")
    with pytest.raises(MienError, match=words):
        catalog.find(model)


def test_says_when_nothing_is_bundled(weights: Path) -> None:
    with pytest.raises(MienError, match="none in this build"):
        catalog.find("small")


def test_pulled_models_are_found_by_name_behind_bundled_ones(weights: Path, tiny_model: TinyModel) -> None:
    with pytest.raises(MienError, match="`mien models pull esr9` fetches them"):
        catalog.find("esr9")
    kept = folder("esr9") / "esr9.onnx"
    kept.parent.mkdir(parents=True)
    tiny_model("esr9", path=kept)
    assert catalog.pulled() == {"esr9": kept}
    assert catalog.find("esr9") == kept
    tiny_model("esr9", path=weights / "esr9.onnx")
    assert catalog.find("esr9") == weights / "esr9.onnx"


def test_weights_that_were_pulled_without_a_file_to_open(weights: Path) -> None:
    kept = folder("ganmut_lin_2d") / "ganmut_lin_2d.safetensors"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"weights")
    assert catalog.pulled() == {"ganmut_lin_2d": kept}
    with pytest.raises(MienError, match=r"mien export .* makes one"):
        catalog.find("ganmut_lin_2d")
