"""Every bundled file is made anew by one command."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from mien.runtime.catalog import packaged
from mien.runtime.session import OnnxModel

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bundle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle", ROOT / "recipes/bundle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclass looks for itself
    spec.loader.exec_module(module)
    return module


def test_each_file_has_its_recipe(bundle: ModuleType) -> None:
    assert {*bundle.MODELS, *bundle.GENERATORS} == set(packaged())
    for name, made in bundle.MODELS.items():
        spec = OnnxModel(packaged()[name]).spec
        assert [head.name for head in spec.heads] == [made.head]
        assert spec.heads[0].trained_on == made.labels
        assert ("int8" in spec.training) == made.int8
        assert (spec.height, spec.width) == (made.side or 48,) * 2
        recipe = (ROOT / "recipes" / f"{made.recipe}.toml").read_text()
        assert f'name = "{made.head}"' in recipe
        assert f"widths = {spec.architecture_options['widths']}" in recipe
        assert spec.calibration[made.head]["fitted_on"]["labels"] == made.labels
    for recipe in bundle.GENERATORS.values():
        assert (ROOT / "recipes" / f"{recipe}.toml").exists()


def test_trains_exports_and_calibrates(bundle: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    recipe = tmp_path / "recipes/tiny.toml"
    recipe.parent.mkdir()
    text = (ROOT / "recipes/synthetic.toml").read_text()
    recipe.write_text(text.replace("epochs = 8", "epochs = 1"))
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    monkeypatch.setitem(bundle.MODELS, "tiny", bundle.Bundled("tiny", "emotion", "synthetic"))
    out, runs, data = tmp_path / "weights", tmp_path / "runs", "synthetic:n=160,seed=3"
    monkeypatch.setattr(sys, "argv", ["bundle.py", "tiny", "--data", data, "--out", str(out), "--runs", str(runs)])
    bundle.main()
    spec = OnnxModel(out / "tiny.onnx").spec
    assert spec.name == "tiny"
    assert spec.calibration["emotion"]["fitted_on"]["n"] > 0
    first = bundle.steps("tiny", data, tmp_path / "none", out, tmp_path)
    again = bundle.steps("tiny", data, runs, out, tmp_path)
    assert [step[0] for step in first] == ["train", "export", "calibrate"]
    assert [step[0] for step in again] == ["export", "calibrate"]
    other = bundle.steps("tiny", data, runs, out, tmp_path, seed=1)
    assert [step[0] for step in other] == ["train", "export", "calibrate"]
    assert other[0][-4:] == ["--out", str(runs / "tiny-1"), "--seed", "1"]
    assert other[1][1].startswith(str(runs / "tiny-1"))
    assert other[2][-1] == str(out / "tiny-1.onnx")


def test_another_seed_learns_on_from_its_own_run(bundle: ModuleType, tmp_path: Path) -> None:
    steps = bundle.steps("small-fer2013", "d", tmp_path / "runs", tmp_path, tmp_path, seed=2)
    before, after, mean, export, _ = steps
    first = str(tmp_path / "runs/small-symmetric-2/final.safetensors")
    assert before[-3:] == [str(tmp_path / "runs/small-symmetric-2"), "--seed", "2"]
    assert after[-4:] == ["--set", f"model.weights={first}", "--seed", "2"]
    assert mean[1:3] == [first, str(tmp_path / "runs/small-remembering-2/final.safetensors")]
    assert export[1] == mean[3]


def test_no_seed_of_another_file_is_written_over_a_bundled_one(
    bundle: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bundle.py", "large", "--seed", "1"])
    with pytest.raises(SystemExit):
        bundle.main()
    assert "--seed: of small, small-fer2013" in capsys.readouterr().err


def test_the_mean_of_weights_before_and_after_more_learning(
    bundle: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    from safetensors.numpy import load_file

    (tmp_path / "recipes").mkdir()
    text = (ROOT / "recipes/synthetic.toml").read_text().replace("epochs = 8", "epochs = 1")
    (tmp_path / "recipes/tiny.toml").write_text(text)
    more = text.replace('name = "small"', 'name = "small"\nweights = "runs/tiny/best.safetensors"')  # not where it is
    (tmp_path / "recipes/more.toml").write_text(more)
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    monkeypatch.setitem(bundle.MODELS, "mixed", bundle.Bundled("more", "emotion", "synthetic", after="tiny"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    arguments = ["--data", "synthetic:n=160,seed=3", "--out", "weights", "--runs", "elsewhere"]
    monkeypatch.setattr(sys, "argv", ["bundle.py", "mixed", *arguments])
    bundle.main()
    assert OnnxModel(tmp_path / "weights/mixed.onnx").spec.training["averaged_with"] == "tiny"
    before, after = (tmp_path / f"elsewhere/{run}/best.safetensors" for run in ("tiny", "more"))
    bundle.average(before, after, tmp_path / "both.safetensors")
    one, other, both = (load_file(path) for path in (before, after, tmp_path / "both.safetensors"))
    assert any(np.abs(one[name] - other[name]).max() > 1e-3 for name in both)
    for name, found in both.items():
        wanted = (one[name] + other[name]) / 2 if found.dtype == np.float32 else other[name]
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_a_large_file_is_the_mean_of_runs_and_a_bundled_one(
    bundle: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    recipe = tmp_path / "recipes/tiny.toml"
    recipe.parent.mkdir()
    text = (ROOT / "recipes/synthetic.toml").read_text().replace("epochs = 8", "epochs = 1")
    recipe.write_text(text.replace('labels = "synthetic"', 'labels = "ferplus"'))  # the heads must be alike
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    tiny = bundle.Bundled("tiny", "emotion", "ferplus")
    made = bundle.Large("small", {"tiny": tiny, "tiny-1": replace(tiny, seed=1)})
    monkeypatch.setitem(bundle.LARGE, "grand", made)
    runs, data = tmp_path / "runs", "synthetic:n=160,seed=3"
    monkeypatch.setattr(sys, "argv", ["bundle.py", "grand", "--data", data, "--runs", str(runs)])
    bundle.main()
    spec = OnnxModel(runs / "grand.onnx").spec  # among the runs, not in the package
    assert (spec.name, spec.architecture, spec.branches) == ("grand", "ensemble", 3)
    assert [member["name"] for member in spec.architecture_options["members"]] == ["small", "tiny", "tiny-1"]
    assert [step[0] for step in bundle.steps("grand", data, runs, runs, tmp_path)] == ["export", "calibrate"]
    assert (runs / "tiny-1/final.safetensors").read_bytes() != (runs / "tiny/final.safetensors").read_bytes()
    assert spec.calibration["emotion"]["fitted_on"]["n"] > 0


def test_large_files_stand_beside_bundled_ones_of_the_same_labels(bundle: ModuleType) -> None:
    for name, made in bundle.LARGE.items():
        assert name not in packaged()
        for member, how in made.others.items():
            assert member not in packaged()
            assert (how.head, how.labels) == (bundle.MODELS[made.beside].head, bundle.MODELS[made.beside].labels)
            assert (ROOT / "recipes" / f"{how.recipe}.toml").exists()


def test_members_that_are_kept_are_taken_as_they_are(bundle: ModuleType, tmp_path: Path) -> None:
    made = bundle.LARGE["large-fer2013"]
    for member, how in made.others.items():
        spec = OnnxModel(bundle.MEMBERS / f"{member}.onnx").spec
        assert [(head.name, head.trained_on) for head in spec.heads] == [(how.head, how.labels)]
        assert spec.training["seed"] == how.seed
        assert spec.calibration[how.head]["fitted_on"]["labels"] == how.labels
    commands = bundle.steps("large-fer2013", "d", tmp_path / "runs", tmp_path, tmp_path)
    assert [step[0] for step in commands] == ["export", "calibrate"]
    listed = (tmp_path / "large-fer2013.toml").read_text()
    assert all(str(bundle.MEMBERS / f"{member}.onnx") in listed for member in made.others)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs/refit-fer2013.onnx").touch()  # made anew
    bundle.steps("large-fer2013", "d", tmp_path / "runs", tmp_path, tmp_path)
    assert str(tmp_path / "runs/refit-fer2013.onnx") in (tmp_path / "large-fer2013.toml").read_text()
