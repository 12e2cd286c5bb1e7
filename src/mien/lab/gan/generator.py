"""GANmut's generator (d'Apolito et al., CVPR 2021): a face and a point in the space of emotions -> the same face."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from mien.errors import MienError
from mien.lab.gan.space import SPACES, GaussianSpace, LinearSpace
from mien.lab.train.checkpoint import fill, load_weights
from mien.labels import SEVEN
from mien.model_spec import ModelSpec

ARCHITECTURES = {"linear": "ganmut_linear", "gaussian": "ganmut_gaussian"}


def _norm(width: int) -> nn.InstanceNorm2d:
    """By each picture's own statistics, always: so the published networks were used, though they keep others."""
    return nn.InstanceNorm2d(width, affine=True)


class Residual(nn.Module):
    """x + conv-norm-ReLU-conv-norm of x; no ReLU behind the sum."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            _norm(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            _norm(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.main(x)
        return y


class Generator(nn.Module):
    """Faces (n, channels, h, w) in -1..1 and codes (n, dims) -> faces of that shape and range.

    The code is spread over two or three constant planes beside the picture's own. Any size whose sides are
    multiples of 4 goes; the published networks learnt 128 x 128.

    Args:
        space: linear or gaussian.
        dims: coordinates of a code, 2 or 3.
        emotions: what it knows, neutral among them.
        conv_dim: width of the first layer.
        blocks: residual blocks in the middle.
        channels: 3 for RGB, 1 for grey.
        covariance: of a Gaussian space in three dimensions, see `GaussianSpace`.
    """

    def __init__(
        self,
        space: str,
        dims: int = 2,
        emotions: Sequence[str] = SEVEN,
        conv_dim: int = 64,
        blocks: int = 6,
        channels: int = 3,
        covariance: str = "product",
    ) -> None:
        super().__init__()
        if space not in SPACES:
            raise MienError(f"unknown space {space!r} of a generator: {' or '.join(SPACES)}")
        self.space: LinearSpace | GaussianSpace
        self.space = LinearSpace(emotions, dims) if space == "linear" else GaussianSpace(emotions, dims, covariance)
        width = conv_dim
        layers: list[nn.Module] = [
            nn.Conv2d(channels + dims, width, 7, padding=3, bias=False), _norm(width), nn.ReLU(inplace=True),
        ]  # fmt: skip
        for _ in range(2):
            layers += [nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False), _norm(2 * width), nn.ReLU(inplace=True)]
            width *= 2
        layers += [Residual(width) for _ in range(blocks)]
        for _ in range(2):
            up = nn.ConvTranspose2d(width, width // 2, 4, 2, 1, bias=False)
            layers += [up, _norm(width // 2), nn.ReLU(inplace=True)]
            width //= 2
        layers += [nn.Conv2d(width, channels, 7, padding=3, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)

    def forward(self, faces: Tensor, codes: Tensor) -> Tensor:
        # sizes by shape: len() would bind an exported file to the batch that it was traced with
        if codes.ndim != 2 or codes.shape[0] != faces.shape[0] or codes.shape[1] != self.space.dims:
            raise ValueError(f"codes {tuple(codes.shape)}, expected ({len(faces)}, {self.space.dims})")
        planes = codes[:, :, None, None].expand(-1, -1, *faces.shape[2:])
        made: Tensor = self.main(torch.cat([faces, planes], dim=1))
        return made


def ganmut_linear(
    dims: int = 2, emotions: Sequence[str] = SEVEN, conv_dim: int = 64, blocks: int = 6, channels: int = 3
) -> Generator:
    """The paper's GANmut: direction is the emotion, length its intensity."""
    return Generator("linear", dims, emotions, conv_dim, blocks, channels)


def ganmut_gaussian(
    dims: int = 2,
    emotions: Sequence[str] = SEVEN,
    conv_dim: int = 64,
    blocks: int = 6,
    channels: int = 3,
    covariance: str = "product",
) -> Generator:
    """The paper's GGANmut: every emotion is a Gaussian."""
    return Generator("gaussian", dims, emotions, conv_dim, blocks, channels, covariance)


BUILDERS = {"ganmut_linear": ganmut_linear, "ganmut_gaussian": ganmut_gaussian}


def load_generator(path: Path) -> tuple[Generator, ModelSpec]:
    """A generator from a .safetensors file whose ModelSpec names its architecture and options.

    Raises:
        MienError: a file that is missing or broken, holds no generator, or does not fit, naming the first key.
    """
    tensors, spec = load_weights(path)
    if spec.architecture not in BUILDERS:
        raise MienError(f"{path}: holds {spec.architecture}, no generator; known: {', '.join(BUILDERS)}")
    net = BUILDERS[spec.architecture](channels=spec.channels, **spec.architecture_options)
    fill(net, tensors, spec, path)
    return net.eval(), spec
