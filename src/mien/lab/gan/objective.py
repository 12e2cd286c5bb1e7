"""What critic and generator each learn from a batch (d'Apolito et al., CVPR 2021), the terms weighted and named."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from mien.lab.augment.draw import Draw
from mien.lab.augment.shift import shifted
from mien.lab.gan.codes import LEAST, Asked, gaussian_codes, linear_codes
from mien.lab.gan.critic import Critic, Verdict
from mien.lab.gan.generator import Generator
from mien.lab.gan.losses import class_loss, divergence, gradient_penalty, r1_penalty, strength_loss
from mien.lab.gan.space import GaussianSpace, LinearSpace
from mien.lab.train.recipe import Ganmut

IDENTITY_SHARE = 0.25
"""Of a batch, on which the identity term looks: enough to hold the sign of the picture, and cheap."""

Terms = dict[str, Tensor]
"""Name -> a scalar, unweighted; `total` is the weighted sum."""


@dataclass(frozen=True, slots=True)
class Objective:
    """The two losses of one generator and critic.

    Args:
        settings: the weights, and which regulariser and cycle.
        bf16: multiply in bf16; penalties, whose second derivatives it would blur, stay in float32.
    """

    generator: Generator
    critic: Critic
    settings: Ganmut
    bf16: bool

    def ask(self, labels: Tensor, draw: Draw) -> Asked:
        """Codes for a batch; in a linear space for its own labels shuffled, in a Gaussian one for every emotion."""
        space = self.generator.space
        if isinstance(space, GaussianSpace):
            return gaussian_codes(space, draw)
        wanted = labels[draw.permutation()]
        return linear_codes(space, wanted, draw, noise=self.settings.noise, free=self.settings.free)

    def critic_terms(self, faces: Tensor, labels: Tensor, asked: Asked, draw: Draw) -> Terms:
        """Real against made, what the real faces show, and which codes the made ones were asked for.

        Args:
            faces: (n, c, h, w) in -1..1.
            labels: (n,) int64, what they show.
        """
        set_ = self.settings
        with torch.no_grad(), self._autocast(faces):
            made = self.generator(faces, asked.codes)
        made, codes = made.float(), asked.codes.detach()
        faces, made = (shifted(x, draw, set_.jitter) for x in (faces, made))
        with self._autocast(faces):
            real, fake = (_exact(self.critic(x)) for x in (faces, made))
        terms = {
            "wasserstein": fake.realness.mean() - real.realness.mean(),
            "class": F.cross_entropy(real.logits, labels),
            "codes": F.mse_loss(fake.codes, codes),
        }
        if set_.regulariser == "r1":
            terms["penalty"] = r1_penalty(self.critic.realness, faces)
        else:
            terms["penalty"] = gradient_penalty(self.critic.realness, faces, made, draw.uniform(0, 1))
        weights = {"wasserstein": 1.0, "class": set_.critic_class, "codes": set_.critic_codes, "penalty": set_.penalty}
        return _summed(terms, weights)

    def generator_terms(self, faces: Tensor, labels: Tensor, asked: Asked, draw: Draw) -> Terms:
        """Look real, show what was asked as strongly as asked, and be turned back into the face that was."""
        set_, space = self.settings, self.generator.space
        with self._autocast(faces):
            with torch.no_grad():
                seen = _exact(self.critic(faces))
            made = self.generator(faces, asked.codes)
            verdict = _exact(self.critic(shifted(made, draw, set_.jitter)))
            back = self.generator(made, self._way_back(space, labels, seen))
        terms = {"wasserstein": -verdict.realness.mean(), "cycle": F.l1_loss(back.float(), faces)}
        weights = {"wasserstein": set_.adversarial, "cycle": set_.cycle}
        if isinstance(space, LinearSpace):
            terms["codes"] = F.mse_loss(verdict.codes, asked.codes)
            terms["class"] = class_loss(verdict.logits, asked.labels, asked.free)
            terms["strength"] = strength_loss(verdict.logits, asked.strength, LEAST)
            weights |= {"codes": set_.generator_codes, "class": set_.generator_class, "strength": set_.strength}
        else:
            terms["class"] = divergence(space.distances(asked.codes), verdict.logits)
            terms["means"] = class_loss(verdict.logits, asked.labels, asked.free)
            weights |= {"class": set_.generator_class, "means": set_.means}
        if set_.identity:
            part = slice(math.ceil(len(faces) * IDENTITY_SHARE))
            with self._autocast(faces):
                same = self.generator(faces[part], self._way_back(space, labels, seen)[part])
            terms["identity"] = F.l1_loss(same.float(), faces[part])
            weights["identity"] = set_.identity
        return _summed(terms, weights)

    def _way_back(self, space: LinearSpace | GaussianSpace, labels: Tensor, seen: Verdict) -> Tensor:
        """(n, d) the code of the face as it was; never one with noise or of a random direction.

        `original`, and always in a Gaussian space: the coordinates that the critic sees in the real face;
        `approximate`: along the axis of its label, as far as the critic is sure of its likeliest emotion.
        """
        if isinstance(space, GaussianSpace) or self.settings.way_back == "original":
            return seen.codes
        return seen.logits.softmax(1).amax(1)[:, None] * space.places()[labels]

    def _autocast(self, faces: Tensor) -> torch.autocast:
        return torch.autocast(faces.device.type, torch.bfloat16, enabled=self.bf16)


def _exact(verdict: Verdict) -> Verdict:
    return Verdict(*(part.float() for part in verdict))


def _summed(terms: Terms, weights: dict[str, float]) -> Terms:
    total = torch.stack([weights[name] * terms[name] for name in terms]).sum()
    return {**terms, "total": total}
