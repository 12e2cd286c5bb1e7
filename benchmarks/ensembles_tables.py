"""What ensembles of the bundled models gave, from the newest record."""

from __future__ import annotations

from typing import Any

from doc_tables import missing, source, table
from record import latest


def combined() -> str:
    """docs/ensembles.md: each member and each rule on the split that no fit has seen."""
    record = latest("ensembles")
    if record is None:
        return missing("ensembles.py")
    found = record["results"]
    columns = ("rule", "members", "top-1", "macro-F1", "ECE", "NLL", "gain in points", "ms a face")
    rows = [
        (
            r["rule"], _members(r), f"{r['top1']:.2f} % [{r['top1_ci95'][0]:.1f}, {r['top1_ci95'][1]:.1f}]",
            f"{r['macro_f1']:.1f} %", f"{r['ece']:.1f} %", f"{r['nll']:.3f}",
            f"{r['gain']:+.2f} [{r['gain_ci95'][0]:.1f}, {r['gain_ci95'][1]:.1f}]",
            "-" if r["ms"] is None else f"{r['ms']:.1f}",
        )
        for r in found["rows"]
    ]  # fmt: skip
    told = (
        f"\nFER2013, labels {found['labels']}; fitted on {found['validation']['split']} (n = "
        f"{found['validation']['n']:,}), scored on {found['test']['split']} (n = {found['test']['n']:,}); gain over "
        f"`{found['rows'][0]['reference']}`, with 95 % intervals.\n"
    )
    return table(columns, rows) + told + source(record)


def paired() -> str:
    """docs/comparison.md: the members in pairs."""
    record = latest("ensembles")
    if record is None:
        return missing("ensembles.py")
    found = record["results"]["comparison"]
    columns = ("first", "second", "top-1, points", "alone right", "p, Holm", "macro-F1, points", "same", "kappa")
    rows = [
        (
            f"`{p['first']}`", f"`{p['second']}`", _difference(p, "top1"), f"{p['only_first']} : {p['only_second']}",
            f"{p['p_holm']:.2g}", _difference(p, "macro_f1"), f"{p['agreement']:.1f} %", f"{p['kappa']:.2f}",
        )
        for p in found["pairs"]
    ]  # fmt: skip
    told = f"\nFER2013, {found['split']}, labels {found['labels']}, n = {found['n']:,}.\n"
    return table(columns, rows) + told + source(record)


def _members(row: dict[str, Any]) -> str:
    if not row["weights"]:
        return f"`{row['members'][0]}`" if row["rule"] == "single" else "all"
    kept = zip(row["members"], row["weights"], strict=True)
    return ", ".join(f"`{name}` {weight:.3g}" for name, weight in kept if weight > 0)


def _difference(pair: dict[str, Any], score: str) -> str:
    low, high = pair[f"{score}_ci95"]
    return f"{pair[f'{score}_difference']:+.2f} [{low:.1f}, {high:.1f}]"
