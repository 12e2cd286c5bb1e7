"""What leaving each emotion out does to the recall of the rest: a sweep over `data.drop`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from mien.lab.tune.space import Choices, Space
from mien.labels import EMOTIONS

DROP, RECALL = "data.drop", "val_recall_"
NOTHING = "nothing"


def leave_one_out(rows: Sequence[dict[str, Any]], space: Space) -> list[dict[str, Any]]:
    """A row for each set of emotions left out, the one without any first: recalls in percent, and their changes.

    Several trials that leave the same out (other seeds, say) are averaged. `rest` is the mean recall of the
    emotions that stay; `rest_before` the mean of the same ones where nothing was left out; `change_EMOTION`
    the difference to that run in percentage points. Without such a run there are no changes. [] where the
    search does not vary data.drop, or kept no recalls.
    """
    dimension = space.dimensions.get(DROP)
    if not isinstance(dimension, Choices):
        return []
    runs: dict[str, list[dict[str, float]]] = defaultdict(list)
    for trial in rows:
        if trial["state"] == "complete" and trial["recalls"] and DROP in trial["params"]:
            left_out = "+".join(dimension.value(trial["params"][DROP])) or NOTHING
            runs[left_out].append({k.removeprefix(RECALL): v for k, v in trial["recalls"].items()})
    means = {left_out: {e: float(np.mean([run[e] for run in found if e in run])) for e in EMOTIONS
                        if any(e in run for run in found)} for left_out, found in runs.items()}  # fmt: skip
    whole = means.get(NOTHING, {})
    table = []
    for left_out in sorted(means, key=lambda name: (name != NOTHING, _order(name))):
        recalls = means[left_out]
        row: dict[str, Any] = {"left_out": left_out, "runs": len(runs[left_out])}
        row |= {e: round(v, 2) for e, v in recalls.items()}
        row["rest"] = round(float(np.mean(list(recalls.values()))), 2)
        if whole:
            both = [e for e in recalls if e in whole]
            row["rest_before"] = round(float(np.mean([whole[e] for e in both])), 2)
            row |= {f"change_{e}": round(recalls[e] - whole[e], 2) for e in both}
        table.append(row)
    return table


def _order(name: str) -> tuple[int, ...]:
    return tuple(EMOTIONS.index(e) if e in EMOTIONS else len(EMOTIONS) for e in name.split("+"))
