from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import onnx  # noqa: E402
from torch import nn  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.export import int8  # noqa: E402
from mien.lab.export.int8 import difference, export_int8, quantise  # noqa: E402
from mien.lab.export.onnx import export_run  # noqa: E402
from mien.lab.models.face_net import channels_last  # noqa: E402
from mien.lab.models.registry import create  # noqa: E402
from mien.lab.predict import open_run  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.labels import EMOTIONS, SEVEN  # noqa: E402
from mien.model_spec import Head, ModelSpec  # noqa: E402
from mien.runtime.session import OnnxModel  # noqa: E402

HEADS = (Head("emotion", "emotion", EMOTIONS, "ferplus"), Head("seven", "emotion", SEVEN, "fer2013"))
OPTIONS = {"widths": [16, 24, 32], "depths": [1, 1, 1], "stem": 8}
DATA = "synthetic:n=80,seed=3"


def crops(n: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n, 48, 48, 1), dtype=np.uint8)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights; the head's are large enough for answers that differ from face to face."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("run") / "final.safetensors"
    net = create("small", HEADS, **OPTIONS)
    nn.init.normal_(net.get_parameter("head.weight"), std=2.0)
    save_weights(net, ModelSpec("two", "small", HEADS, 48, 48, architecture_options=OPTIONS), path)
    return path


@pytest.fixture(scope="module")
def file(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("int8") / "m.onnx"
    export_int8(run, path, DATA, name="fast", n=32)
    return path


def test_outputs_stay_and_the_spec_tells_how_it_was_made(file: Path) -> None:
    model = OnnxModel(file)
    assert [part.shape for part in model.run(crops(3))[:3]] == [(3, 15), (3, 32), (3, 32, 6, 6)]
    assert (model.spec.name, model.spec.heads) == ("fast", HEADS)
    facts = model.spec.training["int8"]
    assert facts["calibrated_on"]["data"] == DATA
    assert (facts["calibrated_on"]["split"], facts["calibrated_on"]["n"]) == ("Training", 32)
    assert (facts["held_out"]["split"], facts["held_out"]["n"]) == ("Validation", 8)
    for head in HEADS:
        told = facts["held_out"][head.name]
        assert 0 < told["mean"] <= told["max"] < 0.2
        assert 0 <= told["same"] <= 1


def test_faces_are_calibrated_on_at_the_side_that_is_asked(run: Path, tmp_path: Path) -> None:
    spec = export_int8(run, tmp_path / "m.onnx", DATA, n=32, side=40)
    assert (spec.height, spec.width) == (40, 40)
    assert OnnxModel(tmp_path / "m.onnx").run(crops(3)[:, :40, :40])[0].shape == (3, 15)
    assert spec.training["int8"]["held_out"]["emotion"]["max"] < 0.2


def test_answers_follow_the_networks(run: Path, file: Path) -> None:
    from mien.lab.export.int8_faces import int8_faces

    model = OnnxModel(file)
    faces = int8_faces(DATA, model.spec).held_out
    expected = open_run(run).logits(faces)
    away = np.abs(model.run(faces).logits - expected).max()
    assert 0 < away < 0.1 * np.ptp(expected)


def test_weights_are_bytes_but_for_the_first_convolution_and_the_heads(file: Path) -> None:
    model = onnx.load(file)
    kinds = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    convolved = {node.name: node.input[1] for node in model.graph.node if node.op_type == "Conv"}
    in_float = [name for name, weight in convolved.items() if kinds.get(weight) == onnx.TensorProto.FLOAT]
    assert in_float == [next(iter(convolved))]
    assert len(convolved) > 5
    largest = [
        np.abs(onnx.numpy_helper.to_array(t).astype(int)).max()
        for t in model.graph.initializer
        if t.data_type == onnx.TensorProto.INT8 and len(t.dims) == 4
    ]
    assert max(largest) <= 64, "8-bit weights overflow where there is no VNNI"


def chain(*kinds: str) -> onnx.ModelProto:
    """crops -> float -> these nodes -> `y`."""
    nodes = [onnx.helper.make_node("Cast", ["crops"], ["x0"], "cast", to=onnx.TensorProto.FLOAT)]
    for i, kind in enumerate(kinds):
        weights = [f"w{i}"] if kind == "Conv" else []
        nodes.append(onnx.helper.make_node(kind, [f"x{i}", *weights], [f"x{i + 1}"], f"{kind.lower()}{i}"))
    rng = np.random.default_rng(0)
    tensors = [
        onnx.numpy_helper.from_array(rng.normal(size=(4, 4, 1, 1)).astype(np.float32), f"w{i}")
        for i, kind in enumerate(kinds)
        if kind == "Conv"
    ]
    shape = ["n", 4, 6, 6]
    graph = onnx.helper.make_graph(
        nodes, "chain",
        [onnx.helper.make_tensor_value_info("crops", onnx.TensorProto.UINT8, shape)],
        [onnx.helper.make_tensor_value_info(f"x{len(kinds)}", onnx.TensorProto.FLOAT, shape)], tensors,
    )  # fmt: skip
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=9)


def in_bytes(model: onnx.ModelProto) -> int:
    """How many weights are int8."""
    return sum(t.data_type == onnx.TensorProto.INT8 and len(t.dims) == 4 for t in model.graph.initializer)


def test_what_is_named_stays_in_float() -> None:
    faces = np.random.default_rng(0).integers(0, 256, (4, 4, 6, 6), dtype=np.uint8)
    model = chain("Conv", "Relu", "Conv", "Relu", "Conv")
    assert in_bytes(quantise(model, faces)) == 2
    assert in_bytes(quantise(model, faces, ["conv4"])) == 1
    with pytest.raises(MienError, match="conv0, relu1, conv2"):
        quantise(model, faces, ["pool"])
    for keep in (["conv*"], ["Conv"]):
        with pytest.raises(MienError, match="no convolution is left"):
            quantise(model, faces, keep)


def test_nothing_is_written_to_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = chain("Conv", "Relu", "Conv")
    before = model.SerializeToString()
    quantise(model, np.zeros((2, 4, 6, 6), np.uint8))
    assert list(tmp_path.iterdir()) == []
    assert model.SerializeToString() == before


def test_difference_by_hand() -> None:
    heads = (
        Head("emotion", "emotion", EMOTIONS[:2], "a"),
        Head("affect", "valence_arousal", ("valence",), "a", "none"),
    )
    spec = ModelSpec("a", "small", heads, 48, 48)
    expected = np.float32([[0, np.log(3), 0.5], [0, np.log(3), 0.5]])  # 1/4, 3/4
    actual = np.float32([[0, 0.0, 0.5], [np.log(3), 0, 0.7]])  # 1/2, 1/2 and 3/4, 1/4
    found = difference(spec, expected, actual)
    assert found["emotion"] == {"max": 0.5, "mean": 0.375, "same": 0.0}
    assert found["affect"] == {"max": pytest.approx(0.2, abs=1e-5), "mean": pytest.approx(0.1, abs=1e-5)}


def test_data_that_is_not_there_is_told_before_anything_is_exported(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(int8, "export_run", lambda *_, **__: pytest.fail("exported"))
    with pytest.raises(MienError, match="nowhere: no such file or folder"):
        export_int8(run, tmp_path / "m.onnx", str(tmp_path / "nowhere"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_esr9_is_faster_than_eager_torch(tmp_path: Path) -> None:
    """One face, two threads; the engines take turns, so that both meet the same spells of a busy machine."""
    torch.manual_seed(0)
    heads = HEADS[:1]
    spec = ModelSpec("esr9", "esr9", heads, 96, 96, colour="rgb", mean=(0.0,) * 3, std=(1.0,) * 3)
    net = create("esr9", heads, channels=3, height=96, width=96).eval()
    save_weights(net, spec, tmp_path / "final.safetensors")
    export_run(tmp_path, tmp_path / "float32.onnx")
    export_int8(tmp_path, tmp_path / "int8.onnx", "synthetic:n=60,size=96,colour=rgb", n=16)
    face = np.random.default_rng(0).integers(0, 256, (1, 96, 96, 3), dtype=np.uint8)
    runs: dict[str, Callable[[], object]] = {
        name: partial(OnnxModel(tmp_path / f"{name}.onnx", 2).run, face) for name in ("float32", "int8")
    }
    x = torch.from_numpy(face).permute(0, 3, 1, 2).float() / 255
    both = {"nchw": (net, x), "nhwc": (copy.deepcopy(net).to(memory_format=torch.channels_last), channels_last(x))}
    runs |= {name: partial(one, y) for name, (one, y) in both.items()}
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with torch.inference_mode():
            for _ in range(40):
                for name, run in runs.items():
                    start = perf_counter()
                    run()
                    seconds[name].append(perf_counter() - start)
    finally:
        torch.set_num_threads(threads)
    median = {name: float(np.median(times)) for name, times in seconds.items()}
    eager = min(median["nchw"], median["nhwc"])
    assert eager / median["float32"] >= 1.3, median
    assert eager / median["int8"] >= 2.5, median
