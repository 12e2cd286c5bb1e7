"""GANmut's critic (d'Apolito et al., CVPR 2021): how real a face looks, what it shows, and which code asked for it."""

from __future__ import annotations

import math
from typing import NamedTuple

from torch import Tensor, nn

from mien.errors import MienError

SLOPE = 0.01  # of its leaky ReLUs


class Verdict(NamedTuple):
    """What the critic says of n faces.

    Attributes:
        realness: (n, 1, h', w'), a number a patch; higher is more real, of no fixed range.
        logits: (n, k) over the emotions.
        codes: (n, d) the coordinates that it believes were asked for.
    """

    realness: Tensor
    logits: Tensor
    codes: Tensor


def layers_for(height: int, width: int) -> int:
    """As many halvings as leave 2 or 3 pixels on the shorter side: 6 at 128 as published, 5 at 64, 4 at 48 and 32."""
    return max(1, int(math.log2(min(height, width))) - 1)


class Critic(nn.Module):
    """Convolutions of 4 x 4 that halve the picture and double the channels, then heads of one convolution each.

    At 128 x 128 colour with a first width of 64 and six layers it has the published 44,794,816 parameters for seven
    emotions. The published Gaussian critic writes logits and coordinates by one head, the linear one by two; the
    numbers are the same, and so are the keys.

    Args:
        space: "linear" or "gaussian".
        dims: coordinates of a code.
        emotions: how many there are.
        conv_dim: channels of the first layer.
        layers: halvings; 0 takes `layers_for`.
        channels: 3 for RGB, 1 for grey.
        height, width: of the faces in pixels, which must divide by 2 ** layers.

    Raises:
        MienError: sides that do not halve so often.
    """

    def __init__(
        self,
        space: str,
        dims: int = 2,
        emotions: int = 7,
        conv_dim: int = 64,
        layers: int = 0,
        channels: int = 3,
        height: int = 128,
        width: int = 128,
    ) -> None:
        super().__init__()
        layers = layers or layers_for(height, width)
        if height % 2**layers or width % 2**layers:
            raise MienError(
                f"a critic of {layers} layers takes sides that are multiples of {2**layers}, not {height} x {width};"
                " set input.height and input.width, or ganmut.critic_layers"
            )
        self.dims, self.emotions = dims, emotions
        made: list[nn.Module] = []
        into, out = channels, conv_dim
        for _ in range(layers):
            made += [nn.Conv2d(into, out, 4, 2, 1), nn.LeakyReLU(SLOPE, inplace=True)]
            into, out = out, 2 * out
        self.main = nn.Sequential(*made)
        left = (height // 2**layers, width // 2**layers)
        self.conv1 = nn.Conv2d(into, 1, 3, padding=1, bias=False)
        apart = space == "linear"
        self.conv2 = nn.Conv2d(into, emotions if apart else emotions + dims, left, bias=False)
        self.conv3 = nn.Conv2d(into, dims, left, bias=False) if apart else None

    def forward(self, faces: Tensor) -> Verdict:
        """(n, c, h, w) in -1..1, of the size that it was made for."""
        seen = self.main(faces)
        said = self.conv2(seen).flatten(1)
        codes = said[:, self.emotions :] if self.conv3 is None else self.conv3(seen).flatten(1)
        return Verdict(self.conv1(seen), said[:, : self.emotions], codes)

    def realness(self, faces: Tensor) -> Tensor:
        """(n, c, h, w) -> (n, 1, h', w'), the first of what `forward` gives."""
        made: Tensor = self.conv1(self.main(faces))
        return made
