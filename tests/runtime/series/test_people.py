"""Faces over time, and the frames that were looked at."""

from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.runtime.series.people import Person, channels, looked_at, people, standing, stretches


def test_people_by_input_and_track_with_rows_in_time(track, join) -> None:
    table = join(
        track([0, 1, 2], happiness=[0.1, None, 0.3]),
        track([2, 0], happiness=[0.1, 0.2], track=7),
        track([0], happiness=[0.5], input="b.mp4", track=1),
    )
    found = {str(person): rows.tolist() for person, rows in people(table)}
    assert found == {"a.mp4: track 1": [0, 2], "a.mp4: track 7": [4, 3], "b.mp4: track 1": [5]}


def test_without_tracks_one_face_a_frame_is_one_person_and_two_are_refused(track, join) -> None:
    alone = track([0, 1], happiness=[0.1, 0.2], track=None)
    assert [(person, rows.tolist()) for person, rows in people(alone)] == [(Person("a.mp4", None), [0, 1])]
    with pytest.raises(MienError, match="several faces in a frame and no tracks"):
        list(people(join(alone, alone)))


def test_frames_stand_until_the_next_and_a_hole_is_not_looked_at(track, join) -> None:
    table = join(
        track([0, 0.1, 0.5, 9.0], happiness=[0.1, None, 0.3, 0.1]), track([0.5], happiness=[0.1], frames=[2], track=2)
    )
    frames = looked_at(table, gap=1)
    assert frames["time"].tolist() == [0, 0.1, 0.5, 9.0]
    np.testing.assert_allclose(frames["seconds"], [0.1, 0.4, 0.25, 0.25])  # the median of 0.1 and 0.4
    assert frames["face"].tolist() == [True, False, True, True]
    assert standing(np.array([3.0]), 1).tolist() == [0]


def test_pictures_have_no_times(track) -> None:
    table = track([0, 1], happiness=[0.1, 0.2])
    with pytest.raises(MienError, match="no times"):
        looked_at(table.assign(time=np.nan))


def test_channels_are_those_with_numbers(track) -> None:
    table = track([0, 1], happiness=[0.1, 0.2], columns={"AU12": [0.1, 0.2], "AU01": [None, None], "AUNT": ["x", "y"]})
    found = channels(table.assign(contempt=np.nan))
    assert "contempt" not in found.emotions
    assert found.units == ("AU12",)
    assert found.affect == ()


def test_stretches() -> None:
    assert stretches(np.array([0.0, 1.0, 2.5, 2.6]), 1.0) == [slice(0, 2), slice(2, 4)]
    assert stretches(np.zeros(0), 1.0) == []
