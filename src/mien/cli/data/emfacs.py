"""`mien data emfacs`: emotions from action units, and labelled emotions against the units they should show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.console import Console

    from mien.datasets.emfacs import Rules
    from mien.datasets.emfacs_check import Check
    from mien.datasets.face_set import FaceSet


def register(group: typer.Typer) -> None:
    group.command()(emfacs)


def emfacs(
    path: str = typer.Argument(..., help="Data set with action units, index file or synthetic:..."),
    out: Path | None = typer.Option(
        None, "--out", metavar="CSV", help="Each row's picture, emotion derived and units."
    ),
    labels: str | None = typer.Option(
        None, "--labels", help="Emotions to hold against the units: synthetic, ckplus, ..."
    ),
    rules: Path | None = typer.Option(None, "--rules", metavar="TOML", help='Your own: happiness = ["AU06+AU12"].'),
    neutral: bool = typer.Option(False, "--neutral", help="Faces that show no unit at all are neutral."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No report."),
) -> None:
    """Derive emotions from action units by EMFACS, and check labelled emotions against their units.

    Exit code 1: labelled rows whose units show another emotion.
    """
    import json

    from rich.console import Console

    from mien.cli.data.labels import labelled_schemes, scheme_of
    from mien.datasets.emfacs import derive, with_emfacs
    from mien.datasets.emfacs_check import check
    from mien.datasets.emfacs_rules import read_rules
    from mien.datasets.load import load_dataset
    from mien.evaluate.exclusions import without_excluded
    from mien.labels import EMFACS

    used: Rules = read_rules(rules) if rules else EMFACS
    faces = without_excluded(load_dataset(path), exclude)
    with_emfacs(faces, rules=used)  # raises where nothing can be derived
    found = derive(faces, used, neutral=neutral)
    scheme = scheme_of(faces, labels, None) if labels or labelled_schemes(faces) else None
    checked = check(faces, scheme, used) if scheme else None
    if out:
        _write(out, faces, found)
    if json_:
        facts: dict[str, Any] = {"data": path, "rows": len(faces), "out": str(out) if out else None}
        told = {"derived": _derived(faces, found, used), "check": checked.to_dict() if checked else None}
        typer.echo(json.dumps(facts | told, indent=2))
    elif not quiet:
        console = Console()
        _print_derived(console, path, _derived(faces, found, used))
        if checked:
            console.print()
            _print_check(console, checked)
    if checked and len(checked.contradicting):
        raise typer.Exit(1)


def _derived(faces: FaceSet, found: NDArray[np.int64], rules: Rules) -> dict[str, Any]:
    """Rows by derived emotion, and of the others why they have none."""
    import numpy as np

    from mien.datasets.emfacs import not_coded, shows
    from mien.labels import EMOTIONS, emotion_index

    said = np.stack([shows(faces, emotion, rules) for emotion in rules], axis=1)
    without = found < 0
    lacking = not_coded(faces, rules)
    emotions = {}
    for at, (emotion, prototypes) in enumerate(rules.items()):
        emotions[EMOTIONS[emotion_index(emotion)]] = {
            "rules": ["+".join(units) for units in prototypes],
            "derived": int((found == emotion_index(emotion)).sum()),
            "shown": int((said[:, at] == 1).sum()),
            "ruled_out": int((said[:, at] == 0).sum()),
            "unknown": int(np.isnan(said[:, at]).sum()),
            "not_coded": list(lacking.get(emotion, ())),
        }
    several = without & ((said == 1).sum(axis=1) > 1)
    none = without & (said == 0).all(axis=1)
    return {
        "emotions": emotions,
        "neutral": int((found == EMOTIONS.index("neutral")).sum()),
        "blends": int(several.sum()),
        "none": int(none.sum()),
        "open": int((without & ~several & ~none).sum()),
    }


def _write(out: Path, faces: FaceSet, found: NDArray[np.int64]) -> None:
    """A CSV that mien reads as a data set where faces are pictures of their own; rows of tables go by number."""
    import csv
    import os

    import numpy as np

    from mien.datasets.units import occurrence
    from mien.errors import MienError
    from mien.labels import EMOTIONS

    words = np.array([*EMOTIONS, ""])[found]  # -1 is the last
    codes = [["" if np.isnan(code) else int(code) for code in row] for row in occurrence(faces).tolist()]
    if faces.paths is None:
        names, places = ["file", "row"], [[str(f), int(r)] for f, r in zip(faces.file, faces.row, strict=True)]
    else:
        start = out.parent.resolve()
        absolute = (os.path.abspath(path) for path in faces.paths.tolist())  # noqa: PTH100  # links stay as named
        names, places = ["path"], [[Path(os.path.relpath(path, start)).as_posix()] for path in absolute]
    header = [*names, "split", "subject", "emotion"]
    try:
        if out.is_file() and out.stat().st_size and not out.read_bytes().startswith(",".join(header).encode()):
            raise MienError(f"{out}: a file that this command did not write stands there: choose another name")
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*header, *faces.action_units])
            for place, split, subject, word, row in zip(
                places, faces.split.tolist(), faces.subject.tolist(), words.tolist(), codes, strict=True
            ):
                writer.writerow([*place, split, subject, word, *row])
    except OSError as error:
        raise MienError(f"{out}: {error.strerror or error}: choose a place that can be written") from error


def _print_derived(console: Console, path: str, told: dict[str, Any]) -> None:
    from rich.table import Table

    console.print(f"[bold]emotions from action units: {path}[/bold]", highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("emotion", "units"):
        table.add_column(column)
    for column in ("derived", "shown", "ruled out", "unknown"):
        table.add_column(column, justify="right")
    for emotion, one in told["emotions"].items():
        cells = [f"{one[key]:,}" for key in ("derived", "shown", "ruled_out", "unknown")]
        table.add_row(emotion, ", ".join(map(_short, one["rules"])), *cells)
    if told["neutral"]:
        table.add_row("neutral", "none of them", f"{told['neutral']:,}")
    console.print(table)
    console.print(
        f"[dim]no emotion: {told['none']:,} show none, {told['blends']:,} show several,"
        f" of {told['open']:,} units are not known[/dim]",
        highlight=False,
        soft_wrap=True,
    )
    for emotion, one in told["emotions"].items():
        if one["not_coded"]:
            console.print(
                f"[dim]{emotion} cannot be derived: the set does not code {', '.join(one['not_coded'])}[/dim]",
                highlight=False,
                soft_wrap=True,
            )


def _short(rule: str) -> str:
    """`6+12` for `AU06+AU12`, as FACS writes it."""
    return "+".join(str(int(unit.removeprefix("AU"))) for unit in rule.split("+"))


def _print_check(console: Console, checked: Check) -> None:
    from rich.table import Table

    from mien.datasets.emfacs_check import share

    def percent(part: int, whole: int) -> str:
        found = share(part, whole)
        return "-" if found is None else f"{found:.1f}"

    title = f"faces labelled with an emotion ({checked.scheme}): how many show its units, in percent"
    console.print(f"[bold]{title}[/bold]", highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("label")
    table.add_column("rows", justify="right")
    table.add_column("each unit")
    for column in ("all of them", "another's"):
        table.add_column(column, justify="right")
    for one in checked.by_emotion:
        units = "  ".join(f"{unit}\u00a0{percent(*counts)}" for unit, counts in one.units.items())
        cells = (percent(one.whole, one.whole + one.ruled_out), percent(one.contradicting, one.n))
        table.add_row(one.emotion, f"{one.n:,}", units or "-", *cells)
    console.print(table)
    console.print(
        f"[dim]{len(checked.contradicting):,} rows show the units of another emotion than their label[/dim]",
        highlight=False,
        soft_wrap=True,
    )
