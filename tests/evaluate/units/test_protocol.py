from __future__ import annotations

from mien.evaluate.units.protocol import PROTOCOLS
from mien.labels import ACTION_UNITS


def test_sets_average_over_their_usual_units() -> None:
    assert {name: len(units) for name, units in PROTOCOLS.items()} == {"disfa": 8, "bp4d": 12, "emotionet": 11}
    for units in PROTOCOLS.values():
        assert set(units) <= set(ACTION_UNITS)
        assert list(units) == sorted(set(units))
