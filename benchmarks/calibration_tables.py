"""The tables of docs/calibration.md and the model cards from the record of calibration.py."""

from __future__ import annotations

from typing import Any

from doc_tables import missing, source, table
from record import latest

STATES = (("before", "as learnt"), ("temperature", "temperature alone"), ("after", "as bundled"))


def scores() -> str:
    """Both models, before and after, on the split that the calibration has not seen."""
    record = latest("calibration")
    if record is None:
        return missing("calibration.py")
    columns = ("model", "labels", "n", "", "ECE", "NLL", "Brier", "accuracy")
    rows = []
    for r in record["results"]:
        for key, words in STATES:
            m = r[key]
            rows.append((
                f"`{r['model']}`", r["labels"], f"{m['n']:,}", words, f"{m['ece']:.2f} %", f"{m['nll']:.4f}",
                f"{m['brier']:.4f}", f"{m['top1']:.2f} %",
            ))  # fmt: skip
    return table(columns, rows) + source(record)


def compared() -> str:
    """What the method was chosen by: cross-validated on the validation split."""
    record = latest("calibration")
    if record is None:
        return missing("calibration.py")
    rows = [
        (f"`{r['model']}`", method, f"{m['nll']:.4f}", f"{m['ece']:.2f} %", f"{m['top1']:.2f} %")
        for r in record["results"]
        for method, m in r["compared"].items()
    ]
    return table(("model", "method", "NLL", "ECE", "accuracy"), rows) + source(record)


def sets() -> str:
    """The kinds of sets beside each other."""
    record = latest("calibration")
    if record is None:
        return missing("calibration.py")
    rows = []
    for r in record["results"]:
        for kind, m in r["sets"].items():
            least = min(m["by_class"], key=lambda name, m=m: m["by_class"][name])
            rows.append((
                f"`{r['model']}`", kind, f"{m['coverage']:.1f} %", f"{m['mean_size']:.2f}",
                f"{m['by_class'][least]:.1f} % ({least})",
            ))  # fmt: skip
    return table(("model", "sets", "hold the label", "mean size", "least covered class"), rows) + source(record)


def priors() -> str:
    """Accuracy and sets at planted priors."""
    record = latest("calibration")
    if record is None:
        return missing("calibration.py")
    rows = []
    for r in record["results"]:
        p = r["priors"]
        for key, words in (
            ("plain", "as it is"),
            ("found_prior", "found without labels"),
            ("true_prior", "true prior"),
        ):
            m = p["mean"][key]
            share = f"{100 * p['recovered']:.0f} %" if key == "found_prior" else ""
            rows.append((f"`{r['model']}`", words, f"{m['top1']:.1f} %", share, f"{m['coverage']:.1f} %"))
    columns = ("model", "prior", "accuracy", "share of the gain", "sets hold the label")
    return table(columns, rows) + source(record)


def card(model: str) -> str:
    """A model card's lines."""
    record = latest("calibration")
    if record is None:
        return missing("calibration.py")
    r: dict[str, Any] = next(r for r in record["results"] if r["model"] == model)
    after, before = r["after"], r["before"]
    sets_, declined = after["conformal"], after["abstention"]
    return (
        f"- **Probabilities**: {r['method']} scaling; ECE {before['ece']:.1f} % -> {after['ece']:.1f} %, NLL"
        f" {before['nll']:.3f} -> {after['nll']:.3f}, accuracy {before['top1']:.2f} % -> {after['top1']:.2f} %.\n"
        f"- **Sets** at {sets_['asked']:.0f} %: hold the label {sets_['coverage']:.1f} % of the time, with"
        f" {sets_['mean_size']:.2f} emotions on average.\n"
        f"- **Abstention** by confidence: declines {declined['rate']:.1f} % of the faces (a tenth of those that it was"
        f" fitted on) and is right on {declined['top1']:.2f} % of the others.\n" + source(record)
    )
