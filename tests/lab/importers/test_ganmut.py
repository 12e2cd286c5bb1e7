from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lab.importers.published import SPACES, State, filled, ganmut_shapes

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from mien.errors import MienError  # noqa: E402
from mien.lab.gan.generator import Generator  # noqa: E402
from mien.lab.importers.ganmut import convert  # noqa: E402
from mien.lab.importers.imported import Options  # noqa: E402
from mien.runtime.expression_space import ExpressionSpace  # noqa: E402

HERE = Path("1000000-G.ckpt")
AFFECTNET = ["neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger"]


def published(space: str = "linear", dims: int = 2, blocks: int = 1) -> State:
    return filled(ganmut_shapes(SPACES[space, dims], dims, blocks=blocks))


def run(state: State, bgr: Tensor, code: Tensor, blocks: int) -> Tensor:
    """The published network, written from its table: instance norm, whatever the running averages say."""

    def norm(x: Tensor, name: str) -> Tensor:
        return F.instance_norm(x, weight=state[f"{name}.weight"], bias=state[f"{name}.bias"])

    x = torch.cat([bgr, code[:, :, None, None].expand(-1, -1, *bgr.shape[2:])], 1)
    x = norm(F.conv2d(x, state["main.0.weight"], padding=3), "main.1").relu()
    for at in (3, 6):
        x = norm(F.conv2d(x, state[f"main.{at}.weight"], stride=2, padding=1), f"main.{at + 1}").relu()
    for b in range(9, 9 + blocks):
        y = norm(F.conv2d(x, state[f"main.{b}.main.0.weight"], padding=1), f"main.{b}.main.1").relu()
        x = x + norm(F.conv2d(y, state[f"main.{b}.main.3.weight"], padding=1), f"main.{b}.main.4")
    for at in (9 + blocks, 12 + blocks):
        x = norm(F.conv_transpose2d(x, state[f"main.{at}.weight"], stride=2, padding=1), f"main.{at + 1}").relu()
    return F.conv2d(x, state[f"main.{15 + blocks}.weight"], padding=3).tanh()


def converted(state: State, **options: str) -> Generator:
    net = convert(state, HERE, Options(**options)).net
    assert isinstance(net, Generator)
    return net


@pytest.mark.parametrize(("space", "keys"), [("linear", 105), ("gaussian", 106)])
def test_the_grammar_is_that_of_the_specification(space: str, keys: int) -> None:
    shapes = ganmut_shapes(SPACES[space, 2], width=64)
    assert len(shapes) == keys
    own = [s for k, s in shapes.items() if k.startswith("main") and "running" not in k and "batches" not in k]
    assert sum(torch.Size(shape).numel() for shape in own) == 8_421_120


@pytest.mark.parametrize(("space", "dims"), SPACES)
def test_faces_are_those_of_the_published_network_in_rgb(space: str, dims: int) -> None:
    state = published(space, dims)
    net = converted(state)
    rgb, code = torch.rand(2, 3, 16, 16) * 2 - 1, torch.rand(2, dims)
    torch.testing.assert_close(net(rgb, code), run(state, rgb.flip(1), code, 1).flip(1), rtol=1e-4, atol=1e-5)
    as_is = converted(state, channel_order="rgb")
    torch.testing.assert_close(as_is(rgb, code), run(state, rgb, code, 1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dims", [2, 3])
def test_axes_keep_their_emotions(dims: int) -> None:
    state = published("linear", dims)
    space = converted(state).space
    for k, name in enumerate(AFFECTNET[1:]):
        torch.testing.assert_close(space.code(name), F.normalize(state["axes.weight"][k], dim=0))


def test_gaussians_keep_their_emotions() -> None:
    state = published("gaussian")
    net = converted(state)
    order = [net.space.emotions.index(name) for name in AFFECTNET]
    torch.testing.assert_close(net.space.places()[order], state["mu.weight"].tanh())
    angle, (first, second) = state["covariance_angles.weight"][0, 5], state["covariance_axes.weight"][5].abs()
    turned = torch.tensor([[angle.cos(), -angle.sin()], [angle.sin(), angle.cos()]])
    disgust = net.space.covariances()[net.space.emotions.index("disgust")]  # type: ignore[operator]
    torch.testing.assert_close(disgust, turned @ torch.diag(torch.stack([first, second])) @ turned.T)


def test_the_overlapping_blocks_of_three_dimensions() -> None:
    state = published("gaussian", 3)
    net = converted(state)
    for k, name in enumerate(AFFECTNET):
        block = state["covariances_list.weight"][:, k : k + 3]
        own = net.space.covariances()[net.space.emotions.index(name)]  # type: ignore[operator]
        torch.testing.assert_close(own, block + block.T)


def test_eight_emotions_and_other_widths() -> None:
    extra = {"axes.weight": (7, 2), "axes.bias": (7,)}
    state = filled(ganmut_shapes(extra, width=2, blocks=2))
    spec = convert(state, HERE, Options()).spec
    assert spec.architecture_options["emotions"][-1] == "contempt"
    assert (spec.architecture_options["conv_dim"], spec.architecture_options["blocks"]) == (2, 2)
    assert (spec.architecture, spec.colour, spec.heads) == ("ganmut_linear", "rgb", ())


@pytest.mark.parametrize(("space", "dims"), SPACES)
def test_the_spec_says_where_emotions_lie(space: str, dims: int) -> None:
    made = convert(published(space, dims), HERE, Options())
    assert isinstance(made.net, Generator)
    told = ExpressionSpace.from_spec(made.spec)
    assert (told.kind, told.dims, told.emotions) == (space, dims, made.net.space.emotions)
    torch.testing.assert_close(torch.from_numpy(told.code("fear", 0.4)), made.net.space.code("fear", 0.4))


def test_running_averages_may_be_missing() -> None:
    state = {key: value for key, value in published().items() if "running" not in key and "batches" not in key}
    converted(state)


def drop(key: str) -> Callable[[State], None]:
    return lambda state: state.__delitem__(key)


def put(key: str, *shape: int) -> Callable[[State], None]:
    return lambda state: state.update({key: torch.zeros(shape)})


@pytest.mark.parametrize(
    ("mangle", "words"),
    [
        (drop("main.4.bias"), r"lacks main\.4\.bias"),
        (drop("axes.bias"), r"lacks axes\.bias"),
        (drop("main.9.main.3.weight"), r"lacks main\.9\.main\.3\.weight"),
        (put("main.3.bias", 8), r"unknown key main\.3\.bias"),
        (put("mu.weight", 7, 2), r"unknown key mu\.weight"),
        (put("main.3.weight", 8, 4, 3, 3), r"main\.3\.weight is \(8, 4, 3, 3\).*needs \(8, 4, 4, 4\)"),
        (put("axes.weight", 6, 4), r"axes\.weight is \(6, 4\)"),
        (put("axes.weight", 12), r"axes\.weight is \(12,\)"),
        (drop("main.0.weight"), r"main\.0\.weight is missing"),
    ],
)
def test_a_mangled_file_is_refused_by_its_key(mangle: Callable[[State], None], words: str) -> None:
    state = published()
    mangle(state)
    with pytest.raises(MienError, match=words):
        convert(state, HERE, Options())
