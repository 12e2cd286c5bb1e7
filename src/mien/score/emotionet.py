"""The score of the EmotioNet challenges for action units."""

from __future__ import annotations

from mien.score.multilabel import PerUnit


def challenge_score(units: PerUnit) -> float:
    """Mean of mean accuracy and mean F1 over the units, in percent; NaN where no unit is shown.

    The challenges (Benitez-Quiroz et al. 2017, "EmotioNet challenge: recognition of facial expressions of emotion in
    the wild") rank entries by accuracy and F-scores of each unit and by their means; their one number is the mean of
    the two. A unit that no row shows has no F1, and counts in the accuracy alone.
    """
    return (units.macro("accuracy") + units.macro("f1")) / 2
