from __future__ import annotations

import numpy as np
from tests.datasets.synthetic.conftest import PEOPLE, showing

from mien.datasets.synthetic.eyes import brow, lids
from mien.datasets.synthetic.identity import people

WHO = people(0, np.arange(PEOPLE))


def aperture(**units: float) -> np.ndarray:
    shape = lids(WHO, showing(**units))
    return shape.upper + shape.lower


def test_lids() -> None:
    rest = aperture()
    assert (aperture(AU05=1) > rest * 1.3).all()
    assert (aperture(AU07=1) < rest * 0.7).all()
    assert (aperture(AU06=1) < rest).all()
    assert (lids(WHO, showing(AU06=1)).lower < lids(WHO, showing()).lower - 0.05).all()
    np.testing.assert_allclose(aperture(AU43=1), 0, atol=1e-6)


def test_lids_never_cross() -> None:
    assert (aperture(AU06=1, AU07=1, AU43=0.5) >= 0).all()
    assert (aperture(AU06=1, AU07=1) > 0).all()


def test_brows() -> None:
    rest = brow(WHO, showing())
    inner, outer, frown = (brow(WHO, showing(**{unit: 1.0})) for unit in ("AU01", "AU02", "AU04"))
    assert (inner.inner - rest.inner > inner.outer - rest.outer + 0.1).all()
    assert (outer.outer - rest.outer > outer.inner - rest.inner + 0.1).all()
    assert (frown.inner < rest.inner - 0.08).all()
    assert (frown.inner_u > rest.inner_u).all(), "drawn together"
