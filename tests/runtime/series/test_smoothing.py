"""Smoothing of tables: lag, breaks, probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from mien.errors import MienError
from mien.labels import SEVEN
from mien.runtime.series.smoothing import Smoothing, described, smooth

TIMES = np.round(np.cumsum(np.random.default_rng(0).choice([0.02, 0.04, 0.1], 120)), 3)


@pytest.mark.parametrize("text", ["exp:0.5", "gauss:0.2", "median:0.5", "savgol:0.5"])
def test_a_steady_rise_comes_late_by_the_lag(track, text: str) -> None:
    rise = 0.1 + 0.1 * (TIMES - TIMES[0])
    table = track(TIMES, happiness=rise)
    out = smooth(table, Smoothing.parse(text))
    lag = out["lag"].to_numpy()
    np.testing.assert_allclose(out["happiness"], 0.1 + 0.1 * (TIMES - TIMES[0] - lag), atol=1e-9)
    assert (out["smoothing"] == text).all()
    told = described(out, Smoothing.parse(text))
    assert told["causal"] == (text == "exp:0.5")
    inner = np.abs(lag[40:80]).max()
    if text == "exp:0.5":
        assert 0.4 < lag[-1] < 0.5  # the time constant less about half a step
        assert told["looks_ahead"] == 0
    elif text == "savgol:0.5":
        assert np.abs(lag).max() < 1e-9
    else:
        assert inner < 0.06  # uneven steps alone


def test_exponential_lag_on_even_steps(track) -> None:
    times = np.arange(400) / 25
    out = smooth(track(times, happiness=np.full(400, 0.3)), Smoothing("exp", 0.5))
    step, kept = 1 / 25, np.exp(-1 / 25 / 0.5)
    assert out["lag"].iloc[-1] == pytest.approx(step * kept / (1 - kept), abs=1e-6)
    assert out["lag"].iloc[0] == 0


@pytest.mark.parametrize("text", ["exp:1", "gauss:1", "median:1", "savgol:1"])
def test_probabilities_stay_probabilities(track, text: str) -> None:
    noise = np.random.default_rng(1).uniform(0, 0.5, (2, 120))
    out = smooth(track(TIMES, happiness=noise[0], fear=noise[1]), Smoothing.parse(text))
    p = out[list(SEVEN)].to_numpy()
    assert p.min() >= 0
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-12)
    assert [SEVEN[i] for i in p.argmax(axis=1)] == out["emotion"].tolist()
    np.testing.assert_allclose(out["confidence"], p.max(axis=1))


@pytest.mark.parametrize("text", ["exp:2", "gauss:2", "median:2", "savgol:2"])
def test_nothing_flows_over_a_pause_nor_between_tracks(track, join, text: str) -> None:
    early, late = np.arange(0, 1, 0.1), np.arange(5, 6, 0.1)
    frames = list(range(10)) + list(range(50, 60))
    step = track([*early, *late], happiness=[0.0] * 10 + [1.0] * 10, frames=frames)
    other = track([*early, *late], happiness=[0.5] * 20, frames=frames, track=2)
    out = smooth(join(step, other), Smoothing.parse(text), gap=1)
    first, second = out[out["track"] == 1], out[out["track"] == 2]
    assert first["happiness"].tolist() == [0.0] * 10 + [1.0] * 10
    np.testing.assert_allclose(second["happiness"], 0.5)
    assert first["segment"].tolist() == [0] * 10 + [1] * 10
    mixed = smooth(join(step, other), Smoothing.parse(text), gap=10)
    assert mixed[mixed["track"] == 1]["segment"].nunique() == 1
    if text in ("exp:2", "gauss:2"):  # the windows of the others do not reach over 4 s
        assert mixed[mixed["track"] == 1]["happiness"].iloc[10] < 1


def test_what_is_empty_stays_empty(track) -> None:
    table = track([0, 0.1, 0.2, 0.3], happiness=[0.2, None, 0.4, 0.6])
    out = smooth(table, Smoothing("exp", 0.5))
    assert out["success"].tolist() == [1, 0, 1, 1]
    assert out.loc[1, [*SEVEN, "emotion", "lag", "smoothing"]].isna().all()
    weight = 1 - np.exp(-0.2 / 0.5)  # the step over the empty frame is 0.2 s
    assert out["happiness"][2] == pytest.approx(0.2 + weight * 0.2)
    assert len(out) == len(table)
    assert out[["frame", "time", "track"]].equals(table[["frame", "time", "track"]])


def test_affect_and_units_are_smoothed_in_their_range(track) -> None:
    values = np.where(np.arange(120) % 2, 0.9, -0.9)
    out = smooth(
        track(TIMES, happiness=np.full(120, 0.5), columns={"valence": values, "arousal": values, "AU12": abs(values)}),
        Smoothing("savgol", 0.2),
    )
    assert out["valence"].abs().max() <= 0.9
    assert out["valence"].std() < np.std(values)
    assert out["AU12"].to_numpy() == pytest.approx(np.full(120, 0.9))


@pytest.mark.parametrize("text", ["exp", "exp:0", "exp:-1", "mean:3", "exp:x", "gauss:inf"])
def test_what_is_no_smoothing(text: str) -> None:
    with pytest.raises(MienError, match=r"write exp\|gauss"):
        Smoothing.parse(text)
