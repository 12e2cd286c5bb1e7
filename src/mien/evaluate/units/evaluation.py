"""What was found of a model's heads on one split of a data set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mien.evaluate.affect import AffectScores
from mien.evaluate.comparison import rounded
from mien.evaluate.scores import Evaluation, versions
from mien.evaluate.units.intensities import IntensityScores
from mien.evaluate.units.occurrence import UnitScores
from mien.evaluate.units.outputs import HeadOutputs

Scores = UnitScores | IntensityScores | AffectScores


@dataclass(frozen=True, slots=True)
class HeadsEvaluation:
    """Scores of one model on one split, head by head.

    Attributes:
        emotions: head -> what `mien.evaluate` says of it.
        heads: head -> scores of the others.
        not_scored: head -> why not.
        dropped: rows that no head but an emotion's was judged on, by reason.
        notes: what a reader must know, in sentences.
        outputs: what `heads` were scored from; None where there are none.
        fitted: head -> unit -> threshold, where some were fitted on another split of this set.
    """

    model: str
    data: str
    data_sha256: str
    split: str
    emotions: Mapping[str, Evaluation]
    heads: Mapping[str, Scores]
    not_scored: Mapping[str, str]
    dropped: Mapping[str, int]
    notes: list[str]
    outputs: HeadOutputs | None = field(default=None, repr=False, compare=False)
    fitted: Mapping[str, Mapping[str, float]] = field(default_factory=dict, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """As docs/units.md has it: the first emotion head's document where one was scored, with `heads` beside."""
        first = next(iter(self.emotions.values()), None)
        document: dict[str, Any] = {
            "model": self.model, "data": self.data, "data_sha256": self.data_sha256, "split": self.split,
            "n": 0 if self.outputs is None else len(self.outputs), "versions": versions(),
        }  # fmt: skip
        if first is not None:
            document |= first.to_dict()
        others = {name: one.to_dict() for name, one in self.emotions.items() if one is not first}
        document["heads"] = rounded({name: one.to_dict() for name, one in self.heads.items()}) | others
        document["not_scored"] = dict(self.not_scored)
        document["left_out"] = dict(self.dropped)
        document["notes"] = [*(first.notes if first else []), *self.notes]
        return document
