"""OpenDR's training as recipes of ours: categories branch by branch, then valence and arousal on them.

What its code does otherwise than the method it is of is left behind: its StepLR steps every batch, so that after some
200 of them nothing learns any more; all branches learn from the first branch's draw; norms of frozen layers drift.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mien.datasets.load import load_dataset
from mien.digest import digest_of
from mien.errors import MienError
from mien.lab.importers.esr import BASE, BRANCH, files_in
from mien.lab.importers.recognise import import_weights
from mien.lab.models.esr import Esr as Network
from mien.lab.opendr.prepared import SETS
from mien.lab.opendr.published_esr import SIDE, PublishedEsr, states_of
from mien.lab.opendr.saved import read_net, write_states
from mien.lab.predict import load_net
from mien.lab.train.recipe import Augment, Data, Esr, HeadRecipe, Input, Model, Recipe, Train
from mien.lab.train.recipe_check import check
from mien.lab.train.recipe_file import to_toml
from mien.lab.train.run import train
from mien.lab.train.run_folder import RunFolder

PER_CLASS = 5000
_SLOWER = 10  # times, that the base and the branches of before learn

_EMOTION = HeadRecipe(name="emotion", labels="affectnet", target="hard")
_AFFECT = HeadRecipe(name="affect", kind="valence_arousal", loss="rmse", activation="none")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the learner's constructor says of a training.

    Attributes:
        folder: of the experiment: runs, and `trained_models`.
        name: of the experiment.
        data: the prepared folders of AffectNet.
        branches, diversify, widths: of the network.
        first_epochs, epochs: of the first branch, and of each later one and each one's valence and arousal.
        validate_every: epochs.
        device: cpu | cuda.
        quiet: no progress.
    """

    folder: Path
    name: str
    data: Path
    branches: int
    diversify: bool
    widths: Sequence[int]
    lr: float
    momentum: float
    batch: int
    first_epochs: int
    epochs: int
    validate_every: int
    device: str
    quiet: bool

    @property
    def models(self) -> Path:
        return self.folder / "trained_models"


def train_categories(plan: Plan) -> PublishedEsr:
    """Branches one by one; the best ensemble stands in `trained_models` too.

    Raises:
        MienError: no prepared folders, or settings that cannot be meant.
    """
    esr = Esr(
        first_epochs=plan.first_epochs, epochs=plan.epochs, base_lr=plan.lr / _SLOWER, old_lr=plan.lr / _SLOWER,
        per_class=PER_CLASS, redraw=True, diversity="corrected",
    )  # fmt: skip
    recipe = _recipe(plan, (_EMOTION,), esr, "")
    shutil.rmtree(plan.folder / "dimensional", ignore_errors=True)  # which stood on the categories of before
    trained = _trained(plan, recipe, plan.folder / "categorical")
    return _kept(plan, trained)


def train_affect(plan: Plan) -> PublishedEsr:
    """Valence and arousal of the ensemble in `trained_models`, all else frozen, norms' statistics included.

    Raises:
        MienError: no such ensemble, no prepared folders, or settings that cannot be meant.
    """
    if not (plan.models / BASE).is_file():
        raise MienError(
            f"{plan.models}: no trained ensemble; fit with categorical_train=True first, or load() one to start from"
        )
    begin = read_net(plan.models, plan.branches, plan.diversify, BASE, BRANCH)
    esr = Esr(
        learns="affect", first_epochs=plan.epochs, epochs=plan.epochs, base_lr=0.0, old_lr=plan.lr / _SLOWER,
        per_class=PER_CLASS, redraw=True,
    )  # fmt: skip
    home = plan.folder / "dimensional"
    init = home / f"init-{_digest(plan.models)}.safetensors"  # so that a stopped run goes on from these weights alone
    recipe = _recipe(plan, (_EMOTION, _AFFECT), esr, str(init), begin.widths)
    if not _goes_on(recipe, home / "run"):
        shutil.rmtree(home, ignore_errors=True)
        import_weights(plan.models, init, importer="esr", name=f"{plan.name}-categories")
    return _kept(plan, _trained(plan, recipe, home / "run"))


def _recipe(
    plan: Plan, heads: tuple[HeadRecipe, ...], esr: Esr, init: str, widths: Sequence[int] | None = None
) -> Recipe:
    options: dict[str, object] = {"branches": plan.branches}
    if widths or plan.widths:
        options["widths"] = list(widths or plan.widths)
    recipe = Recipe(
        name=plan.name, method="esr", init=init, licence="research use only, as AffectNet is", heads=heads, esr=esr,
        data=Data(path=str(plan.data), train="Training", validation="Validation"),
        model=Model("esrstar9" if plan.diversify else "esr9", options),
        input=Input(SIDE, SIDE, colour="rgb", normalise="unit"),
        augment=Augment(
            flip=0.5, rotate=30, shift=0.1, scale=(1.0, 1.25), fill="zero", brightness_factor=0.5, contrast=0.5
        ),
        train=Train(
            batch=plan.batch, optimiser="sgd", lr=plan.lr, momentum=plan.momentum, nesterov=False, weight_decay=0.0,
            schedule="step", step_epochs=10, factor=0.5, warmup=0.0, per_epoch=True, precision="fp32",
            validate_every=plan.validate_every,
        ),
    )  # fmt: skip
    check(recipe, "FacialEmotionLearner")
    return recipe


def _digest(models: Path) -> str:
    whole = hashlib.sha256("".join(digest_of(path) for path in files_in(models)).encode())
    return whole.hexdigest()[:12]


def _goes_on(recipe: Recipe, out: Path) -> bool:
    """Whether this very training was begun there and stopped."""
    folder = RunFolder(out)
    if not folder.recipe.is_file() or folder.weights("final").exists():
        return False
    return folder.recipe.read_text(encoding="utf-8") == to_toml(recipe)


def _trained(plan: Plan, recipe: Recipe, out: Path) -> PublishedEsr:
    """The best ensemble of a run; one that was stopped goes on, one that was done is replaced, as in OpenDR."""
    for name in (SETS[0], SETS[2]):
        if not (plan.data / name).is_dir():
            raise MienError(
                f"{plan.data}: no folder {name}; pre_process_affect_net makes Training_Labeled and Validation"
            )
    faces = load_dataset(plan.data, labels="affectnet")
    resume = _goes_on(recipe, out)
    if not resume:
        shutil.rmtree(out, ignore_errors=True)
    train(recipe, faces, out, device=plan.device, resume=resume, quiet=plan.quiet)
    net, spec = load_net(out)
    assert isinstance(net, Network)
    made = PublishedEsr(net.branches, plan.diversify, recipe.model.options.get("widths", ()))
    for part, state in zip((made.base, *made.convolutional_branches), states_of(net, spec), strict=True):
        part.load_state_dict(state, strict=False)  # trained on categories alone it has no valence and arousal yet
    return made


def _kept(plan: Plan, net: PublishedEsr) -> PublishedEsr:
    write_states(plan.models, plan.name, net.to_state_dict())
    return net
