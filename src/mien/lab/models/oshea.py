"""O'Shea's CNN ("Facial Emotion Recognition with Data Augmentation"), layer by layer as in the report's table.

Every block is convolution, PReLU with one slope, pooling, batch norm, in that order. The second block adds a
1x1 convolution of what goes into its norm to what comes out of it. The report shows the third block with no, one and
two PReLUs; the text has one, and so has this. Two 1x1 convolutions that the report declares and never calls
are left out: 184,110 parameters.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mien.errors import MienError
from mien.lab.models.face_net import FaceNet
from mien.lab.models.registry import register

OUTPUTS = ("tanh", "sigmoid", "softmax", "none")
ACTIVATIONS = ("prelu", "relu")
POOLINGS = ("max", "avg")


class OShea(FaceNet):
    """(n, 1, 48, 48) in -1..1 -> (n, classes) in -1..1 with the report's tanh.

    With tanh and seven classes cross-entropy cannot fall below 0.594 and no softmax exceeds 0.552.
    """

    def __init__(
        self,
        classes: int,
        channels: int,
        height: int,
        width: int,
        widths: Sequence[int],
        hidden: int,
        dropout: float,
        activation: str,
        pooling: str,
        output: str,
    ) -> None:
        super().__init__()
        first, second, third = widths
        pool = nn.MaxPool2d if pooling == "max" else nn.AvgPool2d

        def act() -> nn.Module:
            return nn.PReLU() if activation == "prelu" else nn.ReLU()

        self.block1 = nn.Sequential(nn.Conv2d(channels, first, 5, padding=1), act(), pool(3, 2), nn.BatchNorm2d(first))
        self.block2 = nn.Sequential(nn.Conv2d(first, second, 5, padding=1), act(), pool(3, 2))
        self.norm2 = nn.BatchNorm2d(second)
        self.residual = nn.Conv2d(second, second, 1)
        self.block3 = nn.Sequential(
            nn.Conv2d(second, third, 3, padding=1), act(), nn.AvgPool2d(3, 1), nn.BatchNorm2d(third)
        )
        self.dropout = nn.Dropout(dropout)
        with torch.no_grad():
            flat = self.features(torch.zeros(2, channels, height, width)).flatten(1).shape[1]
        self.hidden = nn.Linear(flat, hidden)
        self.head = nn.Linear(hidden, classes)
        self.output = output
        for norm in self.modules():  # the dry run above moved the running statistics
            if isinstance(norm, nn.BatchNorm2d):
                norm.reset_running_stats()

    def stages(self) -> list[nn.Module]:
        second = nn.ModuleList([self.block2, self.norm2, self.residual])  # norm and residual stand side by side
        return [self.block1, second, self.block3, self.hidden, self.head]

    def features(self, x: Tensor) -> Tensor:
        y = self.block2(self.block1(x))
        y = self.norm2(y) + self.residual(y)
        z: Tensor = self.block3(y)
        return z

    def pool(self, feature_map: Tensor) -> Tensor:
        return F.elu(self.hidden(self.dropout(feature_map.flatten(1))))

    def classify(self, embedding: Tensor) -> Tensor:
        y: Tensor = self.head(embedding)
        if self.output == "tanh":
            return y.tanh()
        if self.output == "sigmoid":
            return y.sigmoid()
        return y.softmax(dim=1) if self.output == "softmax" else y


@register("oshea")
def oshea(
    classes: int,
    channels: int,
    height: int,
    width: int,
    widths: Sequence[int] = (44, 40, 36),
    hidden: int = 70,
    dropout: float = 0.5,
    activation: str = "prelu",
    pooling: str = "max",
    output: str = "tanh",
) -> OShea:
    """The report's final network; the settings repeat its tuning."""
    for key, value, known in (
        ("activation", activation, ACTIVATIONS),
        ("pooling", pooling, POOLINGS),
        ("output", output, OUTPUTS),
    ):
        if value not in known:
            raise MienError(f"model.options.{key} = {value!r}, expected {' or '.join(known)}")
    if len(widths) != 3:
        raise MienError(f"model.options.widths = {list(widths)}, expected three")
    return OShea(classes, channels, height, width, widths, hidden, dropout, activation, pooling, output)
