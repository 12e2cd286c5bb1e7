from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.labels import SEVEN
from mien.model_spec import Head, ModelSpec
from mien.runtime import catalog
from mien.runtime.architectures import architectures
from mien.runtime.downloads import downloads, folder
from mien.runtime.model_record import (
    architecture_records,
    bundled_records,
    download_records,
    of_spec,
    pulled_records,
    record,
)

SMALL = architectures()["small"]
FIELDS = ["name", "kind", "parameters", "gmacs", "input", "heads", "paper", "source", "licence"]

TinyModel = Callable[..., Path]


def spec(labels: tuple[str, ...], count: int, **changes: object) -> ModelSpec:
    head = Head("emotion", "emotion", labels, "fer2013")
    made = ModelSpec("s", "small", (head,), 48, 48, parameters=count, embedding=256)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_record_has_the_fields_that_scripts_read() -> None:
    for made in architecture_records():
        assert list(made.to_dict()) == FIELDS
        assert made.kind == "architecture"


def test_one_label_less_is_the_same_trunk_with_the_same_arithmetic() -> None:
    seven = of_spec(spec(SEVEN, SMALL.parameters - 257), "local", "runs/s")
    assert seven.gmacs == SMALL.gmacs
    assert seven.paper == SMALL.paper


def test_weights_of_the_very_network_have_its_arithmetic() -> None:
    assert of_spec(spec(SEVEN, SMALL.parameters, embedding=None), "local", "x").gmacs == SMALL.gmacs


@pytest.mark.parametrize("changes", [{"parameters": 1_000_000}, {"height": 64}, {"embedding": None}])
def test_another_trunk_or_input_has_no_known_arithmetic(changes: dict[str, int | None]) -> None:
    assert of_spec(spec(SEVEN, SMALL.parameters - 257, **changes), "local", "x").gmacs is None


def test_an_unknown_architecture_leaves_its_facts_open() -> None:
    made = of_spec(spec(SEVEN, 5, architecture="mine"), "local", "x")
    assert made.gmacs is None
    assert made.paper == ""


def test_names_files_and_runs(tiny_model: TinyModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tiny_model("small")
    local, described = record(str(path))
    assert local.kind == "local"
    assert described is not None
    assert described.name == "small"
    monkeypatch.setattr(catalog, "_WEIGHTS", tmp_path)
    found, _ = record("small")  # weights before the architecture of the same name
    assert found.kind == "bundled"
    assert [made.name for made in bundled_records()] == ["small"]
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model.json").write_text(spec(SEVEN, 5).to_json(), encoding="utf-8")
    assert record(str(tmp_path / "run"))[0].source == str(tmp_path / "run")


def test_an_architecture_without_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_WEIGHTS", tmp_path)
    made, described = record("oshea")
    assert made.kind == "architecture"
    assert described is None
    with pytest.raises(MienError, match="unknown model 'oshae'"):
        record("oshae")


def test_published_weights_have_the_facts_of_their_network_and_a_licence_of_their_own() -> None:
    records = {made.name: made for made in download_records()}
    assert list(records) == list(downloads())
    made = records["ganmut_gaus_2d"]
    assert list(made.to_dict()) == FIELDS
    assert (made.kind, made.parameters, made.input) == ("download", 8_421_155, (3, 128, 128))
    assert "non-commercial" in made.licence
    assert made.source.endswith("1800000-G.ckpt")
    assert record("ganmut_gaus_2d")[0] == made
    assert record("esr9")[0].kind == "architecture"  # the network's own facts, until the weights are here


def test_pulled_weights_are_local(tiny_model: TinyModel) -> None:
    kept = folder("esr9") / "esr9.onnx"
    kept.parent.mkdir(parents=True)
    tiny_model("esr9", path=kept)
    made, described = record("esr9")
    assert (made.kind, made.source) == ("local", str(kept))
    assert described is not None
    assert [one.name for one in pulled_records()] == ["esr9"]
    assert "esr9" not in [one.name for one in download_records()]
