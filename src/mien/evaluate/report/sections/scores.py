"""The scores as a whole, what they were measured on, and by class."""

from __future__ import annotations

from mien.evaluate.report.reader import Reader, escape
from mien.evaluate.report.section import section
from mien.evaluate.report.table import table

E = "evaluation"


@section("scores", "Scores")
def _scores(r: Reader) -> str:
    return "\n".join([_cards(r), _averaged(r), _parts(r), _notes(r), _facts(r)])


@section("classes", "By class")
def _classes(r: Reader) -> str:
    rows = []
    for name in r.classes:
        own = [r.number(E, "per_class", name, key, unit=" %") for key in ("precision", "recall", "f1")]
        areas = [r.number("ranking", "per_class", name, key, form=".3f") for key in ("roc_auc", "average_precision")]
        rows.append([escape(name), r.number(E, "per_class", name, "n", form=","), *own, *areas, _mistaken(r, name)])
    heads = ("class", "faces", "precision", "recall", "F1", "ROC area", "average precision", "most often taken for")
    return (
        table(heads, rows, caption="Each class against the rest")
        + '<p class="soft">Precision: of the faces that were given this name, how many have it. Recall: of the faces'
        " that have it, how many were given it.</p>"
    )


def _cards(r: Reader) -> str:
    d = r.get(E, "deduplicated")
    cards = [
        ("top-1 accuracy", r.number(E, "top1", unit=" %"), f"95 % interval {r.interval(E, 'top1_ci95')}"),
        ("macro F1", r.number(E, "macro_f1", unit=" %"), f"95 % interval {r.interval(E, 'macro_f1_ci95')}"),
        ("balanced accuracy", r.number(E, "balanced_accuracy", unit=" %"), "mean recall of the classes"),
        ("top-2 accuracy", r.number(E, "top2", unit=" %"), ""),
        ("calibration error", r.number(E, "ece", unit=" %"), "ECE, 15 bins"),
        ("NLL", r.number(E, "nll", form=".4f"), f"nats; Brier {r.number(E, 'brier', form='.4f')}"),
    ]
    if d:
        told = f"{r.number(E, 'deduplicated', 'n', form=',')} faces; 95 % interval "
        told += r.interval(E, "deduplicated", "top1_ci95") or "not known"
        cards.insert(1, ("top-1 without duplicates", r.number(E, "deduplicated", "top1", unit=" %"), told))
    inside = "".join(
        f'<div class="card">{name}<b>{value}</b><small>{more}</small></div>' for name, value, more in cards
    )
    out = f'<div class="cards">{inside}</div>'
    if d:
        out += (
            f"<p>Without duplicates leaves out {r.number(E, 'deduplicated', 'exact', form=',')} faces whose picture"
            f" also stands in another split pixel by pixel, and {r.number(E, 'deduplicated', 'near', form=',')} nearly"
            " so.</p>"
        )
    return out


def _averaged(r: Reader) -> str:
    """Plain and averaged apart."""
    if not r.get(E, "tta"):
        return "<p>One look at each face; no averaging over views.</p>"
    keys = ("top1", "top1_ci95", "macro_f1", "ece", "nll")
    rows = []
    for name, at in (("as it is", (E,)), (f"with {r.get(E, 'tta', 'name')}", (E, "tta"))):
        cells = [
            r.interval(*at, key) if key.endswith("95") else r.number(*at, key, form=".4f" if key == "nll" else ".2f")
            for key in keys
        ]
        rows.append([escape(name), *cells])
    return table(
        ("face", "top-1 %", "95 %", "macro F1 %", "ECE %", "NLL"), rows,
        caption="Averaged over views of each face: stands apart from the plain scores, and never in their place",
    )  # fmt: skip


def _parts(r: Reader) -> str:
    out = []
    if members := r.get(E, "members"):
        rows = [[escape(one["model"]), r.number(E, "members", i, "top1", unit=" %")] for i, one in enumerate(members)]
        out.append(table(("member", "top-1"), rows, caption="Members of the ensemble, each alone"))
    if branches := r.get(E, "branches"):
        rows = [[str(i + 1), r.number(E, "branches", "top1", i, unit=" %")] for i in range(len(branches["top1"]))]
        rows += [["vote", r.number(E, "branches", "vote_top1", unit=" %")]]
        rows += [["mean", r.number(E, "branches", "mean_top1", unit=" %")]]
        told = "Branches, and how far they disagree (0..1): on faces that were got right "
        told += f"{_plain(branches['disagreement_right'])}, wrong {_plain(branches['disagreement_wrong'])}"
        out.append(table(("branch", "top-1"), rows, caption=told))
    return "\n".join(out)


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _notes(r: Reader) -> str:
    return "".join(f'<p class="note">{escape(note)}</p>' for note in r.get(E, "notes") or [])


def _facts(r: Reader) -> str:
    e = r.document[E]
    why = {"excluded": "left out by --exclude", "no_label": "no label", "not_in_model": "not an emotion of the model's"}
    dropped = [f"{r.number(E, 'dropped', key, form=',')} {text}" for key, text in why.items() if e["dropped"].get(key)]
    facts = [
        ("model", escape(e["model"])),
        ("trained on", escape(e["trained_on"])),
        ("data set", escape(e["data"])),
        ("sha256 of the data", f"<code>{escape(e['data_sha256'])}</code>"),
        ("split", escape(e["split"])),
        ("judged by labels", escape(e["labels"])),
        ("faces", r.number(E, "n", form=",")),
        ("not judged", "; ".join(dropped) or "none"),
        ("versions", escape(", ".join(f"{name} {number}" for name, number in e["versions"].items()))),
    ]
    return '<dl class="facts">' + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts) + "</dl>"


def _mistaken(r: Reader, name: str) -> str:
    i = r.classes.index(name)
    row = r.get(E, "confusion", i)
    others = [(count, j) for j, count in enumerate(row) if j != i]
    count, j = max(others, default=(0, 0))
    return f"{escape(r.classes[j])} ({100 * count / sum(row):.0f} %)" if count else ""
