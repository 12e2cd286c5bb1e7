"""Valence and arousal against Lin's formula in loops, scipy and scikit-learn, on shifted data."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import root_mean_squared_error

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.affect import score_affect
from mien.evaluate.comparison import rounded
from mien.evaluate.units.outputs import HeadOutputs, outputs_of
from mien.evaluate.units.people import drawn_by
from mien.labels import AFFECT
from mien.model_spec import Head, ModelSpec

HEAD = Head("affect", "valence_arousal", AFFECT, "x", "none")


@dataclass
class Knowing:
    table: np.ndarray
    spec: ModelSpec = field(default_factory=lambda: ModelSpec("knowing", "fake", (HEAD,), 8, 8))

    def logits(self, crops: np.ndarray, batch: int = 256) -> np.ndarray:
        return self.table[crops[:, 0, 0, 0]]


def answered(
    shift: float = 0.0, scale: float = 1.0, n: int = 200, **targets: np.ndarray
) -> tuple[HeadOutputs, Knowing]:
    random = np.random.default_rng(4)
    true = random.uniform(-0.9, 0.9, (n, 2))
    said = scale * (0.6 * true + random.normal(0, 0.2, true.shape)) + shift
    true[::9, 0] = np.nan
    true[::7, 1] = np.nan
    pixels = np.broadcast_to(np.arange(n, dtype=np.uint8)[:, None, None], (n, 8, 8))
    labels = {"valence": true[:, 0].astype(np.float32), "arousal": true[:, 1].astype(np.float32)} | targets
    faces = FaceSet(
        "here", pixels=pixels.copy(), targets={k: v for k, v in labels.items() if v is not None},
        subject=np.repeat(np.arange(n // 20), 20).astype(str),
    )  # fmt: skip
    model = Knowing(said.astype(np.float32))
    return outputs_of("knowing", model, faces, None, (HEAD,)), model


def lin(x: np.ndarray, y: np.ndarray) -> float:
    n = len(x)
    mx, my = sum(x) / n, sum(y) / n
    sxy = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / n
    sx, sy = sum((a - mx) ** 2 for a in x) / n, sum((b - my) ** 2 for b in y) / n
    return float(2 * sxy / (sx + sy + (mx - my) ** 2))


@pytest.mark.parametrize(("shift", "scale"), [(0, 1), (0.3, 1), (-0.5, 0.4), (0.0, 2.5)])
def test_scores_on_shifted_data(shift: float, scale: float) -> None:
    outputs, model = answered(shift, scale)
    found = score_affect(outputs, HEAD)
    for k, name in enumerate(AFFECT):
        true = outputs.faces.targets[name].astype(float)
        known = ~np.isnan(true)
        x, y = true[known], model.table[outputs.rows][known, k].astype(float).clip(-1, 1)
        one = found.each[name]
        assert one["n"] == known.sum()
        assert one["ccc"] == pytest.approx(lin(x, y))
        assert one["pearson"] == pytest.approx(pearsonr(x, y).statistic)
        assert one["rmse"] == pytest.approx(root_mean_squared_error(x, y))
        assert one["sign_agreement"] == pytest.approx(100 * np.mean(np.sign(x) == np.sign(y)))
        for key in ("ccc", "pearson", "rmse", "sign_agreement"):
            low, high = one[f"{key}_ci95"]
            assert low < one[key] < high
    assert found.mean_ccc == pytest.approx(np.mean([found.each[name]["ccc"] for name in AFFECT]))
    assert found.mean_ccc_ci95[0] < found.mean_ccc < found.mean_ccc_ci95[1]


def test_a_shift_costs_concordance_and_no_correlation() -> None:
    same, moved = (score_affect(answered(shift, 0.5)[0], HEAD) for shift in (0, 0.4))
    for name in AFFECT:
        assert moved.each[name]["pearson"] == pytest.approx(same.each[name]["pearson"], abs=1e-6)
        assert moved.each[name]["ccc"] < same.each[name]["ccc"] - 0.1


def test_one_of_both_alone_is_scored_alone() -> None:
    found = score_affect(answered(arousal=None)[0], HEAD)
    assert found.names == ("valence",)
    assert found.mean_ccc == found.each["valence"]["ccc"]


def test_people_are_drawn_whole() -> None:
    outputs, _ = answered()
    found = score_affect(outputs, HEAD, drawn=drawn_by(outputs.faces))
    assert found.over == "10 people"
    told = json.loads(json.dumps(rounded(found.to_dict()), allow_nan=False))
    assert told["intervals_over"] == "10 people"
    assert set(told) == {"kind", "n", "mean_ccc", "mean_ccc_ci95", "valence", "arousal", "intervals_over"}


def test_a_constant_answer_has_no_correlation_and_no_concordance() -> None:
    found = score_affect(answered(0.2, 0.0)[0], HEAD)
    assert np.isnan(found.each["valence"]["pearson"])
    assert found.each["valence"]["ccc"] == 0
    assert rounded(found.to_dict())["valence"]["pearson_ci95"] == [None, None]


def test_neither_is_told() -> None:
    outputs, _ = answered()
    bare = HeadOutputs(**{
        **{name: getattr(outputs, name) for name in HeadOutputs.__slots__},
        "faces": outputs.faces.replace(targets={}),
    })  # fmt: skip
    with pytest.raises(MienError, match="no valence or arousal among its labels"):
        score_affect(bare, HEAD)
