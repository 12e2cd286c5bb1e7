"""Edits as a set, held against real faces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.errors import MissingExtraError
from mien.evaluate.edits.realism import _dealt, realism


def clouds(made, shift: float):
    """Features that are drawn from one cloud, the edits' `shift` away."""
    m, rng = made(), np.random.default_rng(0)
    real = rng.normal(size=(70, 4)).astype(np.float32)
    return replace(m, real=real, features=(real[:, None] + np.zeros((70, 7, 1)) + shift).astype(np.float32))


def test_edits_are_not_asked_for_what_they_show() -> None:
    rng = np.random.default_rng(0)
    own = rng.choice(4, 200, p=[0.45, 0.3, 0.15, 0.1])
    asked = _dealt(own, rng)
    assert not (asked == own).any()
    assert np.bincount(asked).tolist() == np.bincount(own).tolist()
    assert not np.array_equal(asked, _dealt(own, rng))
    most = np.repeat([0, 1], [7, 3])  # of ten faces seven show one: four of them must keep it
    assert (_dealt(most, rng) == most).sum() == 4


def test_the_baseline_of_kid_is_nought(made) -> None:
    """Edits and real faces of other halves, drawn alike, differ by nothing on the mean, whatever the emotions do."""
    pytest.importorskip("torch_fidelity")
    m, rng = made(), np.random.default_rng(1)
    found = []
    for _ in range(15):
        own = rng.integers(0, 7, 70)
        looks = rng.normal(size=(70, 4)).astype(np.float32)
        by_emotion = 2 * np.eye(7, 4, dtype=np.float32)
        m = replace(m, own=own, real=looks + by_emotion[own], features=looks[:, None] + by_emotion)
        kid = realism(m, seed=int(rng.integers(1000)))["kid"]
        found.append([kid[side]["mean"] for side in ("edits", "reconstructions", "real")])
    error = np.std(found, axis=0) / 15**0.5
    assert (np.abs(np.mean(found, axis=0)) < 3.5 * error).all()


def test_sets_that_differ_are_far_and_sets_that_do_not_are_as_far_as_the_real_halves(made) -> None:
    pytest.importorskip("torch_fidelity")
    same, away = realism(clouds(made, 0)), realism(clouds(made, 1.5))
    assert same is not None
    assert away is not None
    for measure in ("kid", "fid"):
        assert same[measure]["reconstructions"] == same[measure]["real"]
        assert away[measure]["real"] == same[measure]["real"]
        assert away[measure]["edits"]["mean"] > 3 * same[measure]["real"]["range95"][1]
    assert (same["n"], same["features"]) == (35, 4)


def test_too_few_faces_have_no_distance(made) -> None:
    assert realism(made(n=40)) is None


def test_without_torch_fidelity_the_extra_is_named(made, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "mien.lab.gan.set_distance", None)
    monkeypatch.delitem(sys.modules, "torch_fidelity", raising=False)

    def missing(name: str, *rest: object, **more: object) -> object:
        if name == "mien.lab.gan.set_distance":
            raise ModuleNotFoundError("no", name="torch_fidelity")
        return real(name, *rest, **more)

    import builtins

    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError, match=r"KID and FID needs torch_fidelity.*mien\[train\]"):
        realism(made())
