"""What `mien evaluate` does for models that say more than emotions: action units, intensities, valence and arousal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mien.cli.evaluating import Asked
    from mien.datasets.face_set import FaceSet
    from mien.evaluate.units.evaluation import HeadsEvaluation
    from mien.model_spec import Head, ModelSpec


def run(asked: Asked) -> bool:
    """Evaluate every head that is asked for on each data set, write what was asked for, and tell.

    Returns:
        Whether this was a case for it: --head was given, or the one model has no emotion head, or has others that the
        data has labels for. Options that only emotions have leave such others out, which standard error says.

    Raises:
        MienError: an unknown head, --head with several models, or what `evaluate_heads` raises.
    """
    from mien.errors import MienError

    a = asked
    if a.head and len(a.models) > 1:
        raise MienError(f"--head {a.head[0]}: is of one model; run `mien evaluate` once for each")
    spec = _spec(a.models[0], must=bool(a.head)) if len(a.models) == 1 else None
    if spec is None:
        return False
    first = next((head for head in spec.heads if head.kind in ("emotion", "classes")), None)
    wanted = [spec.head(name) for name in a.head] or list(spec.heads)
    others = [head for head in wanted if head.kind not in ("emotion", "classes")]
    if wanted == [first] or not (others or a.head) or (not a.data and first is not None and not a.head):
        return False
    if not a.data:
        raise MienError(f"{a.models[0]}: no data to evaluate on; add --data PATH")
    given = _of_emotions(a)
    if a.head or first is None:
        if given:
            raise MienError(f"{given[0]} is of the first head of emotions; leave it out")
    elif not _worth(others, sets := _sets(a), given):
        return False
    else:
        _evaluate(a, sets)
        return True
    _evaluate(a, _sets(a))
    return True


def _worth(others: list[Head], sets: list[FaceSet], given: list[str]) -> bool:
    """Whether heads beside the emotions can be scored; told where options keep them from it."""
    from mien.evaluate.units.heads import can_score

    there = any(can_score(others, faces) for faces in sets)
    if there and given:
        names = ", ".join(head.name for head in others)
        typer.echo(f"mien: {given[0]} is of emotions: {names} not scored; leave it out to score them", err=True)
    return there and not given


def _evaluate(a: Asked, sets: list[FaceSet]) -> None:
    from mien.errors import MienError
    from mien.evaluate.predictor import open_model
    from mien.evaluate.progress import progress
    from mien.evaluate.units.drop import drop
    from mien.evaluate.units.heads import evaluate_heads

    if len(a.fit_on) > 1:
        raise MienError(f"--fit-on {a.fit_on[1]}: name one validation split, of the first --data")
    if a.exclude and len(sets) > 1:
        raise MienError("--exclude does not go with several --data; leave it out")
    predictor = open_model(a.models[0], a.device)
    how: dict[str, Any] = {
        "heads": a.head, "over": str(a.groups) if a.groups else "auto", "labels": a.labels, "tta": a.tta,
        "exclude": a.exclude, "batch": a.batch, "seed": a.seed, "fit_on": a.fit_on[0] if a.fit_on else None,
    }  # fmt: skip
    found: list[HeadsEvaluation] = []
    for faces, path in zip(sets, a.data, strict=True):
        if found and a.fit_on:  # thresholds come from where the model comes from, and are tried elsewhere
            where = f"fitted on {a.fit_on[0]} of {found[0].data}"
            how |= {"fit_on": None, "thresholds": found[0].fitted, "thresholds_from": where}
        with progress(f"{Path(a.models[0]).name} on {Path(path).name}", a.quiet) as told:
            found.append(_named(evaluate_heads(predictor, faces, a.split, **how, progress=told), a.models[0]))
    called = [one.data for one in found] if len({one.data for one in found}) == len(found) else a.data
    drops = [
        {"from": called[0], "to": name, "heads": drop(found[0], other)}
        for name, other in zip(called[1:], found[1:], strict=True)
    ]
    if a.out:
        _write(found, sets, a.out, drops)
    _tell(a, found, drops)


def _spec(model: str, *, must: bool) -> ModelSpec | None:
    """The model's facts; None for what is no model with weights, which is told elsewhere unless there must be one."""
    from mien.errors import MienError
    from mien.evaluate.ensemble_model import needs_no_data
    from mien.runtime.model_record import record

    spec = None
    if Path(model).suffix.lower() not in (".npz", ".toml") and not needs_no_data(model):
        try:
            spec = record(model)[1]
        except MienError:
            if must:
                raise
    if spec is None and must:
        raise MienError(f"{model}: --head is of a model with weights; give a bundled name, an .onnx file or a run")
    return spec


def _sets(a: Asked) -> list[FaceSet]:
    from mien.datasets.load import load_dataset

    return [load_dataset(path, ferplus=a.ferplus) for path in a.data]


def _of_emotions(a: Asked) -> list[str]:
    """Options given that only heads of emotions have."""
    from mien.evaluate.units.people import WAYS

    options = {
        "--report": a.report, "--confusion": a.confusion, "--save-probabilities": a.save, "--choose": a.choose,
        "--write-ensemble": a.ensemble, "--map": a.map_, "--groups": a.groups and str(a.groups) not in WAYS,
    }  # fmt: skip
    return [name for name, value in options.items() if value]


def _named(found: HeadsEvaluation, model: str) -> HeadsEvaluation:
    from dataclasses import replace

    return replace(
        found, model=model, emotions={name: replace(one, model=model) for name, one in found.emotions.items()}
    )


def _document(found: list[HeadsEvaluation], drops: list[dict[str, Any]]) -> dict[str, Any]:
    if len(found) == 1:
        return found[0].to_dict()
    return {"model": found[0].model, "across": [one.to_dict() for one in found], "drop": drops}


def _write(found: list[HeadsEvaluation], sets: list[FaceSet], out: Path, drops: list[dict[str, Any]]) -> None:
    from mien.errors import MienError
    from mien.evaluate.units.files import save_heads

    missing: list[str] = []
    for at, (one, faces) in enumerate(zip(found, sets, strict=True)):
        missing += save_heads(one, faces, out if len(found) == 1 else out / f"{at + 1}-{one.data}")
    if len(found) > 1:
        try:
            (out / "scores.json").write_text(json.dumps(_document(found, drops), indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise MienError(f"{out}: {error.strerror or error}; choose a folder that can be written") from error
    for line in sorted(set(missing)):
        typer.echo(f"mien: {line}", err=True)


def _tell(a: Asked, found: list[HeadsEvaluation], drops: list[dict[str, Any]]) -> None:
    from rich.console import Console

    from mien.cli.printed import PIPED_WIDTH
    from mien.evaluate.units.summary import print_drop, print_heads

    if a.json_:
        typer.echo(json.dumps(_document(found, drops), indent=2))
        return
    if a.quiet:
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    for one in found:
        print_heads(console, one)
    if drops:
        print_drop(console, drops)
