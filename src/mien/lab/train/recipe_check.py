"""Values that a recipe cannot mean."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mien.errors import MienError
from mien.lab.augment import ranges
from mien.lab.train import esr_check, ganmut_check, heads_check
from mien.lab.train.recipe import METHODS, Data, Recipe
from mien.model_spec import COLOURS

CHOICES: dict[str, tuple[str, ...]] = {
    "train.optimiser": ("sgd", "adam", "adamw", "adamax", "adagrad", "asgd", "rmsprop", "rprop", "radam", "muon"),
    "train.schedule": ("cosine", "constant", "linear", "step", "one_cycle", "plateau"),
    "train.precision": ("auto", "fp32", "bf16"),
    "loss.heads": ("fixed", "uncertainty", "gradient"),
    "train.freeze": ("", "trunk"),
    "data.holdout_by": ("", "subject", "group"),
    "input.colour": ("grey", "rgb"),
    "input.normalise": ("mean_std", "unit", "symmetric"),
    "augment.pad_mode": ("edge", "zero"),
    "augment.fill": ("edge", "zero"),
    "balance.sampler": ("natural", "weighted", "balanced"),
    "balance.class_weights": ("none", "inverse", "effective"),
    "byol.momentum_schedule": ("constant", "cosine"),
    "ganmut.regulariser": ("gp", "r1"),
    "ganmut.way_back": ("approximate", "original"),
    "tune.sampler": ("tpe", "random", "grid"),
    "tune.pruner": ("median", "none"),
    "tune.direction": ("maximize", "minimize"),
}
"""Recipe key -> the words it may hold."""

RANGES: dict[str, tuple[float, float]] = {
    "data.variants_probability": (0, 1),
    "train.steps": (0, math.inf),
    "train.lr": (0, math.inf),
    "train.weight_decay": (0, math.inf),
    "train.warmup": (0, math.inf),
    "train.final_lr": (0, 1),
    "train.step_epochs": (1, math.inf),
    "train.factor": (0, 1),
    "train.patience": (0, math.inf),
    "train.early_stop": (0, math.inf),
    "train.ema": (0, 0.999999),
    "train.grad_clip": (0, math.inf),
    "train.status": (0, math.inf),
    "train.min_lr": (0, math.inf),
    "train.validate_every": (1, math.inf),
    "train.decay_from": (0, 0.999999),
    "ganmut.critic_dim": (1, math.inf),
    "ganmut.critic_layers": (0, 12),
    "ganmut.n_critic": (1, math.inf),
    "ganmut.free": (0, 1),
    "ganmut.lessons": (0, math.inf),
    "ganmut.jitter": (0, math.inf),
    "ganmut.beta1": (0, 0.999999),
    "ganmut.beta2": (0, 0.999999),
    "ganmut.faces": (1, math.inf),
    "ganmut.sheets": (0, math.inf),
    "distil.weight": (0, 1),
    "distil.temperature": (1e-3, math.inf),
    "loss.centre": (0, math.inf),
    "loss.centre_lr": (0, 1),
    "loss.centre_epoch": (0, math.inf),
}
"""Recipe key -> the least and the most it may be."""

OPTIMISERS = CHOICES["train.optimiser"]


def check(recipe: Recipe, source: str = "recipe") -> None:
    """Look a recipe over.

    Raises:
        MienError: the first value that cannot be meant, with what is expected.
    """
    for problem in _problems(recipe):
        raise MienError(f"{source}: {problem}")


def _problems(recipe: Recipe) -> Iterator[str]:
    if recipe.method not in METHODS:
        yield f"method {recipe.method!r}; this version knows {', '.join(METHODS)}"
    for key, allowed in CHOICES.items():
        section, name = key.split(".")
        value = getattr(getattr(recipe, section), name)
        if value not in allowed:
            yield f"{key} = {value!r}, expected {' or '.join(word or repr(word) for word in allowed)}"
    for key, (least, most) in RANGES.items():
        section, name = key.split(".")
        value = getattr(getattr(recipe, section), name)
        if not least <= value <= most:
            yield f"{key} = {value}, expected {f'{least:g} or more' if math.isinf(most) else f'{least:g}..{most:g}'}"
    yield from _heads(recipe)
    yield from _data(recipe)
    yield from _made(recipe)
    yield from _train(recipe)
    yield from _distil(recipe)
    yield from esr_check.problems(recipe)
    yield from ganmut_check.problems(recipe)
    yield from ranges.problems(recipe.augment, recipe.input)


def _heads(recipe: Recipe) -> Iterator[str]:
    names = [head.name for head in recipe.heads]
    if not names or len(set(names)) < len(names):
        yield f"heads need at least one, each with a name of its own; got {names}"
    for key, value in (("train.select", recipe.train.select), ("balance.head", recipe.balance.head)):
        if value and value not in names:
            yield f"{key} = {value!r} is no head: {', '.join(names)}"
    yield from heads_check.problems(recipe)
    for head in recipe.heads:
        if head.target not in ("soft", "hard"):
            yield f"heads.{head.name}.target = {head.target!r}, expected soft or hard"
        if not 0 <= head.label_smoothing < 1:
            yield f"heads.{head.name}.label_smoothing = {head.label_smoothing}, expected a share of 0 or more, below 1"
    channels = COLOURS[recipe.input.colour]
    if not {len(recipe.input.mean), len(recipe.input.std)} <= {1, channels}:
        yield f"input.mean and input.std need {channels} values for {recipe.input.colour}, or one for all"


def _data(recipe: Recipe) -> Iterator[str]:
    from mien.datasets.splits import is_test

    data = recipe.data
    if data.validation and is_test(data.validation):
        yield (
            f"data.validation = {data.validation!r} is a test split; choose epochs on PublicTest"
            " or a holdout, and report the test split once"
        )
    if not data.validation and not data.holdout and not data.folds:
        yield "name data.validation, or cut a data.holdout of 0.1 or so, or data.folds"
    if not data.holdout and not data.folds and data.train in ("", data.validation):
        yield (
            f"data.train = {data.train!r} would learn the rows of data.validation = {data.validation!r} too;"
            " cut a data.holdout of 0.1 or so"
        )
    if data.protocol:
        yield from _protocol(data)
    if data.holdout and data.folds:
        yield "data.holdout and data.folds both cut the training split; take one"
    if not 0 <= data.holdout < 1:
        yield f"data.holdout = {data.holdout}, expected a share below 1"
    if data.folds and not (data.folds >= 2 and 0 <= data.fold < data.folds):
        yield f"data.fold = {data.fold} of data.folds = {data.folds}; expected 0 <= fold < folds, folds of 2 or more"
    if not 0 < data.fraction <= 1:
        yield f"data.fraction = {data.fraction}, expected a share above 0 and up to 1"


def _made(recipe: Recipe) -> Iterator[str]:
    """Made pictures are learnt from by labels alone; BYOL has a key of its own for its second view."""
    if recipe.method == "byol" and recipe.data.variants:
        yield 'data.variants is of methods that learn labels; method "byol" takes byol.variants'
    elif recipe.method == "ganmut" and (recipe.data.variants or recipe.data.more):
        yield 'method "ganmut" learns from real faces alone; leave data.variants and data.more out'


def _protocol(data: Data) -> Iterator[str]:
    from mien.datasets.protocols import find, names

    if data.protocol not in names():
        yield f"data.protocol = {data.protocol!r}; this version knows {', '.join(names())}"
    elif not 0 <= data.fold < find(data.protocol).folds:
        yield f"data.fold = {data.fold}; protocol {data.protocol} has 0..{find(data.protocol).folds - 1}"
    if data.holdout or data.folds:
        yield "data.protocol names who is learnt from and chosen by; leave data.holdout and data.folds out"


def _distil(recipe: Recipe) -> Iterator[str]:
    settings, names = recipe.distil, {head.name: head.kind for head in recipe.heads}
    if recipe.method != "distil":
        if settings.teachers:
            yield f'distil.teachers teach where method = "distil"; this recipe has {recipe.method!r}'
        return
    if not settings.teachers:
        yield "distil.teachers names nobody; give a model, or probabilities saved by `mien evaluate`"
    head = settings.head or next(iter(names))
    if head not in names:
        yield f"distil.head = {head!r} is no head: {', '.join(names)}"
    elif names[head] != "emotion":
        yield f"distil.head = {head!r} is of kind {names[head]}; teachers say emotions"


def _train(recipe: Recipe) -> Iterator[str]:
    train, balance = recipe.train, recipe.balance
    if train.epochs < 1 or train.batch < 2:
        yield "train.epochs must be 1 or more and train.batch 2 or more"
    if train.decoupled and train.optimiser != "radam":
        yield f"train.decoupled is of radam alone; {train.optimiser} decays as it does"
    if train.unfreeze and not train.freeze:
        yield 'train.unfreeze needs train.freeze = "trunk"'
    if train.ema and train.swa:
        yield "train.ema and train.swa both average the weights; take one"
    if train.swa and not 0 < train.swa < 1:
        yield f"train.swa = {train.swa}, expected the share of the run after which averaging starts, between 0 and 1"
    if not 0 < train.layer_decay <= 1:
        yield f"train.layer_decay = {train.layer_decay}, expected a factor above 0 and up to 1"
    if not 0 <= balance.beta < 1:
        yield f"balance.beta = {balance.beta}, expected 0 or more and below 1"
    if min(balance.focal, balance.logit_adjustment) < 0:
        yield "balance.focal and balance.logit_adjustment cannot be negative"
