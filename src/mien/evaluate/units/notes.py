"""What a reader must know of scores of units, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mien.evaluate.affect import AffectScores
from mien.evaluate.units.evaluation import Scores
from mien.evaluate.units.occurrence import UnitScores
from mien.score.unit_thresholds import UNFITTED

FEW = 10
"""Of fewer faces that show a unit its scores say little."""
HALF = "0.5"
"""Where thresholds come from if nobody fitted any."""


def notes_on(scores: Mapping[str, Scores], shared: int = 0, people: int = 0, split: str = "") -> list[str]:
    """Rare units, units that are not coded, thresholds that nothing was known for, people on two sides.

    Args:
        shared: how many of the judged split's `people` also stand in other splits.
    """
    notes = [line for name, one in scores.items() if not isinstance(one, AffectScores) for line in _of_head(name, one)]
    if shared and scores:
        notes.append(
            f"{shared} of the {people} people in {split} also stand in other splits: scores flatter a model that "
            "learnt from those; `mien data split --by subject` cuts people apart."
        )
    return notes


def _of_head(name: str, one: Scores) -> Iterator[str]:
    assert not isinstance(one, AffectScores)
    rare = [unit for u, unit in enumerate(one.units) if one.scores.positive[u] < FEW]
    if rare:
        yield f"{name}: fewer than {FEW} faces show {', '.join(rare)}: their scores say little."
    if one.not_coded:
        yield f"{name}: the set does not code {', '.join(one.not_coded)}: not scored."
    if not isinstance(one, UnitScores):
        return
    if one.thresholds_from == HALF:
        yield f"{name}: every unit's threshold is 0.5; --fit-on VALIDATION fits them."
    elif absent := [unit for unit in one.units if one.thresholds[unit] == UNFITTED]:
        yield f"{name}: {', '.join(absent)} keep 0.5: no face showed them where thresholds were fitted."
    if one.protocol and one.protocol["missing"]:
        yield f"{name}: the mean over {one.protocol['name']}'s units lacks {', '.join(one.protocol['missing'])}."
