"""The tables of docs/ganmut.md and docs/ganmut-study.md from the records of the ganmut benchmarks."""

from __future__ import annotations

from typing import Any

from doc_tables import missing, source, table
from record import latest

from mien.labels import EMOTIONS


def synthetic() -> str:
    """Drawn faces: what was asked and what came, by emotion."""
    record = latest("ganmut-synthetic")
    if record is None:
        return missing("ganmut_synthetic.py")
    r = record["results"]
    monotone, identity = r["spearman"], r["identity"]
    rows = []
    for name in EMOTIONS:
        judged, units = (monotone[key].get(name) for key in ("judge_pooled", "action_units_pooled"))
        rows.append((
            name, f"{r['reached'][name]:.1f} %", "" if judged is None else f"{judged:.2f}",
            "" if units is None else f"{units:.2f}", f"{identity['ratio_by_emotion'][name]:.2f}",
        ))  # fmt: skip
    mean = (
        f"{r['reached']['mean']:.1f} %",
        *(f"{monotone[k]['mean']:.2f}" for k in ("judge_pooled", "action_units_pooled")),
    )
    rows.append(("**mean**", *mean, f"{identity['ratio']:.2f}"))
    columns = (
        "asked for",
        "reached",
        "Spearman, judge",
        "Spearman, action units",
        "identity error, edits over reconstructions",
    )
    return table(columns, rows) + (
        f"\n{r['n']} faces of people whom neither generator, judge nor reader had seen; {r['generator_minutes']:.0f}"
        f" minutes of training. The judge names {r['judge_on_untouched']:.1f} % of untouched faces rightly. Identity:"
        f" {len(identity['parameters'])} drawn parameters with R2 of 0.5 or more, mean error in deviations"
        f" {identity['error_untouched']:.3f} untouched, {identity['error_reconstructions']:.3f} reconstructed,"
        f" {identity['error_edits']:.3f} edited, {identity['error_of_the_mean']:.3f} for one who says the"
        " mean.\n" + source(record, "ganmut_synthetic.py")
    )


def fer2013() -> str:
    """FER2013: the share of edits that reach what was asked, by emotion."""
    record = latest("ganmut-fer2013")
    if record is None:
        return missing("ganmut_fer2013.py")
    r, s = record["results"], record["results"]["scores"]
    rows = []
    for name in s["emotions"]:
        found = s["reached"]["by_emotion"][name]
        others, spearman = found["from_others"], s["monotone"]["by_emotion"].get(name, {}).get("spearman")
        low, high = others["ci95"]
        cells = f"{others['reached']:.1f} % [{low:.1f}, {high:.1f}]", f"{found['reached']:.1f} %"
        rows.append((name, *cells, "" if spearman is None else f"{spearman:.2f}"))
    others = s["reached"]["from_others"]
    low, high = others["mean_ci95"]
    cells = f"{others['mean']:.1f} % [{low:.1f}, {high:.1f}]", f"{s['reached']['mean']:.1f} %"
    rows.append(("**mean**", *cells, f"{s['monotone']['mean']:.2f}"))
    real = s["realism"]
    kid = ""
    if real is not None:
        kid = (
            f" KID {real['kid']['edits']['mean']:.4f}, of two halves of real faces {real['kid']['real']['mean']:.4f}"
            f" (features of {s['features']}, not Inception's)."
        )
    return table(("asked for", "reached, of faces that showed another", "of all faces", "Spearman"), rows) + (
        f"\n{s['n']:,} faces of {s['split']}, judged by {s['judge']}, which names {s['left_alone']['top1']:.1f} % of"
        f" them rightly unedited. Reconstruction: {s['reconstruction']['l1']:.1f} grey levels,"
        f" {s['reconstruction']['psnr']:.1f} dB.{kid} {r['minutes']:.0f} minutes of training,"
        f" {r['parameters']:,} parameters.\n" + source(record, "ganmut_fer2013.py")
    )


def speed() -> str:
    record = latest("ganmut-speed")
    if record is None:
        return missing("ganmut_speed.py")
    r = record["results"]
    rows = [
        (k, f"{v['pictures']:,}", f"{v['median_faces_per_s']:.0f}") for k, v in r.items() if k.startswith("conv_dim")
    ]
    peaks = ", ".join(f"{m['rounds'][0]['peak_mb']:.0f} MB for {m['pictures']:,}" for m in r["memory"])
    return table(("48 x 48 grey, six blocks", "pictures", "faces/s"), rows) + (
        f"\nPeak memory of a narrow generator: {peaks} pictures.\n" + source(record, "ganmut_speed.py")
    )


def study() -> str:
    """The arms and combinations on PrivateTest."""
    record = latest("ganmut-study")
    if record is None:
        return missing("ganmut_study.py")
    r = record["results"]
    rows = [_arm(name, row) for name, row in r["PrivateTest"].items()]
    columns = ("", "top-1", "against the baseline", "over seeds", "top-2", "macro-F1", "mean recall", "PublicTest")
    public = r["PublicTest"]
    rows = [(*row, f"{public[name]['top1']['mean']:.2f}") for name, row in zip(r["PrivateTest"], rows, strict=True)]
    n = r["PrivateTest"]["baseline"]["seeds"][0]["n"]
    return table(columns, rows) + (
        f"\nPercent of {n:,} faces of PrivateTest, {r['seeds']} seeds of {r['epochs']} epochs, {r['parameters']:,}"
        " parameters; ± is the half-width of Student's 95 % interval over seeds, brackets are of a paired"
        " bootstrap over faces.\n" + source(record, "ganmut_study.py")
    )


def _arm(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    def score(key: str) -> str:
        found = row[key]
        return f"{found['mean']:.2f}" + (f" ± {found['half_width']:.2f}" if "half_width" in found else "")

    gain = row.get("against_baseline")
    faces = "" if gain is None else f"{gain['mean']:+.2f} [{gain['faces_low']:+.2f}, {gain['faces_high']:+.2f}]"
    seeds = "" if gain is None or "seeds_half_width" not in gain else f"± {gain['seeds_half_width']:.2f}"
    return (name, score("top1"), faces, seeds, score("top2"), score("macro_f1"), score("balanced_accuracy"))


def control() -> str:
    """Whether combining different pictures is better than combining different seeds."""
    record = latest("ganmut-study")
    if record is None:
        return missing("ganmut_study.py")
    rows = []
    for name, row in record["results"]["PrivateTest"].items():
        if "against_three_baselines" in row:
            g = row["against_three_baselines"]
            rows.append((name.split(", ")[1], f"{g['mean']:+.2f} [{g['faces_low']:+.2f}, {g['faces_high']:+.2f}]"))
    return table(("rule", "three arms against three baselines"), rows) + source(record, "ganmut_study.py")
