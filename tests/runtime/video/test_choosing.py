from __future__ import annotations

from fractions import Fraction

import pytest

from mien.runtime.video.choosing import Choice


def chosen(choice: Choice, times: list[Fraction], unit: Fraction) -> list[int]:
    return [number for number, time in enumerate(times) if choice.wants(number, time, unit)]


def test_ticks_count_from_the_first_frame_also_of_a_negative_start() -> None:
    unit = Fraction(1, 1000)
    times = [Fraction(t, 1000) for t in (-500, -400, -200, 30, 490, 500, 800, 2600)]
    assert chosen(Choice(fps=2), times, unit) == [0, 3, 5, 7]


def test_times_rounded_to_milliseconds_do_not_miss_their_tick() -> None:
    times = [Fraction(round(1000 * n / 30), 1000) for n in range(90)]
    assert chosen(Choice(fps=15), times, Fraction(1, 1000)) == list(range(0, 90, 2))


def test_more_a_second_than_there_are_takes_all() -> None:
    times = [Fraction(n, 25) for n in range(10)]
    assert chosen(Choice(fps=60), times, Fraction(1, 25)) == list(range(10))


def test_frames_without_a_time() -> None:
    assert not Choice(fps=2).wants(0, None, Fraction(1))
    assert Choice(every=3).wants(3, None, Fraction(1))


@pytest.mark.parametrize("fps", [29.97, 0.1])
def test_long_videos_do_not_drift(fps: float) -> None:
    times = [Fraction(n, 30) for n in range(30 * 60)]
    assert len(chosen(Choice(fps=fps), times, Fraction(1, 30))) == pytest.approx(60 * fps, abs=1)
