"""Reports of one or of several models, as `mien evaluate --report` writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from mien.datasets.face_set import FaceSet
from mien.ensemble.ensemble_file import is_ensemble_file
from mien.errors import MienError
from mien.evaluate.groups import Table
from mien.evaluate.predictions import Progress
from mien.evaluate.predictor import open_model
from mien.evaluate.probabilities_file import is_probabilities_file
from mien.evaluate.report.making import report_on
from mien.evaluate.report.reader import escape
from mien.evaluate.report.style import STYLE
from mien.evaluate.report.table import table
from mien.evaluate.report.writing import PAGE
from mien.evaluate.results import file_starts
from mien.evaluate.scores import Evaluation
from mien.evaluate.side_by_side import SideBySide

Bar = Callable[[str], AbstractContextManager[Progress | None]]
EVERY = "all"


def faces_asked(text: str) -> int | None:
    """How many faces `--robustness` asks for: a number, 0 for none, or None for `all`.

    Raises:
        MienError: another word.
    """
    if text.lower() == EVERY:
        return None
    if not text.isdecimal():
        raise MienError(f"--robustness {text}: give a number of faces, 0 for none, or {EVERY}")
    return int(text)


def write_reports(
    models: Sequence[str],
    evaluations: Sequence[Evaluation],
    faces: FaceSet | None,
    folder: str | Path,
    bar: Bar,
    *,
    together: SideBySide | None = None,
    robustness_n: int | None = 500,
    groups: Table | None = None,
    projections: Sequence[str] = ("tsne",),
    device: str = "auto",
    seed: int = 0,
) -> Path:
    """A report in the folder; of several models one each in a folder of its name, and a page that lists them.

    Args:
        bar: makes a progress bar of a name.
        together: comparison and ensembles, which go into each report; the rest as for `report_on`.

    Returns:
        The page to open.

    Raises:
        MienError: see `report_on`.
    """
    folder = Path(folder)
    starts = file_starts(evaluations)
    pages = []
    for model, one, start in zip(models, evaluations, starts, strict=True):
        runs = faces is not None and not is_probabilities_file(model) and not is_ensemble_file(model)
        with bar(f"report of {model}") as progress:
            made = report_on(
                model,
                open_model(model, device) if runs else None,
                faces,
                one,
                folder / start.rstrip("-"),
                robustness_n=robustness_n,
                groups=groups,
                comparison=together.comparison if together else None,
                ensembles=together.ensembles if together else (),
                projections=projections,
                device=device,
                seed=seed,
                progress=progress,
            )
        pages.append(made.path)
    return pages[0] if len(pages) == 1 else _list(folder, evaluations, pages)


def _list(folder: Path, evaluations: Sequence[Evaluation], pages: Sequence[Path]) -> Path:
    first = evaluations[0]
    title = escape(f"{len(pages)} models on {first.data}, {first.split}")
    rows = [
        (
            f'<a href="{escape(str(page.relative_to(folder)))}">{escape(e.model)}</a>', escape(e.labels), f"{e.n:,}",
            f"{e.top1:.2f} % ({e.top1_ci95[0]:.1f} to {e.top1_ci95[1]:.1f})", f"{e.macro_f1:.2f} %", f"{e.ece:.2f} %",
        )
        for e, page in zip(evaluations, pages, strict=True)
    ]  # fmt: skip
    heads = ("model", "labels", "faces", "top-1 (95 %)", "macro F1", "ECE")
    text = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport"'
        f' content="width=device-width, initial-scale=1"><title>{title}</title><style>{STYLE}</style></head>\n'
        f"<body><header><h1>{title}</h1></header><main>"
        f"{table(heads, rows, caption='A report of each', left=2)}</main></body></html>\n"
    )
    try:
        (folder / PAGE).write_text(text, encoding="utf-8")
    except OSError as error:
        raise MienError(f"{folder}: {error.strerror or error}; choose a folder that can be written") from error
    return folder / PAGE
