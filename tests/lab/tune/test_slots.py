from __future__ import annotations

from typing import Any

from mien.lab.tune.slots import add_slots, hand_back, is_surplus, place, standing


def states(study: Any) -> list[tuple[Any, str]]:
    return [(place(t), t.state.name) for t in study.trials]


def test_missing_slots_are_topped_up_and_none_twice(study: Any) -> None:
    assert add_slots(study, [{"x": 0}, {"x": 1}]) == 2
    assert add_slots(study, [{"x": 0}, {"x": 1}, {"x": 2}]) == 1
    assert states(study) == [((0, 0), "WAITING"), ((1, 0), "WAITING"), ((2, 0), "WAITING")]
    drawn = [study.ask().suggest_categorical("x", [0, 1, 2]) for _ in range(3)]
    assert drawn == [0, 1, 2]


def test_of_two_planners_the_first_stands(study: Any) -> None:
    add_slots(study, [{}, {}])
    study.enqueue_trial({}, user_attrs={"slot": 1, "attempt": 0})  # planned elsewhere at the same moment
    study.ask(), study.ask(), study.ask()
    assert [is_surplus(t, study.trials) for t in study.trials] == [False, False, True]
    study.ask()  # nothing waits: a trial that nobody planned
    assert is_surplus(study.trials[3], study.trials)
    assert [t.number for t in standing(study.trials).values()] == [0, 1]


def test_a_dead_trial_is_put_back_once_with_what_it_had_drawn(study: Any) -> None:
    add_slots(study, [{"x": 3}])
    trial = study.ask()
    trial.suggest_int("x", 0, 9)
    trial.suggest_float("y", 0, 1)
    seen = study.trials[0]
    hand_back(study, seen, "gone", same_folder=True)
    hand_back(study, seen, "gone", same_folder=True)  # another worker saw the same
    assert states(study) == [((0, 0), "FAIL"), ((0, 1), "WAITING")]
    retry = study.ask()
    assert (retry.suggest_int("x", 0, 9), retry.suggest_float("y", 0, 1)) == (3, trial.params["y"])
    assert retry.user_attrs["folder"] == "0000"
    assert retry.user_attrs["retry_of"] == 0
    assert study.trials[0].user_attrs["died"] == "gone"
    assert standing(study.trials)[0].number == 1


def test_a_finder_that_dies_between_both_steps_loses_nothing(study: Any) -> None:
    add_slots(study, [{}])
    study.ask()
    attrs = {"slot": 0, "attempt": 1, "folder": "0000"}
    study.enqueue_trial({}, user_attrs=attrs)  # the retry is in, the dead trial not yet failed
    hand_back(study, study.trials[0], "gone", same_folder=True)
    assert states(study) == [((0, 0), "FAIL"), ((0, 1), "WAITING")]


def test_a_silent_worker_may_still_write_so_the_retry_takes_another_folder(study: Any) -> None:
    add_slots(study, [{}])
    study.ask()
    hand_back(study, study.trials[0], "silent", same_folder=False)
    assert study.trials[1].user_attrs["folder"] == "0000-1"
