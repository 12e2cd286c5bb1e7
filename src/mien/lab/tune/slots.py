"""Who runs what, told from the storage alone: N slots, each with attempts, and no lock between machines.

A search of N trials puts N waiting trials into the storage, numbered by slot. A worker that dies leaves its
trial running; whoever finds it puts the slot's next attempt in and marks the dead one failed, in this order, so
that a death in between loses nothing. Two finders may both put it in: of several trials with one slot and
attempt the one with the lowest number stands, which every worker sees alike because a storage gives numbers out
one by one. The others are surplus and are failed by whoever draws them, without running.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

SLOT, ATTEMPT, FOLDER, RUN = "slot", "attempt", "folder", "run"
SURPLUS, DIED, RETRY_OF = "surplus", "died", "retry_of"


def place(trial: FrozenTrial) -> tuple[int, int] | None:
    """(slot, attempt), or None for a trial that no plan made."""
    slot = trial.user_attrs.get(SLOT)
    return None if slot is None else (int(slot), int(trial.user_attrs.get(ATTEMPT, 0)))


def is_surplus(trial: FrozenTrial, trials: Iterable[FrozenTrial]) -> bool:
    """Whether another trial stands for this one's slot and attempt."""
    mine = place(trial)
    return mine is None or any(other.number < trial.number and place(other) == mine for other in trials)


def standing(trials: Sequence[FrozenTrial]) -> dict[int, FrozenTrial]:
    """Slot -> the trial that stands for it: its last attempt, of several the lowest number; in order of slots."""
    first: dict[tuple[int, int], FrozenTrial] = {}
    for trial in sorted(trials, key=lambda t: t.number):
        where = place(trial)
        if where is not None:
            first.setdefault(where, trial)
    return {slot: trial for (slot, _), trial in sorted(first.items())}  # a later attempt replaces an earlier one


def add_slots(study: Study, plans: Sequence[dict[str, Any]]) -> int:
    """Put in what is missing of slots 0..len(plans)-1, each with the parameters it fixes; returns how many."""
    have = {where[0] for t in study.get_trials(deepcopy=False) if (where := place(t)) is not None}
    missing = [slot for slot in range(len(plans)) if slot not in have]
    for slot in missing:
        study.enqueue_trial(plans[slot], user_attrs={SLOT: slot, ATTEMPT: 0, FOLDER: f"{slot:04d}"})
    return len(missing)


def hand_back(study: Study, trial: FrozenTrial, why: str, *, same_folder: bool) -> None:
    """Put the slot's next attempt in, then fail this one.

    The next attempt goes on in the same folder where nobody can be writing there any more; else in a new one.
    """
    from optuna.exceptions import UpdateFinishedTrialError
    from optuna.trial import TrialState

    where = place(trial)
    trials = study.get_trials(deepcopy=False)
    if where is not None and not is_surplus(trial, trials):
        slot, attempt = where[0], where[1] + 1
        folder = trial.user_attrs.get(FOLDER, f"{slot:04d}") if same_folder else f"{slot:04d}-{attempt}"
        attrs = {SLOT: slot, ATTEMPT: attempt, FOLDER: folder, RETRY_OF: trial.number}
        if not any(place(other) == (slot, attempt) for other in trials):
            study.enqueue_trial({**trial.system_attrs.get("fixed_params", {}), **trial.params}, user_attrs=attrs)
    try:
        study._storage.set_trial_user_attr(trial._trial_id, DIED, why)
        study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
    except (UpdateFinishedTrialError, ValueError):
        return  # another worker was quicker
