"""The study in its storage: opened, planned slot by slot, and held to one recipe."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.errors import MienError
from mien.lab.train.recipe import Recipe, Tune
from mien.lab.train.recipe_file import to_toml
from mien.lab.tune.slots import add_slots, place
from mien.lab.tune.space import Space

if TYPE_CHECKING:
    from optuna import Study
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler
    from optuna.storages import BaseStorage

RECIPE, CONTRACT, DATA = "recipe", "contract", "data_sha256"


def open_storage(url: str) -> BaseStorage:
    """A journal file (a path) or any database that SQLAlchemy knows (a URL).

    Raises:
        MienError: a storage that cannot be reached, or whose driver is not installed.
    """
    import optuna
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        if "://" in url:
            # workers wait for each other's writes rather than give up
            waits = {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else {}
            return optuna.storages.RDBStorage(url, engine_kwargs=waits)
        Path(url).parent.mkdir(parents=True, exist_ok=True)
        import os

        lock = JournalFileOpenLock(url) if os.name == "nt" else None  # Windows lets few make symbolic links
        return optuna.storages.JournalStorage(JournalFileBackend(url, lock_obj=lock))
    except Exception as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise MienError(f"--storage {shown(url)}: cannot be opened ({first}); give a file or a database URL") from error


def shown(url: str) -> str:
    """A storage's address without its password."""
    if "://" not in url:
        return url
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url.partition("://")[0] + "://..."


def create_study(storage: BaseStorage, name: str, recipe: Recipe) -> Study:
    """The study of that name, made where there is none, with the recipe's metric, direction and pruner.

    Raises:
        MienError: the study was begun with another recipe.
    """
    import optuna
    from optuna.study import StudyDirection

    tune = recipe.tune
    study = optuna.create_study(
        storage=storage,
        study_name=name,
        direction=StudyDirection[tune.direction.upper()],
        sampler=optuna.samplers.RandomSampler(),  # each trial takes its own: see make_sampler
        pruner=make_pruner(tune.pruner),
        load_if_exists=True,
    )
    contract = _contract(recipe)
    begun = study.user_attrs.get(CONTRACT)
    if begun is not None and begun != contract:
        was, now = _first_difference(begun, contract)
        raise MienError(
            f"study {name!r} was begun with another recipe ({was or 'nothing'}, now {now or 'nothing'});"
            " take another --study and --out"
        )
    if begun is None:
        study.set_user_attr(CONTRACT, contract)
        study.set_user_attr(RECIPE, to_toml(recipe))
    return study


def load_study(storage: BaseStorage, name: str, where: str) -> Study:
    """A study that is there already; "" names the only one.

    Raises:
        MienError: no such study, or one that mien did not make.
    """
    import optuna

    names = optuna.get_all_study_names(storage)
    if not name and len(names) == 1:
        name = names[0]
    if name not in names:
        raise MienError(f"{where}: no study {name!r}; it holds {', '.join(sorted(names)) or 'none'}")
    study = optuna.load_study(study_name=name, storage=storage)
    if RECIPE not in study.user_attrs:
        raise MienError(f"{where}: study {name!r} was not made by mien tune; look at it with optuna-dashboard")
    return study


def plan(study: Study, tune: Tune, source: str) -> int:
    """Put every trial of the search in that is not there yet; returns how many the search has.

    Raises:
        MienError: fewer trials asked for than planned before, or a grid over a range without steps.
    """
    space = Space.of(tune.space, source)
    plans: list[dict[str, Any]] = space.grid(source) if tune.sampler == "grid" else [{} for _ in range(tune.trials)]
    planned = 1 + max((where[0] for t in study.get_trials(deepcopy=False) if (where := place(t))), default=-1)
    if planned > len(plans):
        raise MienError(
            f"study {study.study_name!r} has {planned} trials planned already; go on with --trials {planned}"
        )
    add_slots(study, plans)
    return len(plans)


def make_pruner(name: str) -> BasePruner:
    """`median`: below the median of earlier trials at the same epoch, from the fifth trial on."""
    from optuna.pruners import MedianPruner, NopPruner

    return MedianPruner() if name == "median" else NopPruner()


def make_sampler(kind: str, seed: int, slot: int) -> BaseSampler:
    """The sampler of one slot: its draws follow from (seed, slot) and the history, whichever worker asks."""
    import numpy as np
    import optuna

    drawn = int(np.random.SeedSequence((seed, slot)).generate_state(1)[0])
    if kind != "tpe":
        return optuna.samplers.RandomSampler(seed=drawn)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # constant_liar, before optuna 5
        return optuna.samplers.TPESampler(seed=drawn, multivariate=False, constant_liar=True)


def _contract(recipe: Recipe) -> str:
    """What every trial of a study has in common; how many there are and who looks at them is free to change."""
    tune = recipe.tune
    fixed = replace(tune, trials=0, seconds=0.0, pruner="", sampler="grid" if tune.sampler == "grid" else "")
    data = replace(recipe.data, path="", ferplus="")  # which may lie elsewhere on another machine: see hold_data
    return to_toml(replace(recipe, tune=fixed, data=data))


def hold_data(study: Study, digest: str) -> None:
    """Note which faces the study is about, or check that these are the same.

    Raises:
        MienError: other faces than before.
    """
    if study.user_attrs.setdefault(DATA, digest) != digest:
        raise MienError(f"study {study.study_name!r} was begun on other faces; take another --study and --out")
    study.set_user_attr(DATA, digest)


def _first_difference(before: str, after: str) -> tuple[str, str]:
    was, now = before.splitlines(), after.splitlines()
    return next(((a, b) for a, b in zip(was, now, strict=False) if a != b), ("fewer keys", "more"))
