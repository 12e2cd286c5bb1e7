"""Heat maps of faces by one method, with what tells whether to trust them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.evaluate.explain.explainer import Explainer
from mien.evaluate.explain.methods import DEFAULT, check_method
from mien.evaluate.explain.randomisation import ALIKE, randomisation
from mien.evaluate.explain.removal import removal, shuffled
from mien.runtime.explained_target import LIKELIEST, target_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one method says of n faces.

    Attributes:
        method, layer, target: as asked.
        maps: (n, h', w') float32, as fine as the method makes them; what is above 0 speaks for the target.
        names: what was asked about each face: its likeliest emotion where `target` is "emotion".
        values: (n,) what the model says there: a probability, or -1..1 of valence and arousal.
        scores: (n,) each, see `docs/explain.md`: deletion, insertion, the same of shuffled maps, rank_correlation and
            ssim with the map of a model that has forgotten; empty where nothing was checked.
        forgotten: which weights were drawn anew, or why none were; "" where nothing was checked.
        kind: of the head that was asked, see `model_spec.KINDS`.
    """

    method: str
    layer: str
    target: str
    maps: NDArray[np.float32]
    names: tuple[str, ...]
    values: NDArray[np.float64]
    scores: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    forgotten: str = ""
    kind: str = "emotion"

    def summary(self) -> dict[str, Any]:
        """Medians over the faces, and whether the randomisation test finds the method suspicious."""
        medians = {key: _median(values) for key, values in self.scores.items()}
        alike = medians.get("rank_correlation")
        return {
            "method": self.method,
            "layer": self.layer or None,
            "n": len(self.maps),
            "map": list(self.maps.shape[1:]),
            **medians,
            "randomised": self.forgotten or None,
            "suspicious": None if alike is None else alike >= ALIKE,
        }


def explain(
    explainer: Explainer,
    crops: NDArray[np.uint8],
    target: str = LIKELIEST,
    method: str = DEFAULT,
    *,
    layer: str = "",
    check: bool = False,
    seed: int = 0,
) -> Explanation:
    """Where a model looks for its answer.

    Args:
        explainer: from `open_explainer`.
        crops: uint8 (n, h, w, c) of the model's size.
        target: an emotion, a unit, valence or arousal of the model; "emotion" for each face's likeliest.
        method: one of `methods.METHODS`.
        layer: with a run and Grad-CAM: the module to look at; "" for the last map.
        check: also measure deletion, insertion and the randomisation test.
        seed: of shuffled maps and forgotten weights.

    Raises:
        MienError: an unknown word, or a map that this model does not allow, naming the remedy.
    """
    check_method(method, layer)
    asked = target_of(explainer.spec, target)
    logits = explainer.logits(crops)
    columns = asked.columns(logits)
    maps = explainer.maps(crops, columns, method, layer)
    scores: dict[str, NDArray[np.float64]] = {}
    forgotten = ""
    if check:
        before = removal(lambda some: asked.values(explainer.logits(some), columns), crops, maps)
        chance = shuffled(lambda some: asked.values(explainer.logits(some), columns), crops, maps, seed)
        scores = {"deletion": before.deletion, "deletion_shuffled": chance.deletion}
        scores |= {"insertion": before.insertion, "insertion_shuffled": chance.insertion}
        try:
            found = randomisation(explainer, crops, columns, maps, method=method, layer=layer, seed=seed)
            scores |= {"rank_correlation": found.rank_correlation, "ssim": found.ssim}
            forgotten = found.what
        except MienError as error:  # the other scores stand without it
            forgotten = f"nothing: {error}"
    names, values = tuple(asked.names(columns)), asked.values(logits, columns)
    return Explanation(method, layer, target, maps, names, values, scores, forgotten, asked.head.kind)


def _median(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None
