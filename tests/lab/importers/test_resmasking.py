from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lab.importers.published import Shapes, State, resmasking, resmasking_shapes

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.importers.imported import Options  # noqa: E402
from mien.lab.importers.resmasking import convert  # noqa: E402
from mien.lab.models.face_net import count_parameters  # noqa: E402
from mien.labels import SEVEN  # noqa: E402

HERE = Path("Z_resmasking_dropout1_rot30_2019Nov30_13.32")
WIDE = 32  # of the last stage, with four channels in the first
HEADS: dict[str, Shapes] = {
    "linear": {"fc.weight": (7, WIDE), "fc.bias": (7,)},
    "dropout1": {"fc.1.weight": (7, WIDE), "fc.1.bias": (7,)},
    "dropout2": {"fc.0.weight": (128, WIDE), "fc.0.bias": (128,), "fc.3.weight": (7, 128), "fc.3.bias": (7,)},
    "dropout3": {
        "fc.0.weight": (512, WIDE), "fc.0.bias": (512,), "fc.3.weight": (128, 512), "fc.3.bias": (128,),
        "fc.6.weight": (7, 128), "fc.6.bias": (7,),
    },
    "dropout4": {
        "fc.0.weight": (128, WIDE), "fc.0.bias": (128,), "fc.3.weight": (128, 128), "fc.3.bias": (128,),
        "fc.6.weight": (7, 128), "fc.6.bias": (7,),
    },
}  # fmt: skip


def norm(state: State, name: str, x: Tensor) -> Tensor:
    return F.batch_norm(x, *(state[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")))


def block(state: State, name: str, x: Tensor, shortcut: str, stride: int = 1) -> Tensor:
    """The published BasicBlock; its shortcut under whichever name is asked for."""
    y = norm(state, f"{name}.bn1", F.conv2d(x, state[f"{name}.conv1.weight"], stride=stride, padding=1)).relu()
    y = norm(state, f"{name}.bn2", F.conv2d(y, state[f"{name}.conv2.weight"], padding=1))
    if f"{shortcut}.0.weight" in state:
        x = norm(state, f"{shortcut}.1", F.conv2d(x, state[f"{shortcut}.0.weight"], stride=stride))
    return (x + y).relu()


def mask(state: State, name: str, depth: int, x: Tensor) -> Tensor:
    def step(n: int, y: Tensor) -> Tensor:
        return block(state, f"{name}.conv{n}", y, f"{name}.downsample{n}")

    skips: list[Tensor] = []
    for k in range(1, depth + 1):
        x = step(k, F.max_pool2d(x, 2) if skips else x)
        skips.append(x)
    for n in range(depth + 1, 2 * depth):
        up = f"{name}.up_pool{n}"
        y = F.conv_transpose2d(x, state[f"{up}.0.weight"], state[f"{up}.0.bias"], stride=2)
        x = step(n, torch.cat([norm(state, f"{up}.1", y).relu(), skips[2 * depth - n - 1]], 1))
    return step(2 * depth, x).softmax(1)


def run(state: State, x: Tensor) -> Tensor:
    """The published network with one block a stage and the head `dropout1`: three planes in, seven logits out."""
    x = norm(state, "bn1", F.conv2d(x, state["conv1.weight"], stride=2, padding=3)).relu()
    x = F.max_pool2d(x, 3, 2, 1)
    for s in range(1, 5):
        x = block(state, f"layer{s}.0", x, f"layer{s}.0.downsample", stride=1 if s == 1 else 2)
        x = x * (1 + mask(state, f"mask{s}", 5 - s, x))
    return F.linear(x.mean((2, 3)), state["fc.1.weight"], state["fc.1.bias"])


def test_the_grammar_is_that_of_the_specification() -> None:
    shapes = resmasking_shapes()
    assert len(shapes) == 740
    inside = [sum(key.startswith(f"mask{n}.") for key in shapes) for n in range(1, 5)]
    assert inside == [213, 158, 103, 48]
    learnt = [(k, s) for k, s in shapes.items() if "running" not in k and "batches" not in k]
    once = [s for k, s in learnt if not (k.startswith("mask") and ".downsample" in k and ".conv" in k)]
    assert sum(torch.Size(shape).numel() for shape in once) == 137_796_423


def test_it_answers_as_published_on_grey_faces() -> None:
    state = resmasking()
    imported = convert({**state}, HERE, Options())
    grey = torch.rand(2, 1, 64, 64)
    with torch.no_grad():
        said = imported.net.eval()(grey)
    torch.testing.assert_close(said, run(state, grey.expand(-1, 3, -1, -1)), rtol=1e-3, atol=1e-4)
    spec = imported.spec
    assert (spec.architecture, spec.colour, spec.height, spec.mean, spec.std) == (
        "resmasking_dropout1", "grey", 224, (0,), (1,),
    )  # fmt: skip
    assert spec.heads[0].labels == SEVEN
    assert spec.architecture_options == {"layers": [1, 1, 1, 1], "stem": 4}


@pytest.mark.parametrize("head", HEADS)
def test_heads_are_told_by_their_layers(head: str) -> None:
    spec = convert(resmasking(head=HEADS[head]), HERE, Options(trained_on="vemo")).spec
    assert spec.architecture == ("resmasking" if head == "linear" else "resmasking_dropout1")
    assert spec.architecture_options.get("head") == (None if head in ("linear", "dropout1") else head)
    assert spec.heads[0].trained_on == "vemo"


def drop(key: str) -> Callable[[State], None]:
    return lambda state: state.__delitem__(key)


def put(key: str, *shape: int) -> Callable[[State], None]:
    return lambda state: state.update({key: torch.zeros(shape)})


@pytest.mark.parametrize(
    ("mangle", "words"),
    [
        (drop("conv1.weight"), r"lacks conv1\.weight"),
        (drop("layer2.0.downsample.1.bias"), r"lacks layer2\.0\.downsample\.1\.bias"),
        (drop("mask1.up_pool6.0.bias"), r"lacks mask1\.up_pool6\.0\.bias"),
        (drop("mask2.downsample5.0.weight"), r"but lacks mask2\.downsample5\.0\.weight, which is the same"),
        (drop("mask2.conv5.downsample.0.weight"), r"lacks mask2\.conv5\.downsample\.0\.weight, which is the same"),
        (
            put("mask3.downsample1.1.running_mean", 32),
            r"mask3\.downsample1\.1\.running_mean and mask3\.conv1\.downsample",
        ),
        (put("mask4.conv3.conv1.weight", 1), r"unknown key mask4\.conv3\.conv1\.weight"),
        (put("mask1.up_pool5.0.weight", 32, 32, 2, 2), r"up_pool5\.0\.weight is \(32, 32, 2, 2\).*\(64, 32, 2, 2\)"),
        (put("conv1.weight", 4, 1, 7, 7), r"conv1\.weight is \(4, 1, 7, 7\).*needs \(4, 3, 7, 7\)"),
        (put("fc.1.weight", 8, WIDE), "answers with 8 classes"),
        (drop("fc.1.weight"), "no head of ResMaskingNet"),
    ],
)
def test_a_mangled_file_is_refused_by_its_key(mangle: Callable[[State], None], words: str) -> None:
    state = resmasking()
    mangle(state)
    with pytest.raises(MienError, match=words):
        convert(state, HERE, Options())


def test_options_of_other_networks_are_refused() -> None:
    with pytest.raises(MienError, match="are for ESR"):
        convert(resmasking(), HERE, Options(statistics="batch"))


@pytest.mark.slow
def test_the_full_network(tmp_path: Path) -> None:
    imported = convert(resmasking(stem=64, layers=(3, 4, 6, 3)), HERE, Options())
    assert imported.spec.architecture_options == {}
    assert count_parameters(imported.net) == 137_796_423 - 2 * 64 * 49  # its two other planes of input
