"""Layers that commute with a mirror: the mirrored picture gives the mirrored, exchanged channels, by construction.

Cohen and Welling 2016, "Group Equivariant Convolutional Networks", for the group of two that a mirror and doing nothing
make. Channels come in pairs, channel i of the first half with i of the second; mirroring the picture mirrors both and
exchanges them. Half of the weights say the other half, so that a layer costs the time of an ordinary one of its width
and half of its parameters. The sum of the halves then is the same for a face and its mirror image.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MirroredConv2d(nn.Conv2d):
    """(n, into, h, w) -> (n, out, h', w'), without bias.

    Args:
        into: channels of the input; pairs, or plain ones of a picture where `lifts`.
        out: channels of the output, an even number.
        kernel, stride: an odd kernel with stride 1 keeps the size, an even one with stride 2 halves an even one. Any
            other would not lie evenly over the picture and its mirror image.
        lifts: the input is a picture, not pairs.

    Attributes:
        weight: (out / 2, into, kernel, kernel), of the first half of the output.

    Raises:
        ValueError: widths that are odd, or a kernel and stride that are not even to both sides.
    """

    def __init__(self, into: int, out: int, kernel: int, stride: int = 1, lifts: bool = False) -> None:
        if out % 2 or (into % 2 and not lifts):
            raise ValueError(f"{into} -> {out} channels, which are no pairs")
        if (kernel % 2, stride) not in ((1, 1), (0, 2)):
            raise ValueError(f"a kernel of {kernel} with stride {stride} does not lie evenly")
        super().__init__(into, out // 2, kernel, stride, (kernel - 1) // 2, bias=False)
        self.lifts = lifts

    def whole(self) -> Tensor:
        """(out, into, kernel, kernel): the weights of an ordinary convolution that gives the same."""
        own = self.weight
        given = own if self.lifts else own.roll(self.in_channels // 2, dims=1)
        return torch.cat([own, given.flip(3)])

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self._conv_forward(x, self.whole(), None)
        return y

    def plain(self) -> nn.Conv2d:
        """The ordinary convolution that gives the same."""
        weight = self.whole().detach()
        conv = nn.Conv2d(self.in_channels, len(weight), self.kernel_size, self.stride, self.padding, bias=False)  # type: ignore[arg-type]
        conv.weight = nn.Parameter(weight)
        return conv


class MirroredNorm2d(nn.BatchNorm2d):
    """Batch norm of `out` channels whose halves share means, deviations, weights and biases: (n, out, h, w) -> same."""

    def __init__(self, out: int) -> None:
        super().__init__(out // 2)

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        pairs = x.permute(0, 2, 3, 1).reshape(n, h, 2 * w, c // 2)  # of channels-last memory, no copy
        y = super().forward(pairs.permute(0, 3, 1, 2))
        return y.permute(0, 2, 3, 1).reshape(n, h, w, c).permute(0, 3, 1, 2)

    def plain(self) -> nn.BatchNorm2d:
        """The ordinary norm that gives the same."""
        norm = nn.BatchNorm2d(2 * self.num_features, self.eps, self.momentum)
        said = {key: value.repeat(2) if value.ndim else value for key, value in self.state_dict().items()}
        norm.load_state_dict(said)
        return norm.train(self.training)


def plain(module: nn.Module) -> nn.Module:
    """Replace, in place, each of these layers by the ordinary one that gives the same, which exporters can fold."""
    for name, child in module.named_children():
        if isinstance(child, MirroredConv2d | MirroredNorm2d):
            setattr(module, name, child.plain())
        else:
            plain(child)
    return module


def both_halves(x: Tensor) -> Tensor:
    """(n, c, h, w) of pairs -> (n, c / 2, h, w), their mean: of a mirrored picture the mirrored map."""
    first, second = x.chunk(2, dim=1)
    return (first + second) * 0.5
