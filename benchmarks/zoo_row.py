"""One row of the zoo: a recipe made to fit what is asked, trained or gone on with, and tested once.

A row's folder holds `run/`, a run as `mien train` makes them; `plan.json`, what was asked, overridden and measured;
`clock.json`, the training's own time over all its sittings; `test.npz`, the test split's probabilities; and
`result.json`, there as soon as the row is done.
"""

from __future__ import annotations

import datetime
import fcntl
import functools
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from record import commit, machine
from zoo_budget import budget_overrides

import mien
from mien.datasets.face_set import FaceSet
from mien.datasets.load import load_dataset
from mien.datasets.protocols import find, sides
from mien.ensemble.ensemble_file import Ensemble, read_ensemble
from mien.errors import MienError
from mien.evaluate.chosen_split import ALL, chosen_split
from mien.evaluate.ensemble_model import combined
from mien.evaluate.predictions import Predictions
from mien.evaluate.probabilities_file import load_probabilities, save_probabilities
from mien.evaluate.scores import Evaluation, score
from mien.lab.train.recipe import Recipe
from mien.lab.train.recipe_file import read_recipe
from mien.lab.train.run import train
from mien.lab.train.splits import stratified_by, training_and_validation
from mien.lab.tune.rows import draw
from mien.model_spec import ModelSpec

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "recipes"
USUAL_OUT = Path("runs") / "zoo"
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of every row; defaults train each recipe as it stands."""

    out: Path = USUAL_OUT
    data: str = ""  # in place of the recipes' own
    minutes: float = 0.0  # of training a row; 0: as many epochs as the recipe says
    rows: int = 0  # training faces, a stratified draw, the same for all recipes; 0 takes all
    validation_rows: int = 0  # faces to choose epochs on, likewise
    side: int = 0  # of the input in pixels; 0: the recipe's
    weights: str | None = None  # "none" starts from random; None: as the recipe says
    sets: tuple[str, ...] = field(default_factory=tuple)  # KEY=VALUE
    device: str = "auto"

    def asked(self) -> dict[str, Any]:
        """What decides a row's figures: all but where it is kept, of the data its name."""
        found = json.loads(json.dumps(asdict(self), default=str)) | {"data": Path(self.data).name}
        del found["out"]
        return found


def row_name(recipe: str | Path) -> str:
    """A recipe's path under recipes/ without suffix, e.g. fer2013/resnet18; of others the file's stem."""
    path = Path(recipe).resolve()
    inside = path.relative_to(RECIPES) if path.is_relative_to(RECIPES) else Path(path.name)
    return inside.with_suffix("").as_posix()


def is_ensemble(recipe: str | Path) -> bool:
    """Whether a recipe lists members in place of a training."""
    import tomllib

    try:
        return "members" in tomllib.loads(Path(recipe).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False  # read_recipe tells of it


def run_row(recipe: str | Path, plan: Plan) -> Result:
    """Train and test a recipe, or combine an ensemble's members, unless that is done; its result.

    What cannot be run is a result too, with `status` "not run" and the reason, and is tried again next time.

    Raises:
        MienError: a folder that holds the same row made otherwise.
    """
    folder = plan.out / row_name(recipe)
    _check_asked(folder, recipe, plan)
    if done := finished(folder):
        return done
    folder.mkdir(parents=True, exist_ok=True)
    try:
        result = _ensemble(recipe, plan) if is_ensemble(recipe) else _trained(recipe, plan, folder)
    except MienError as error:
        return write_result(folder, recipe, str(error))
    _write(folder / "result.json", result)
    return result


def write_result(folder: Path, recipe: str | Path, reason: str) -> Result:
    """Write down that a row was not run, and why."""
    result = {"recipe": row_name(recipe), "status": "not run", "reason": reason}
    _write(folder / "result.json", result)
    return result


def finished(folder: Path) -> Result | None:
    """A row's result where it is done."""
    path = folder / "result.json"
    found: Result = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found if found.get("status") == "done" else None


@contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Whether this process may work on a row: of several that share a folder one may, until it ends or is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def prepared(path: str | Path, plan: Plan) -> tuple[list[str], FaceSet]:
    """Overrides that make the recipe what is asked, the budget's apart, and the faces with their validation rows."""
    recipe = read_recipe(path)
    out: list[str] = []
    if plan.side:
        out += [f"input.height={plan.side}", f"input.width={plan.side}"]
        crop, pad = recipe.augment.crop, recipe.augment.pad
        share = plan.side / recipe.input.height
        out += [f"augment.crop={round(crop * share)}"] * bool(crop) + [f"augment.pad={round(pad * share)}"] * bool(pad)
        out += ["train.sizes=[]"] * bool(recipe.train.sizes)
    if plan.weights is not None and recipe.model.weights:
        out.append(f'model.weights="{"" if plan.weights == "none" else plan.weights}"')
    out += plan.sets
    changed = read_recipe(path, out)
    source = plan.data or changed.data.path
    if not source:
        raise MienError(f"{path}: names no data.path; add --data PATH")
    faces = _loaded(source, changed.data.ferplus)
    if chosen_split(_cut(faces, changed), None)[0] == ALL:
        raise MienError(f"{source}: has no test split to report on; a row of the table needs one")
    if plan.rows:
        have = len(training_and_validation(_whole(changed), faces)[0])
        out += [f"data.fraction={plan.rows / have:.6g}"] * (plan.rows < have)
    data = changed.data
    if plan.validation_rows and data.validation and not (data.holdout or data.folds or data.protocol):
        faces = _fewer(faces, changed, plan.validation_rows)
    return out, faces


def _trained(path: str | Path, plan: Plan, folder: Path) -> Result:
    """The run, or one a fold of a protocol whose tests are parts of the set, and the one test of each row."""
    import torch

    facts, faces = _planned(path, plan, folder)
    recipe = read_recipe(path, facts["overrides"])
    clock = _Clock(folder / "clock.json")
    folds = _folds(recipe)
    found, epochs, testing = [], [], 0.0
    for fold in folds:
        one = replace(recipe, data=replace(recipe.data, fold=fold))
        run = folder / "run" / (f"fold{fold}" if len(folds) > 1 else "")
        if not (run / "final.safetensors").exists():
            resume = (run / "recipe.toml").exists()
            clock.start()
            train(one, faces, run, device=plan.device, resume=resume, quiet=True, on_epoch=clock.tick)
        epochs.append(len((run / "log.csv").read_text(encoding="utf-8").splitlines()) - 1)
        started = perf_counter()
        data = _cut(_loaded(plan.data or recipe.data.path, recipe.data.ferplus), one)
        labels = recipe.heads[0].labels
        found.append(mien.evaluate(run / "best.safetensors", data, labels=labels, device=plan.device).predictions)
        testing += perf_counter() - started
    whole = pooled(found, row_name(path))
    save_probabilities(folder / "test.npz", whole)
    spec = ModelSpec.from_json((run / "model.json").read_text(encoding="utf-8"))
    return _scored(path, score(whole)) | {
        "overrides": _worth_telling(facts["overrides"]),
        "asked": facts["asked"],
        "measured": facts.get("measured"),
        "parameters": spec.parameters,
        "weights": recipe.model.weights or recipe.init or "random",
        "side": [recipe.input.height, recipe.input.width],
        "batch": recipe.train.batch,
        "training_faces": spec.training["n_train"],
        "validation_faces": spec.training["n_validation"],
        "protocol": spec.training.get("protocol"),
        "folds": len(folds),
        "precision": spec.training["precision"],
        "commit": spec.training["commit"],
        "epochs": round(sum(epochs) / len(epochs)),
        "steps": recipe.train.steps or max(1, spec.training["n_train"] // recipe.train.batch),
        "minutes": round(clock.seconds / 60, 4),
        "test_minutes": round(testing / 60, 4),
        "hardware": hardware(plan.device),
        "threads": torch.get_num_threads(),
    }


def _planned(path: str | Path, plan: Plan, folder: Path) -> tuple[dict[str, Any], FaceSet]:
    """What plan.json holds, decided and measured the first time alone, and the faces to train on."""
    overrides, faces = prepared(path, plan)
    file = folder / "plan.json"
    if file.exists():
        return json.loads(file.read_text(encoding="utf-8")), faces
    facts: dict[str, Any] = {"asked": plan.asked(), "overrides": overrides, "recipe_sha256": _sha256(path)}
    if plan.minutes:
        recipe = read_recipe(path, overrides)
        minutes = plan.minutes / len(_folds(recipe))
        fitted, cost = budget_overrides(recipe, faces, plan.device, minutes)
        facts |= {"overrides": overrides + fitted, "measured": asdict(cost)}
    _write(file, facts)
    return facts, faces


def _folds(recipe: Recipe) -> list[int]:
    """The folds to train: all of a protocol whose test rows are parts of the set, else the recipe's own."""
    if recipe.data.protocol and find(recipe.data.protocol).parts:
        return list(range(find(recipe.data.protocol).folds))
    return [recipe.data.fold]


def _cut(faces: FaceSet, recipe: Recipe) -> FaceSet:
    """The set with the splits of the recipe's protocol and fold, where it has one."""
    data = recipe.data
    return faces.replace(split=sides(faces, data.protocol, data.fold)) if data.protocol else faces


def pooled(parts: Sequence[Predictions], name: str) -> Predictions:
    """The test rows of several folds as one model's."""
    columns: dict[str, Any] = {}
    for key in (f.name for f in fields(Predictions) if isinstance(getattr(parts[0], f.name), np.ndarray)):
        if key != "emotions":  # the others hold an entry a row
            values = [getattr(part, key) for part in parts]
            columns[key] = np.concatenate(values) if all(value is not None for value in values) else None
    dropped = {key: sum(part.dropped[key] for part in parts) for key in parts[0].dropped}
    return replace(parts[0], model=name, dropped=dropped, **columns)


def _ensemble(path: str | Path, plan: Plan) -> Result:
    """Members' saved probabilities combined; runs/zoo/ in the file stands for this table's own folder."""
    ensemble = read_ensemble(path)
    here = tuple(str(_here(member, plan.out)) for member in ensemble.members)
    members = Ensemble(ensemble.name, ensemble.combine, here, ensemble.weights)
    missing = [member for member in here if not Path(member).exists()]
    if missing:
        raise MienError(f"{path}: {len(missing)} of {len(here)} members are not there, the first {missing[0]}")
    found = [load_probabilities(member) for member in here]
    name = row_name(path)
    whole = score(replace(combined(members, found, name), model=name))
    save_probabilities(plan.out / name / "test.npz", whole.predictions)
    rows = [finished(Path(member).parent) or {} for member in here]
    told = sorted({line for row in rows for line in row.get("overrides", [])})
    alike = [line for line in told if all(line in row.get("overrides", []) for row in rows)]
    return _scored(path, whole) | {
        "overrides": alike,
        "asked": plan.asked(),
        "members": [{"model": Path(m).parent.name, "top1": row.get("top1")} for m, row in zip(here, rows, strict=True)],
        "training_faces": max((row.get("training_faces", 0) for row in rows), default=0),
        "epochs": None,
        "minutes": round(sum(row.get("minutes", 0) for row in rows), 4),
        "hardware": ", ".join(sorted({row["hardware"] for row in rows if "hardware" in row})),
        "commit": commit(),
    }


def _scored(path: str | Path, scores: Evaluation) -> Result:
    found = scores.to_dict()
    kept = ("data_sha256", "split", "labels", "n", "top1", "top1_ci95", "macro_f1", "balanced_accuracy", "ece", "nll")
    return {
        "recipe": row_name(path),
        "recipe_sha256": _sha256(path),
        "status": "done",
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "data": Path(scores.data).name,
        **{key: found[key] for key in kept},
    }


class _Clock:
    """Seconds of training up to the last finished epoch, over all sittings; an epoch that was killed is not in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.start()
        self.seconds: float = json.loads(path.read_text())["seconds"] if path.exists() else 0.0

    def start(self) -> None:
        self.last = perf_counter()

    def tick(self, row: dict[str, Any]) -> None:
        now = perf_counter()
        self.seconds, self.last = self.seconds + now - self.last, now
        _write(self.path, {"seconds": round(self.seconds, 3), "epochs": row["epoch"]})


def hardware(device: str) -> str:
    """What trained a row, in a few words."""
    import torch

    if device != "cpu" and torch.cuda.is_available():
        return torch.cuda.get_device_name()
    threads = torch.get_num_threads()
    return f"{machine().get('cpu') or 'CPU'}, {threads} thread{'s' * (threads > 1)}"


def _check_asked(folder: Path, recipe: str | Path, plan: Plan) -> None:
    path = folder / "plan.json"
    if not path.exists():
        return
    facts = json.loads(path.read_text(encoding="utf-8"))
    asked = plan.asked()
    if differs := [key for key in asked if facts["asked"].get(key) != asked[key]]:
        key = differs[0]
        raise MienError(
            f"{folder}: a row made with {key} {facts['asked'].get(key)!r}, not {asked[key]!r}; name another --out"
        )
    if facts["recipe_sha256"] != _sha256(recipe):
        raise MienError(f"{folder}: a row of {recipe} as it was before; name another --out, or remove the folder")


@functools.lru_cache(maxsize=2)
def _loaded(source: str, ferplus: str) -> FaceSet:
    return load_dataset(source, ferplus=ferplus or None)


def _whole(recipe: Recipe) -> Recipe:
    return replace(
        recipe, data=replace(recipe.data, fraction=1.0), augment=replace(recipe.augment, targeted={}), init=""
    )


def _fewer(faces: FaceSet, recipe: Recipe, count: int) -> FaceSet:
    """The set with so many of its validation rows, each class by its share."""
    places = np.flatnonzero(faces.split == recipe.data.validation)
    kept = places[draw(faces.select(places).hard(stratified_by(recipe)), count, 0)]
    keep = np.asarray(faces.split != recipe.data.validation)
    keep[kept] = True
    return faces.select(keep)


def _worth_telling(overrides: list[str]) -> list[str]:
    return [line for line in overrides if not line.startswith(("train.epochs=", "train.steps="))]


def _here(member: str, out: Path) -> Path:
    path = Path(member)
    return out / path.relative_to(USUAL_OUT) if path.is_relative_to(USUAL_OUT) else path


def _sha256(path: str | Path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if Path(path).exists() else ""


def _write(path: Path, value: Any) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
