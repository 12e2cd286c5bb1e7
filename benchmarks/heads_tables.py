"""The tables of docs/heads.md and docs/esr.md from the records of `heads.py`, `rare_units.py` and `esr_ferplus.py`."""

from __future__ import annotations

from typing import Any

from doc_tables import missing, source, table
from record import latest

WORDS = {"top1": "emotion, accuracy %", "f1": "11 units, mean F1 %", "ccc_valence": "valence, 100 CCC",
         "ccc_arousal": "arousal, 100 CCC"}  # fmt: skip
ARMS = {"natural": "as they are", "balanced": "`mien data balance --want`", "sampler": '`sampler = "balanced"`',
        "weighted": '`loss = "weighted_bce"`'}  # fmt: skip
NAMES = {"esr9": "ESR-9", "esrstar9": "ESR*-9"}
BRANCHES = 9


def heads() -> str:
    """One net with three heads beside three nets, on drawn faces."""
    record = latest("heads")
    if record is None:
        return missing("heads.py")
    r = record["results"]
    arms = [arm for arm in r["mean"] if arm != "single"]
    rows = []
    for key, words in WORDS.items():
        marks, single = r["marks"][key], r["mean"]["single"][key]
        cells = [words, f"{marks['floor']:.1f}", f"{marks['ceiling']:.1f}", f"{single:.1f}"]
        for arm in arms:
            apart = sum(r["against_single"][arm][key]) / len(r["against_single"][arm][key])
            way = r["share_of_the_way"][arm][key]
            cells.append(f"{r['mean'][arm][key]:.1f} ({apart:+.1f}; {way:.0f} % of the way)")
        rows.append(tuple(cells))
    columns = ("", "floor", "ceiling", "three nets", *(f"one net, `{arm}`" for arm in arms))
    seeds, faces = len(r["by_seed"]["single"]), r["faces"]
    return table(columns, rows) + (
        f"\nDrawn faces at the default difficulty, {faces['Training']:,} to learn from, each labelled for one head of"
        f" the three; {faces['Test']:,} Test faces of other people; means of {seeds} seeds; in brackets the difference"
        " to the three nets and how far up between floor (a random trunk with a linear probe) and ceiling (a plain net"
        " for this task alone, with every label of 20,000 faces) it is. Thresholds of units are fitted on validation.\n"
        + source(record, "heads.py")
    )


def rare_units() -> str:
    """What balancing does, unit by unit."""
    record = latest("rare-units")
    if record is None:
        return missing("rare_units.py")
    r = record["results"]
    shown = r["counts"]["Training"]
    arms = [arm for arm in ARMS if arm in r["summary"]]

    def cell(arm: str, name: str) -> str:
        mean, sd = r["summary"][arm]["f1"][name]
        return f"{mean:.1f} ± {sd:.1f}"

    units = sorted(shown, key=lambda unit: shown[unit])
    rows = [(unit, f"{shown[unit]:,}", *(cell(arm, unit) for arm in arms)) for unit in units]
    rare = sum(n < 1000 for n in shown.values())
    rows.append((f"**mean of the {rare} rarest**", "", *(cell(arm, "rare") for arm in arms)))
    rows.append((f"**mean of all {len(units)}**", "", *(cell(arm, "all") for arm in arms)))
    first = {arm: r["arms"][arm][0] for arm in arms}
    drawn = first["balanced"]
    return table(("unit", "shown in", *(ARMS[arm] for arm in arms)), rows) + (
        f"\nF1 on 20,000 Test faces, mean and standard deviation of {len(r['arms']['natural'])} seeds; drawn faces that"
        f" show units as seldom as EmotioNet's 25,000 coded pictures; equal steps ({first['natural']['steps']} to"
        f" {drawn['steps']}). The balanced set has {drawn['rows']:,} rows: {r['wished']:,} of each unit and of none,"
        " rare ones named more than once. Thresholds are fitted on validation, which is as unbalanced as Test.\n"
        + source(record, "rare_units.py")
    )


def esr_ferplus() -> str:
    """ESR on FER+ as far as two cores came."""
    record = latest("esr-ferplus")
    if record is None:
        return missing("esr_ferplus.py")
    rows = [_run(run) for run in record["results"]]
    columns = ("", "branches", "minutes", "PublicTest, ensemble", "PublicTest, branches", "PrivateTest, ensemble",
               "PrivateTest, best branch")  # fmt: skip
    return table(columns, rows) + source(record, "esr_ferplus.py")


def _run(run: dict[str, Any]) -> tuple[str, ...]:
    last = run["stages"][-1]
    branches, scored = last["branches"], run.get("private_test")
    test = (f"not scored: {BRANCHES - last['branch']} of {BRANCHES} branches lack", "")
    if scored:
        low, high = scored["top1_ci95"]
        test = (f"{scored['top1']:.2f} % [{low:.1f}, {high:.1f}]", f"{max(scored['branches']['top1']):.2f} %")
    spread = f"{min(branches):.1f} to {max(branches):.1f} %"
    first = (NAMES[run["architecture"]], str(last["branch"]), f"{run['minutes']:.0f}", f"{last['ensemble']:.2f} %")
    return (*first, spread, *test)
