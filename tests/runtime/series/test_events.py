"""Onset, apex and offset on signals that are known."""

from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.runtime.series.events import COLUMNS, Rule, events

TIMES = [0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8]
SHAPE = [0.1, 0.36, 0.5, 0.8, 0.6, 0.4, 0.2, 0.1]


def test_an_event_is_exact(track) -> None:
    table = track(TIMES, happiness=SHAPE, frames=[10, 11, 12, 14, 15, 16, 17, 18])
    found = events(table)
    assert tuple(found.columns) == COLUMNS
    (event,) = found.to_dict("records")
    area = 0.1 * (0.36 + 0.5) / 2 + 0.2 * (0.5 + 0.8) / 2 + 0.1 * (0.8 + 0.6) / 2 + 0.1 * (0.6 + 0.4) / 2
    assert event == {
        "input": "a.mp4", "track": 1, "name": "happiness", "direction": "up", "onset": 0.1, "apex": 0.4, "offset": 0.6,
        "onset_frame": 11, "apex_frame": 14, "offset_frame": 16, "duration": pytest.approx(0.5), "peak": 0.8,
        "mean": pytest.approx(area / 0.5), "rows": 5, "gaps": 0, "missing": 0, "cut": None,
    }  # fmt: skip


def test_hysteresis_holds_through_a_dip_and_ignores_what_never_reaches_on(track) -> None:
    dip = [0.1, 0.6, 0.4, 0.6, 0.2, 0.4, 0.45, 0.1]
    found = events(track(TIMES, happiness=dip))
    assert found[["onset", "apex", "offset"]].to_numpy().tolist() == [[0.1, 0.1, 0.4]]
    found = events(track(TIMES, happiness=dip), Rule(on=0.5, off=0.5, least=0))
    assert found["onset"].tolist() == [0.1, 0.4]


def test_short_events_are_dropped(track) -> None:
    table = track(TIMES, happiness=SHAPE)
    assert len(events(table, Rule(least=0.5))) == 1
    assert len(events(table, Rule(least=0.51))) == 0
    assert list(events(table, Rule(least=0.51)).columns) == list(COLUMNS)


def test_pauses_inside_are_counted_and_long_ones_end_an_event(track) -> None:
    values = [0.1, 0.6, None, None, 0.7, None, 0.6, 0.1]
    (event,) = events(track(TIMES, happiness=values)).to_dict("records")
    assert (event["rows"], event["missing"], event["gaps"], event["cut"]) == (3, 3, 2, None)
    found = events(track(TIMES, happiness=values), Rule(least=0), gap=0.25)
    assert found["cut"].tolist() == ["end", "start"]
    assert found["offset"].tolist() == [0.1, 0.7]
    whole = events(track(TIMES, happiness=[0.9] * 8))
    assert whole["cut"].tolist() == ["both"]


def test_neutral_is_no_event_unless_asked(track) -> None:
    table = track(TIMES, happiness=SHAPE)
    assert set(events(table)["name"]) == {"happiness"}
    assert set(events(table, names=["neutral"])["name"]) == {"neutral"}
    with pytest.raises(MienError, match="'AU12': the table has anger"):
        events(table, names=["AU12"])


def test_valence_goes_both_ways(track) -> None:
    valence = [0, -0.6, -0.9, -0.4, 0, 0.6, 0.7, 0]
    table = track(TIMES, happiness=[0.1] * 8, columns={"valence": valence, "arousal": [0] * 8})
    found = events(table, Rule(least=0)).set_index("direction")
    assert found.loc["down", ["onset", "apex", "offset", "peak"]].tolist() == [0.1, 0.2, 0.4, -0.9]
    assert found.loc["up", ["onset", "apex", "offset", "peak"]].tolist() == [0.6, 0.7, 0.7, 0.7]


def test_relative_to_a_baseline(track) -> None:
    table = track(TIMES, happiness=SHAPE)
    with pytest.raises(MienError, match="give --baseline"):
        events(table, relative=True)
    table = table.assign(happiness_delta=np.array(SHAPE) - 0.4)
    found = events(table, Rule(on=0.3, off=0.15, least=0.1), names=["happiness"], relative=True)
    assert found[["onset", "apex", "offset", "peak"]].to_numpy().tolist() == [[0.4, 0.4, 0.5, pytest.approx(0.4)]]
    found = events(table, Rule(on=0.3, off=0.05, least=0.2), names=["happiness"], relative=True)
    assert found[["onset", "offset"]].to_numpy().tolist() == [[0.2, 0.5]]


def test_tracks_have_their_own_events(track, join) -> None:
    table = join(track(TIMES, happiness=SHAPE), track(TIMES, fear=SHAPE, track=2), track(TIMES, fear=SHAPE, input="b"))
    found = events(table)
    assert found[["input", "track", "name"]].to_numpy().tolist() == [
        ["a.mp4", 1, "happiness"], ["a.mp4", 2, "fear"], ["b", 1, "fear"],
    ]  # fmt: skip


@pytest.mark.parametrize("given", [{"on": 0.3, "off": 0.4}, {"off": 0.0}, {"least": -1.0}])
def test_rules_that_cannot_be(given: dict[str, float]) -> None:
    with pytest.raises(MienError, match="off <= on"):
        Rule(**given)
