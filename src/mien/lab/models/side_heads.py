"""GoogLeNet and Inception-v3 as torchvision has them, with the side heads that learn in the middle of the trunk.

Their published weights were trained on pixels in -1..1: with `model.weights = "imagenet"` set
`input.normalise = "symmetric"`. torchvision's `transform_input` only brings pixels that were normalised by ImageNet's
mean and deviation back to that range; here normalisation is the recipe's and happens before the network, so it is
left out.
"""

from __future__ import annotations

from torchvision.models.googlenet import GoogLeNet
from torchvision.models.inception import Inception3

from mien.lab.models.registry import register
from mien.lab.models.torchvision_net import Plan, TorchvisionNet, check_size


class GoogLeNetNet(TorchvisionNet):
    """Two side heads; Szegedy et al. 2015, section 5, adds their losses with this weight."""

    side_weights = (0.3, 0.3)


class InceptionNet(TorchvisionNet):
    """One side head, with the weight of torchvision's reference training and of the TensorFlow original."""

    side_weights = (0.4,)


_GOOGLENET = (
    ("conv1", "maxpool1"),
    ("conv2", "conv3", "maxpool2"),
    ("inception3a", "inception3b", "maxpool3"),
    ("inception4a",),
    ("inception4b", "inception4c", "inception4d"),
    ("inception4e", "maxpool4", "inception5a", "inception5b"),
)
_INCEPTION = (
    ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1"),
    ("Conv2d_3b_1x1", "Conv2d_4a_3x3", "maxpool2"),
    ("Mixed_5b", "Mixed_5c", "Mixed_5d"),
    ("Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"),
    ("Mixed_7a", "Mixed_7b", "Mixed_7c"),
)


@register("googlenet")
def googlenet(
    classes: int,
    channels: int,
    height: int,
    width: int,
    sides: bool = True,
    dropout: float = 0.2,
    side_dropout: float = 0.7,
    pool: str = "avg",
) -> TorchvisionNet:
    """Szegedy et al. 2015 with batch norm, as torchvision has it; `sides` adds its two side heads."""
    check_size("googlenet", height, width, least=15)
    net = GoogLeNet(max(classes, 1), aux_logits=sides, init_weights=True, dropout=dropout, dropout_aux=side_dropout)
    heads = (("inception4a", "aux1"), ("inception4d", "aux2")) if sides else ()
    return GoogLeNetNet(net, Plan(_GOOGLENET, "fc", sides=heads), classes, channels, dropout, pool)


@register("inception_v3")
def inception_v3(
    classes: int,
    channels: int,
    height: int,
    width: int,
    sides: bool = True,
    dropout: float = 0.5,
    pool: str = "avg",
) -> TorchvisionNet:
    """Szegedy et al. 2016; `sides` adds its side head, which needs pictures of 299 x 299 or more."""
    check_size("inception_v3 without its side head (model.options.sides = false)", height, width, least=75)
    if sides:
        check_size("inception_v3 with its side head", height, width, least=299)
    net = Inception3(max(classes, 1), aux_logits=sides, init_weights=True, dropout=dropout)
    net.fc.reset_parameters()  # torchvision's deviation of 0.1 begins far above guessing, see efficientnet_b2
    heads = (("Mixed_6e", "AuxLogits"),) if sides else ()
    return InceptionNet(net, Plan(_INCEPTION, "fc", sides=heads), classes, channels, dropout, pool)
