"""Scores by group of people."""

from __future__ import annotations

from mien.evaluate.report.charts import span
from mien.evaluate.report.reader import LeftOutError, Reader, escape
from mien.evaluate.report.section import section
from mien.evaluate.report.table import table

SHOWN = 40
"""Groups of an attribute that stand on the page; all stand in report.json."""


@section("groups", "By group")
def _groups(r: Reader) -> str:
    found = r.get("groups", "attributes")
    if not found:
        raise LeftOutError(r.get("reasons", "groups") or "no groups are known; give --groups FILE.csv.")
    return "\n".join(_attribute(r, i) for i in range(len(found)))


def _attribute(r: Reader, i: int) -> str:
    one = r.get("groups", "attributes", i)
    rows = []
    for j, group in enumerate(one["groups"][:SHOWN]):
        at = ("groups", "attributes", i, "groups", j)
        keys = (("macro_f1", ".1f"), ("ece", ".1f"), ("nll", ".3f"), ("confidence", ".1f"))
        rows.append([
            escape(group["value"]), r.number(*at, "n", form=","), r.number(*at, "top1", form=".1f"),
            r.interval(*at, "top1_ci95"), span(group["top1"], group["top1_ci95"], r.get("evaluation", "top1")),
            *(r.number(*at, key, form=form) for key, form in keys),
        ])  # fmt: skip
    heads = (one["name"], "faces", "top-1 %", "95 %", "0 to 100", "macro F1 %", "ECE %", "NLL", "mean confidence %")
    more = len(one["groups"]) - SHOWN
    hidden = f"<p>{more} smaller groups stand in report.json.</p>" if more > 0 else ""
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in one["notes"])
    return (
        f"<h3>{escape(one['name'])}</h3>{_gap(r, i)}"
        f"{table(heads, rows, caption='Wilson intervals; dotted: top-1 of all faces')}{hidden}{notes}{_missed(r, i)}"
    )


def _gap(r: Reader, i: int) -> str:
    gap = r.get("groups", "attributes", i, "gap")
    if not gap:
        return ""
    at = ("groups", "attributes", i, "gap")
    found = "more than chance makes" if gap["p_holm"] < 0.05 else "no more than chance could make"
    return (
        f"<p>Largest gap: {escape(gap['highest'])} over {escape(gap['lowest'])} by"
        f" <b>{r.number(*at, 'points', form='.1f')} points</b> of top-1 (95 % interval {r.interval(*at, 'ci95')}),"
        f" {found}: p = {r.number(*at, 'p', form='.4f')}, corrected for the attributes looked at"
        f" {r.number(*at, 'p_holm', form='.4f')} ({gap['permutations']:,} permutations within the classes).</p>"
    )


def _missed(r: Reader, i: int) -> str:
    groups = r.get("groups", "attributes", i, "groups")[:SHOWN]
    rows = []
    for j, group in enumerate(groups):
        at = ("groups", "attributes", i, "groups", j, "by_class")
        cells = [f"{r.number(*at, name, 'missed', form='.0f')} / {r.number(*at, name, 'false_alarms', form='.0f')}"
                 for name in r.classes]  # fmt: skip
        rows.append([escape(group["value"]), *cells])
    return table(
        (r.get("groups", "attributes", i, "name"), *r.classes), rows,
        caption="Percent missed of a class / percent of other faces taken for it; - where there are fewer than ten",
    )  # fmt: skip
