from __future__ import annotations

import io

from rich.console import Console

from mien.evaluate.units.drop import drop
from mien.evaluate.units.heads import evaluate_heads
from mien.evaluate.units.summary import print_drop, print_heads


def text(print_, *args) -> str:
    console = Console(file=io.StringIO(), width=150)
    print_(console, *args)
    return console.file.getvalue()


def test_every_head_has_its_table(faces, knowing) -> None:
    found = evaluate_heads(knowing, faces, fit_on="validation")
    told = text(print_heads, found)
    units, strength, affect = (found.heads[name] for name in ("units", "strength", "affect"))
    row = next(line for line in told.splitlines() if line.startswith("AU06"))
    for word in ("cheek raiser", f"{units.scores.f1[2]:.1f}", f"{units.thresholds['AU06']:.2f}"):
        assert word in row
    empty = next(line for line in told.splitlines() if line.startswith("AU20"))
    assert empty.split()[3:9] == [str(units.scores.n[3]), "0", "0.50", "0.0", "-", "-"]
    for word in (
        "intervals draw 6 people", "thresholds: fitted on Validation", f"{strength.scores.icc[0]:.3f}",
        f"{affect.each['valence']['ccc']:.3f}", f"{affect.mean_ccc:.3f}", "top-1", "note: units: the set does not code",
    ):  # fmt: skip
        assert word in told


def test_what_was_not_scored_and_left_out_is_told(faces, knowing, tmp_path) -> None:
    (tmp_path / "f.csv").write_text("row\n185\n")
    bare = faces.replace(
        name="disfa", targets={k: v for k, v in faces.targets.items() if k not in ("valence", "arousal")}
    )
    told = text(print_heads, evaluate_heads(knowing, bare, exclude=tmp_path / "f.csv"))
    assert "affect: not scored: the set has neither valence nor arousal" in told
    assert "1 row of the split left out: excluded" in told
    assert "mean F1 over disfa's 8 units" in told


def test_the_drop_has_a_line_a_score(faces, knowing, elsewhere) -> None:
    found = drop(evaluate_heads(knowing, faces), evaluate_heads(elsewhere[1], elsewhere[0]))
    told = text(print_drop, [{"from": "here", "to": "elsewhere", "heads": found}])
    assert "from here to elsewhere, so that more than 0 is worse there" in told
    lines = [line.split() for line in told.splitlines() if line.strip()]
    at = {words[0]: n for n, words in enumerate(lines)}  # of a head its table's first line
    for head, key, digits in (("units", "f1", 1), ("strength", "icc", 3), ("affect", "ccc", 3)):
        rows = {words[0]: words for words in lines[at[head] + 1 :]}
        mean = next(words for words in lines[at[head] + 1 :] if words[0] == "mean")
        low, high = found[head]["mean"][f"{key}_ci95"]
        short = min(digits, 2)
        assert mean[1:5] == [f"{found[head]['mean'][key]:.{digits}f}", f"{low:.{short}f}", "to", f"{high:.{short}f}"]
        each = found[head].get("units") or {name: found[head][name] for name in ("valence", "arousal")}
        for name, one in each.items():
            assert name in rows or name in ("AU06", "AU01")
            assert f"{one[key]:.{digits}f}" in told
    assert lines[at["emotion"]][1] == "top-1"
    assert lines[at["emotion"] + 1][0] == f"{found['emotion']['top1']:.1f}"
