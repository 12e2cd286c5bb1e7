from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.lab.importers.published import SPACES, filled, ganmut_shapes, save_esr

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.importers import pulled  # noqa: E402
from mien.lab.importers.imported import Options  # noqa: E402
from mien.lab.importers.pulled import make_model  # noqa: E402
from mien.lab.predict import load_net  # noqa: E402
from mien.model_spec import ModelSpec  # noqa: E402
from mien.runtime import catalog  # noqa: E402
from mien.runtime.downloads import download, folder  # noqa: E402
from mien.runtime.expression_editor import ExpressionEditor  # noqa: E402
from mien.runtime.model_record import record  # noqa: E402


def test_a_generator_is_found_by_its_name(tmp_path: Path) -> None:
    torch.save(filled(ganmut_shapes(SPACES["linear", 2], blocks=1)), tmp_path / "1000000-G.ckpt")
    file, spec = make_model(download("ganmut_lin_2d"), [tmp_path / "1000000-G.ckpt"], Options())
    assert file == folder("ganmut_lin_2d") / "ganmut_lin_2d.onnx"
    assert sorted(path.name for path in file.parent.iterdir()) == [file.name, "ganmut_lin_2d.safetensors"]
    facts, described = record("ganmut_lin_2d")
    assert (facts.kind, facts.heads, described) == ("local", (), spec)
    assert "non-commercial" in facts.licence
    assert spec.training["source"] == "https://github.com/stefanodapolito/GANmut"
    editor = ExpressionEditor("ganmut_lin_2d", threads=1)
    grey = np.full((1, 128, 128, 3), 127, np.uint8)
    assert editor.edit(grey, editor.space.code("happiness", 0.7)).shape == grey.shape


def test_a_recogniser_is_exported_too(
    tmp_path: Path, tiny_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The export itself is held against torch in test_recognise."""

    def fail(*_: object, **__: object) -> None:
        raise MienError("differs")

    def export(weights: Path, out: Path, **_: object) -> ModelSpec:
        spec = load_net(weights)[1]
        tiny_model(spec.name, path=out)
        return spec

    save_esr(tmp_path, 1, (2, 3, 3), (3, 4), heads=(8,), channels=1)
    files = sorted(tmp_path.iterdir())
    wanted = download("esr9")
    monkeypatch.setattr(pulled, "export_run", fail)
    with pytest.raises(MienError, match="differs"):
        make_model(wanted, files, Options())
    assert catalog.pulled() == {}  # half of a model is none
    monkeypatch.setattr(pulled, "export_run", export)
    file, spec = make_model(wanted, files, Options(trained_on="mine"))
    assert catalog.find("esr9") == file
    assert (spec.name, spec.heads[0].trained_on) == ("esr9", "mine")
    assert record("esr9")[1] == spec
    assert sorted(path.name for path in file.parent.iterdir()) == ["esr9.onnx", "esr9.safetensors"]


def test_the_data_files_options_stand_in_for_those_not_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def remember(*_: object, options: Options, **__: object) -> None:
        seen.append(options)
        raise MienError("far enough")

    monkeypatch.setattr(pulled, "import_weights", remember)
    for options in (Options(), Options(trained_on="mine")):
        with pytest.raises(MienError):
            make_model(download("resmasking_dropout1"), [tmp_path], options)
    assert [options.trained_on for options in seen] == ["vemo", "mine"]
