"""`mien data audit`: what is wrong with a data set, found before it is trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mien.datasets.face_set import FaceSet
    from mien.evaluate.audit.audit import Progress
    from mien.evaluate.predictions import Predictions


def register(group: typer.Typer) -> None:
    group.command()(audit)


def audit(
    path: str = typer.Argument(..., metavar="DATA", help="Data set, index file or synthetic:..., all splits."),
    out: Path = typer.Option(..., "--out", metavar="DIR", help="findings.csv, index.html and audit.json go here."),
    labels: str | None = typer.Option(None, "--labels", help="To examine; by default the set's own."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    probabilities: list[Path] = typer.Option(
        [], "--probabilities", metavar="NPZ", help="Saved, of rows that the net did not learn; once a fold."
    ),
    runs: list[Path] = typer.Option([], "--run", metavar="RUN", help="A run: predict what it held out; once a fold."),
    save: Path | None = typer.Option(None, "--save-out-of-fold", metavar="NPZ", help="Keep what the runs predicted."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    kinds: str = typer.Option("", "--kinds", metavar="KIND,...", help="Only these: exact, near, label_conflict, ..."),
    device: str = typer.Option("auto", "--device", help="Of the runs: auto, cpu or cuda."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress and no report."),
) -> None:
    """Look for copies within and across splits, contradictory or doubtful labels, empty pictures, and drift.

    Exit code 1: there are findings. Any command's --exclude takes findings.csv.
    """
    import json

    from mien.cli.data.labels import labelled_schemes, scheme_of
    from mien.cli.data.progress import steps
    from mien.datasets.load import load_dataset
    from mien.evaluate.audit.audit import audit as examine
    from mien.evaluate.audit.finding import KINDS, write_findings
    from mien.evaluate.audit.page import write_page

    _check(probabilities, runs, save, out)
    faces = load_dataset(path, ferplus=ferplus)
    scheme = scheme_of(faces, labels, None) if labels or labelled_schemes(faces) else None
    wanted = tuple(word.strip() for word in kinds.split(",") if word.strip()) or KINDS
    with steps(quiet) as progress:
        said = _out_of_fold(faces, scheme, probabilities, runs, save, device, progress)
        found = examine(faces, scheme, probabilities=said, exclude=exclude, kinds=wanted, progress=progress)
    document = {"data": path, **{key: value for key, value in found.summary.items() if key != "data"}}
    write_findings(out / "findings.csv", found.findings, faces.split)
    write_page(out / "index.html", faces, found.findings, found.summary, path)
    text = json.dumps(document, indent=2)
    (out / "audit.json").write_text(text + "\n", encoding="utf-8")
    if json_:
        typer.echo(text)
    elif not quiet:
        _report(document, out)
    if found.findings:
        raise typer.Exit(1)


def _check(probabilities: list[Path], runs: list[Path], save: Path | None, out: Path) -> None:
    """Tell of what cannot be before anything is computed for it."""
    from mien.errors import MienError
    from mien.evaluate.probabilities_file import check_target

    if probabilities and runs:
        raise MienError("--probabilities and --run both say how faces look to nets that did not learn them; give one")
    if save and not runs:
        raise MienError(f"--save-out-of-fold {save}: keeps what runs predict; add --run RUN, once a fold")
    if save:
        check_target(save)
    if out.exists() and not out.is_dir():
        raise MienError(f"{out}: not a folder; choose another --out")


def _out_of_fold(
    faces: FaceSet, scheme: str | None, probabilities: list[Path], runs: list[Path], save: Path | None,
    device: str, progress: Progress | None,
) -> Predictions | None:  # fmt: skip
    """Probabilities of rows that the nets did not learn, from files or from runs; None without either."""
    from functools import partial

    from mien.errors import MienError

    if not probabilities and not runs:
        return None
    if scheme is None:
        raise MienError(f"{faces.name}: no emotion labels to examine; leave --probabilities and --run out")
    if probabilities:
        from mien.evaluate.audit.confident_learning import joined

        return joined(probabilities, faces, scheme)
    from mien.evaluate.audit.out_of_fold import out_of_fold
    from mien.evaluate.probabilities_file import save_probabilities

    told = partial(progress, "held-out rows") if progress else None
    found = out_of_fold(runs, faces, scheme, device=device, progress=told)
    if save:
        save_probabilities(save, found)
    return found


def _report(told: dict[str, Any], out: Path) -> None:
    """A few lines for people."""
    from rich.console import Console

    console = Console()
    exact = told["exact"]
    console.print(f"[bold]{told['data']}[/bold]: {told['n']:,} rows, {told['labels'] or 'no'} labels", highlight=False)
    lines = [("pictures", f"{exact['groups']:,} stand more than once, {exact['conflicting_groups']:,} with two labels")]
    for own, others in told["twins_in_other_splits"].items():
        twins = ", ".join(
            f"{other} {counts['exact']:,} exactly" + (f" and {counts['near']:,} nearly" if "near" in counts else "")
            for other, counts in others.items()
        )
        if twins:
            lines.append((own or "(no split)", f"rows that also stand in {twins}"))
    lines += [(kind, f"{count:,}") for kind, count in told["findings"].items()]
    agreement, learnt = told["agreement_with_votes"], told["confident_learning"]
    if agreement and agreement["n"]:
        lines.append(("votes", f"agree with {agreement['agree']:.2f} % of {agreement['n']:,} labels"))
    if learnt:
        lines.append(("learning", f"doubts {learnt['found']:,} of {learnt['examined']:,} labels"))
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        console.print(f"[dim]{name:<{width}}[/dim]  {value}", highlight=False, soft_wrap=True)
    console.print(f"{out}: findings.csv, index.html, audit.json ({told['seconds']} s)", highlight=False, soft_wrap=True)
