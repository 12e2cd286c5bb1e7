"""BAM (Park et al. 2018): between two stages, a map weighed by channel and by place at once."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from mien.errors import MienError

JOINS = ("product", "sum")


class ChannelPath(nn.Module):
    """(n, c, h, w) -> (n, c), an MLP on the channels' means (eq. 3, the norm inside it as in pytorchcv)."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, hidden)
        self.norm = nn.BatchNorm1d(hidden)
        self.excite = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.excite(F.relu(self.norm(self.squeeze(x.mean((2, 3))))))
        return y


class SpatialPath(nn.Sequential):
    """(n, c, h, w) -> (n, 1, h, w): 1x1, two dilated 3x3, 1x1 (eq. 4), every convolution with its bias."""

    def __init__(self, channels: int, hidden: int, dilation: int) -> None:
        layers: list[nn.Module] = [nn.Conv2d(channels, hidden, 1), nn.BatchNorm2d(hidden), nn.ReLU()]
        for _ in range(2):
            layers += [nn.Conv2d(hidden, hidden, 3, padding=dilation, dilation=dilation), nn.BatchNorm2d(hidden)]
            layers.append(nn.ReLU())
        super().__init__(*layers, nn.Conv2d(hidden, 1, 1))


class BAM(nn.Module):
    """(n, c, h, w) -> (n, c, h, w): x (1 + sigmoid(channel path, spatial path joined)) (eq. 1 and 2).

    Args:
        channels: c.
        reduction: both paths have c / reduction channels inside.
        dilation: of the spatial path.
        join: `product` of the two paths, as in pytorchcv, whose nets the published tables trained, or their
            `sum`, as in the paper.
    """

    def __init__(self, channels: int, reduction: int = 16, dilation: int = 4, join: str = "product") -> None:
        super().__init__()
        if join not in JOINS:
            raise MienError(f"model.options.join = {join!r}, expected {' or '.join(JOINS)}")
        hidden = max(1, channels // reduction)
        self.channel = ChannelPath(channels, hidden)
        self.spatial = SpatialPath(channels, hidden, dilation)
        self.join = join

    def forward(self, x: Tensor) -> Tensor:
        channel = self.channel(x)[:, :, None, None]
        spatial: Tensor = self.spatial(x)
        gate = channel * spatial if self.join == "product" else channel + spatial
        scale: Tensor = 1 + gate.sigmoid()
        return x * scale
