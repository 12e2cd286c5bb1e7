"""The bundled models' calibration on FER2013's PrivateTest, which it has not seen, and correction to planted priors.

usage: calibration.py [--data ../shared/data/fer2013.parquet] [--split PrivateTest]

The calibration is found again on the fifth of PublicTest that the models have not learnt, and must be the one in
their files. Planted priors: 20 draws from a Dirichlet distribution, flat over the classes; for each 1,000 rows of the
split are drawn again, class by class, with those shares. Corrected to the true prior, and to the one that EM finds
without labels.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from fer2013 import REFIT, TRAINED_ON
from numpy.typing import NDArray
from record import write

import mien
from mien.datasets.face_set import FaceSet
from mien.evaluate.calibrate.abstention import Signs
from mien.evaluate.calibrate.calibrate import calibrate_model
from mien.evaluate.calibrate.fitting import Calibration
from mien.evaluate.calibrate.measure import columns_of, emotion_of, measured
from mien.evaluate.calibrate.scaling import fit_temperature
from mien.evaluate.calibrate.settings import Settings
from mien.evaluate.predictor import open_model
from mien.runtime.prior import corrected, estimate_prior
from mien.runtime.probabilities import by_label
from mien.score.conformal import (
    adaptive_scores,
    class_quantiles,
    of_true,
    quantile,
    set_quality,
    sets,
    threshold_scores,
)

SETTINGS = Settings("auto", abstain_rate=0.1)
PRIORS, ROWS, SEED = 20, 1000, 0

Floats = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../shared/data/fer2013.parquet")
    parser.add_argument("--split", default="PrivateTest")
    args = parser.parse_args()
    rest, faces = mien.load_dataset(args.data + REFIT), mien.load_dataset(args.data)
    results = [measure(model, labels, rest, faces, args.split) for model, labels in TRAINED_ON.items()]
    write("calibration", results)


def measure(model: str, labels: str, rest: FaceSet, faces: FaceSet, split: str) -> dict[str, Any]:
    """One model's record; `temperature` shows what that alone would have done."""
    predictor = open_model(model)
    found = calibrate_model(predictor, rest, "Validation", SETTINGS, name=model, labels=labels)
    head, stored = found.head, found.stored
    inside = predictor.spec.calibration[head.name]
    same = all(np.isclose(inside[key], stored[key]) for key in ("conformal_q", "abstain_below"))
    predictions = mien.evaluate(predictor, faces, split, labels=labels).predictions
    alone = temperature(found)
    one: dict[str, Any] = {
        "model": model, "labels": labels, "split": split, "method": found.method, "compared": found.compared,
        "calibration": stored, "as_in_the_file": bool(same), "on_fitted": found.after,
    }  # fmt: skip
    for when, used in (("before", {}), ("temperature", alone), ("after", stored)):
        one[when] = measured(head, used, predictions, emotion_of(head, used, predictions), Signs())
        print(model, split, when, {k: v for k, v in one[when].items() if k != "conformal"})
    columns = columns_of(head)
    fit = position(columns, found.predictions.targets), found.probabilities[1][:, columns]
    test = position(columns, predictions.targets), emotion_of(head, stored, predictions)[:, columns]
    one["sets"] = kinds_of_sets(fit, test, list(head.labels))
    one["priors"] = planted(*test, by_label(head, stored["prior"]), stored["conformal_q"])
    print("  sets", one["after"]["conformal"]["coverage"], one["sets"])
    print("  priors", {k: v for k, v in one["priors"].items() if k != "draws"}, "same as in the file:", same)
    return one


def temperature(found: Calibration) -> dict[str, Any]:
    """What temperature scaling on the same faces would store."""
    assert found.predictions.logits is not None
    columns = columns_of(found.head)
    fitted = fit_temperature(found.predictions.logits[:, columns], position(columns, found.predictions.targets))
    return fitted.stored(found.head.labels)


def position(columns: list[int], targets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Targets in the head's own order."""
    return np.array([columns.index(target) for target in targets])


def kinds_of_sets(
    fit: tuple[NDArray[np.int64], Floats], test: tuple[NDArray[np.int64], Floats], labels: list[str]
) -> dict[str, Any]:
    """Coverage in percent, overall and by class, and mean size of 90 % sets of each kind."""
    out = {}
    for kind in ("threshold", "adaptive", "adaptive, randomised", "threshold, class by class"):
        random = np.random.default_rng(SEED) if kind.endswith("randomised") else None
        scores = [adaptive_scores(p, random) if kind[0] == "a" else threshold_scores(p) for _, p in (fit, test)]
        own = of_true(scores[0], fit[0])
        q = class_quantiles(own, fit[0], len(labels), 0.9) if "class" in kind else quantile(own, 0.9)
        found = set_quality(test[0], sets(scores[1], q, never_empty=random is None))
        out[kind] = {
            "coverage": found.coverage, "mean_size": found.mean_size, "empty": found.empty,
            "by_class": dict(zip(labels, found.by_class.tolist(), strict=True)),
        }  # fmt: skip
    return out


def planted(targets: NDArray[np.int64], probabilities: Floats, prior: Floats, q: float) -> dict[str, Any]:
    """Accuracy and sets in percent at planted priors: as they are, and corrected to the true and to the found one."""
    random = np.random.default_rng(SEED)
    k = probabilities.shape[1]
    by_class = [np.flatnonzero(targets == c) for c in range(k)]
    draws = []
    for _ in range(PRIORS):
        shares = random.dirichlet(np.ones(k))
        drawn = random.choice(k, ROWS, p=shares)
        rows = np.array([random.choice(by_class[c]) for c in drawn])
        plain = probabilities[rows]
        found = estimate_prior(plain, prior)
        states = {
            "plain": plain,
            "true_prior": corrected(plain, prior, shares),
            "found_prior": corrected(plain, prior, found.shares),
        }
        one: dict[str, Any] = {"shares": shares.round(4).tolist(), "found": found.shares.round(4).tolist()}
        one |= {"distance": float(np.abs(found.shares - shares).sum() / 2), "converged": found.converged}
        for name, values in states.items():
            quality = set_quality(targets[rows], sets(threshold_scores(values), q))
            top1 = 100 * float((values.argmax(axis=1) == targets[rows]).mean())
            one[name] = {"top1": top1, "coverage": quality.coverage, "mean_size": quality.mean_size}
        draws.append(one)
    names = ("plain", "true_prior", "found_prior")
    mean = {
        name: {key: float(np.mean([d[name][key] for d in draws])) for key in ("top1", "coverage", "mean_size")}
        for name in names
    }
    gain = {name: np.array([d[name]["top1"] - d["plain"]["top1"] for d in draws]) for name in names[1:]}
    return {
        "n": PRIORS, "rows": ROWS, "seed": SEED, "mean": mean,
        "recovered": float(gain["found_prior"].sum() / gain["true_prior"].sum()),
        "recovered_least": float((gain["found_prior"] / gain["true_prior"]).min()),
        "recovered_mean_of_shares": float((gain["found_prior"] / gain["true_prior"]).mean()),
        "draws": draws,
    }  # fmt: skip


if __name__ == "__main__":
    main()
