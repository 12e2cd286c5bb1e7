from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.gan.generator import Generator, ganmut_gaussian, ganmut_linear, load_generator  # noqa: E402
from mien.lab.models.face_net import count_parameters  # noqa: E402
from mien.lab.train.checkpoint import save_weights  # noqa: E402
from mien.labels import EMOTIONS  # noqa: E402
from mien.model_spec import ModelSpec  # noqa: E402

NARROW: dict[str, Any] = {"conv_dim": 4, "blocks": 1}


@pytest.mark.parametrize(
    ("space", "dims", "parameters"),
    [("linear", 2, 8_421_138), ("gaussian", 2, 8_421_155), ("linear", 3, 8_424_280), ("gaussian", 3, 8_424_340)],
)
def test_parameters_are_the_papers(space: str, dims: int, parameters: int) -> None:
    with torch.device("meta"):
        assert count_parameters(Generator(space, dims)) == parameters


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("space", ["linear", "gaussian"])
@pytest.mark.parametrize("size", [(32, 32), (48, 40)])
def test_faces_of_any_size_keep_it(space: str, dims: int, size: tuple[int, int]) -> None:
    net = Generator(space, dims, **NARROW)
    made = net(torch.rand(2, 3, *size) * 2 - 1, torch.rand(2, dims))
    assert made.shape == (2, 3, *size)
    assert made.abs().max() <= 1


def test_the_code_changes_the_face_and_train_and_eval_do_not() -> None:
    torch.manual_seed(0)
    net = ganmut_linear(emotions=EMOTIONS, **NARROW)
    face = torch.rand(1, 3, 16, 16)
    happy = net(face, net.space.code("happiness")[None])
    assert (happy - net(face, net.space.code("neutral")[None])).abs().max() > 1e-3
    assert torch.equal(happy, net.eval()(face, net.space.code("happiness")[None]))


def test_no_other_face_of_the_batch_matters() -> None:
    net = ganmut_gaussian(**NARROW)
    faces, codes = torch.rand(3, 3, 16, 16), torch.rand(3, 2)
    torch.testing.assert_close(net(faces, codes)[:1], net(faces[:1], codes[:1]))


def test_codes_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match=r"codes \(1, 3\), expected \(1, 2\)"):
        ganmut_linear(**NARROW)(torch.zeros(1, 3, 16, 16), torch.zeros(1, 3))
    with pytest.raises(MienError, match="unknown space 'cubic'"):
        Generator("cubic")


def test_round_trip(tmp_path: Path) -> None:
    net = ganmut_gaussian(**NARROW)
    spec = ModelSpec(
        "g", "ganmut_gaussian", (), 128, 128, colour="rgb", mean=(0.5,) * 3, std=(0.5,) * 3, architecture_options=NARROW
    )
    save_weights(net, spec, tmp_path / "g.safetensors")
    again, read = load_generator(tmp_path / "g.safetensors")
    faces, codes = torch.rand(1, 3, 16, 16), torch.rand(1, 2)
    assert read == spec
    assert torch.equal(net(faces, codes), again(faces, codes))
    save_weights(net, spec.replace(architecture="ganmut_linear"), tmp_path / "g.safetensors")
    with pytest.raises(MienError, match=r"has unknown weights space\.angles"):
        load_generator(tmp_path / "g.safetensors")
    save_weights(net, spec.replace(architecture="small"), tmp_path / "g.safetensors")
    with pytest.raises(MienError, match="no generator"):
        load_generator(tmp_path / "g.safetensors")
