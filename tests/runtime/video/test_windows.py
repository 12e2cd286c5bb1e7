from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from benchmarks import moving_portraits
from numpy.typing import NDArray
from tests.runtime.video.coded_video import write_video

from mien.errors import MienError
from mien.faces import Faces
from mien.runtime.analyzer import Analyzer
from mien.runtime.video.windows import Look, windows

DrawFace = Callable[..., NDArray[np.uint8]]
SECONDS, WIDTH, HEIGHT = 20, 640, 360


def same(a: Faces, b: Faces) -> bool:
    return (a.frame, a.time, a.source, a.error) == (b.frame, b.time, b.source, b.error) and all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=name != "track")
        for name in ("boxes", "scores", "emotion", "track")
    )


@pytest.fixture
def walk(tmp_path: Path, draw_face: DrawFace) -> Path:
    """Two faces walk; a cut after 18 frames."""

    def draw(number: int) -> NDArray[np.uint8]:
        ground = np.full((180, 320, 3), (90, 120, 150) if number < 18 else (40, 60, 30), np.uint8)
        ground[:, :: 40 if number < 18 else 16] //= 2
        y = 90 if number < 18 else 60
        left = draw_face(180, 320, 80 + (2 * number if number < 18 else -18), y, 80, on=ground)
        return draw_face(180, 320, 240 - number if number < 18 else 200, 150 - y, 70 if number < 18 else 90, on=left)

    return write_video(tmp_path / "walk.mp4", [1000 * n + 200 * (n % 2) for n in range(36)], draw=draw)


@pytest.fixture
def analyzer(tiny_model: Callable[..., Path]) -> Analyzer:
    return Analyzer(tiny_model(), "builtin", threads=1)


@pytest.mark.parametrize("look", [Look(), Look(detect_every=3, link_cuts=True), Look(every=2, detect_every=2)])
def test_results_do_not_depend_on_where_a_run_was_stopped(analyzer: Analyzer, walk: Path, look: Look) -> None:
    whole = list(windows(analyzer, walk, look))
    assert sum(len(window.faces) for window in whole) == 36 // look.every
    for at in range(len(whole) - 1):
        state = json.loads(json.dumps(whole[at].state))
        rest = [faces for window in windows(analyzer, walk, look, state) for faces in window.faces]
        expected = [faces for window in whole[at + 1 :] for faces in window.faces]
        assert len(rest) == len(expected)
        assert all(same(a, b) for a, b in zip(rest, expected, strict=True))


def test_faces_are_followed_between_detections(analyzer: Analyzer, walk: Path) -> None:
    found = list(analyzer.video(walk, detect_every=4))
    searched = list(analyzer.video(walk))
    for faces, known in zip(found, searched, strict=True):
        assert len(faces) == len(known) == 2
        np.testing.assert_allclose(faces.boxes, known.boxes, atol=8)
    sources = ["detected" if set(faces.source or ()) == {"detected"} else "tracked" for faces in found]
    assert sources[:9] == ["detected", "tracked", "tracked", "tracked"] * 2 + ["detected"]
    assert sources[18] == "detected"  # the cut


def test_ids_before_and_after_a_cut(analyzer: Analyzer, walk: Path) -> None:
    def ids(**settings: bool) -> list[list[int]]:
        found = list(analyzer.video(walk, **settings))  # type: ignore[arg-type]
        return [faces.track.tolist() for faces in found if faces.track is not None]

    assert ids() == [[0, 1]] * 18 + [[2, 3]] * 18
    assert {i for row in ids(link_cuts=True) for i in row} <= {0, 1}
    assert ids(track=False) == [[-1, -1]] * 36


def test_progress_and_bad_settings(analyzer: Analyzer, walk: Path) -> None:
    told: list[tuple[int, int | None]] = []
    list(analyzer.video(walk, progress=lambda done, total: told.append((done, total))))
    assert told[-1] == (36, 36)
    assert told == sorted(told)
    for settings, words in (({"detect_every": 0}, "detect_every 0"), ({"track": False, "link_cuts": True}, "tracks")):
        with pytest.raises(MienError, match=words):
            next(analyzer.video(walk, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("detect_every", [1, 5])
def test_twenty_seconds_of_portraits_that_cross_and_hide(tmp_path: Path, detect_every: int) -> None:
    times = moving_portraits.write(tmp_path / "a.mp4", SECONDS, WIDTH, HEIGHT)
    found = list(Analyzer(threads=1).video(tmp_path / "a.mp4", detect_every=detect_every))
    assert [faces.frame for faces in found] == list(range(len(times)))
    assert [faces.time for faces in found] == pytest.approx([time / 30_000 for time in times], abs=1e-9)
    told = moving_portraits.compared(found, WIDTH, HEIGHT)
    assert told.missed == 0
    assert told.stray == 0
    assert max(told.switches.values()) <= 1


def test_the_portraits_video_is_what_it_says() -> None:
    times = moving_portraits.times(SECONDS)
    gaps = {b - a for a, b in pairwise(times)}
    assert len(gaps) > 3
    assert moving_portraits.draw(3.0, 320, 180).shape == (180, 320, 3)
    behind = [person.behind for t in np.arange(0, 10, 0.2) for person in moving_portraits.people(float(t))]
    assert 10 < sum(behind) < len(behind)
