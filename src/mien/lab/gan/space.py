"""GANmut's conditional spaces (d'Apolito et al., CVPR 2021): where each emotion lies, and the code that asks for it.

Emotions stand in our own order; what was published stands in AffectNet's and is turned round on import.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mien.errors import MienError
from mien.labels import EMOTIONS, emotion
from mien.runtime.expression_space import NEUTRAL


def check_emotions(emotions: Sequence[str]) -> tuple[str, ...]:
    """Names of emotions without repeats, neutral among them.

    Raises:
        MienError: others.
    """
    names = tuple(emotions)
    odd = [name for name in names if name not in EMOTIONS]
    if odd or len(set(names)) != len(names) or NEUTRAL not in names:
        what = f"{odd[0]!r} is none" if odd else "neutral is missing or one stands twice"
        raise MienError(f"emotions of a generator: {what}; known: {', '.join(EMOTIONS)}")
    return names


class Space(nn.Module):
    """What both spaces have in common.

    Attributes:
        emotions: their names, in the order of the rows.
        dims: coordinates of a code, 2 or 3.
    """

    def __init__(self, emotions: Sequence[str], dims: int) -> None:
        super().__init__()
        if dims not in (2, 3):
            raise MienError(f"a generator's codes have 2 or 3 coordinates, not {dims}")
        self.emotions, self.dims = check_emotions(emotions), dims

    def places(self) -> Tensor:
        """Where each emotion lies at its full strength, (k, d); neutral too."""
        raise NotImplementedError

    def code(self, name: str, intensity: float = 1.0) -> Tensor:
        """The code (d,) of an emotion; intensity 0 is neutral, 1 the emotion's own place, between them a line.

        Raises:
            MienError: an emotion that the generator did not learn, or an intensity outside 0..1.
        """
        name = emotion(name)
        if name not in self.emotions:
            raise MienError(f"this generator knows no {name}: {', '.join(self.emotions)}")
        if not 0 <= intensity <= 1:
            raise MienError(f"intensity {intensity}: expected 0 (neutral) to 1")
        places = self.places()
        neutral = places[self.emotions.index(NEUTRAL)]
        return neutral + intensity * (places[self.emotions.index(name)] - neutral)


class LinearSpace(Space):
    """Emotion = direction, intensity = length, neutral = the origin.

    `axes.bias` is never used; it is kept because the published networks have and count it.
    """

    def __init__(self, emotions: Sequence[str], dims: int) -> None:
        super().__init__(emotions, dims)
        self.axes = nn.Linear(dims, len(self.emotions) - 1)
        with torch.no_grad():
            self.axes.weight.mul_(1e-4)  # its direction alone matters: a short one turns fast

    @property
    def directed(self) -> tuple[str, ...]:
        """The emotions that have an axis, in the order of the rows of `axes`."""
        return tuple(name for name in self.emotions if name != NEUTRAL)

    def directions(self) -> Tensor:
        """Axes of length one, (k - 1, d)."""
        return nn.functional.normalize(self.axes.weight, dim=1)

    def places(self) -> Tensor:
        rows = self.directions()
        at = self.emotions.index(NEUTRAL)
        return torch.cat([rows[:at], rows.new_zeros(1, self.dims), rows[at:]])


_SMALLEST = 1e-4
"""Added to the variances of three dimensions, so that a block that collapses can still be inverted."""


class GaussianSpace(Space):
    """Each emotion, neutral included, is a Gaussian in -1..1 along every coordinate.

    In two dimensions a covariance is R(angle) diag(|axes|) R(angle)^T, in three W W^T of a (3, 3) block, which starts
    as the identity. The published 3-D code takes W + W^T, which need not be positive definite, so that an emotion may
    lie nearest to another's place, and lets the blocks of neighbouring emotions overlap; its networks are read with
    `covariance="sum"` and a block each.

    Args:
        covariance: of three dimensions: "product" or "sum".
    """

    def __init__(self, emotions: Sequence[str], dims: int, covariance: str = "product") -> None:
        super().__init__(emotions, dims)
        if covariance not in ("product", "sum"):
            raise MienError(f"covariance {covariance!r} of a Gaussian space: product or sum")
        self.covariance = covariance
        k = len(self.emotions)
        self.means = nn.Parameter(torch.empty(k, dims).uniform_(-(dims**-0.5), dims**-0.5))
        if dims == 2:
            self.angles = nn.Parameter(torch.zeros(k))
            self.lengths = nn.Parameter(torch.ones(k, 2))
        else:
            self.blocks = nn.Parameter(torch.eye(3).repeat(k, 1, 1))

    def places(self) -> Tensor:
        return self.means.tanh()

    def covariances(self) -> Tensor:
        """(k, d, d), symmetric."""
        if self.dims == 3:
            other = self.blocks.transpose(1, 2)
            if self.covariance == "sum":
                return self.blocks + other
            return self.blocks @ other + _SMALLEST * torch.eye(3, device=other.device)
        cos, sin = self.angles.cos(), self.angles.sin()
        turn = torch.stack([torch.stack([cos, -sin], 1), torch.stack([sin, cos], 1)], 1)  # (k, 2, 2)
        return turn @ torch.diag_embed(self.lengths.abs()) @ turn.transpose(1, 2)

    def distances(self, codes: Tensor) -> Tensor:
        """Squared Mahalanobis distance of codes (n, d) from every emotion, (n, k)."""
        away = codes[:, None] - self.places()  # (n, k, d)
        return torch.einsum("nkd,kde,nke->nk", away, torch.linalg.inv(self.covariances()), away)


SPACES: dict[str, type[LinearSpace | GaussianSpace]] = {"linear": LinearSpace, "gaussian": GaussianSpace}
