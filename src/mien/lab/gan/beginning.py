"""What a recipe of method "ganmut" begins with: two networks, their optimisers, the faces, and the ModelSpec."""

from __future__ import annotations

import inspect

import torch
from torch import nn

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.lab.gan.critic import Critic
from mien.lab.gan.generator import BUILDERS, Generator, load_generator
from mien.lab.gan.space import GaussianSpace
from mien.lab.models.face_net import count_parameters
from mien.lab.train.batches import classes_of_heads, input_statistics
from mien.lab.train.model_facts import training_facts
from mien.lab.train.recipe import Recipe
from mien.model_spec import COLOURS, ModelSpec


def networks(recipe: Recipe, emotions: tuple[str, ...], device: torch.device) -> tuple[Generator, Critic]:
    """Freshly initialised, or the generator as `init` holds it."""
    options, input_ = dict(recipe.model.options), recipe.input
    channels = COLOURS[input_.colour]
    known = [name for name in inspect.signature(BUILDERS[recipe.model.name]).parameters if name != "channels"]
    for option, value in options.items():
        if option not in known:
            raise MienError(f"model.options.{option}: {recipe.model.name} has {', '.join(known)}")
        if option in ("dims", "conv_dim", "blocks") and (not isinstance(value, int) or value < 1):
            raise MienError(f"model.options.{option} = {value!r}, expected a whole number of 1 or more")
    options.setdefault("emotions", emotions)
    generator = BUILDERS[recipe.model.name](channels=channels, **options)
    if tuple(generator.space.emotions) != tuple(emotions):
        raise MienError(f"model.options.emotions: the data's labels are {', '.join(emotions)}, in this order")
    if recipe.init:
        from mien.lab.predict import weights_of

        kept, _ = load_generator(weights_of(recipe.init))
        if [p.shape for p in kept.parameters()] != [p.shape for p in generator.parameters()]:
            raise MienError(f"init = {recipe.init}: a generator of another shape; give it the same model.options")
        generator.load_state_dict(kept.state_dict())
    kind = "gaussian" if isinstance(generator.space, GaussianSpace) else "linear"
    critic = Critic(
        kind,
        generator.space.dims,
        len(emotions),
        recipe.ganmut.critic_dim,
        recipe.ganmut.critic_layers,
        channels,
        input_.height,
        input_.width,
    )
    layout = torch.channels_last
    placed = generator.to(device, memory_format=layout), critic.to(device, memory_format=layout)  # type: ignore[call-overload]
    return placed[0], placed[1]


def labelled(faces: FaceSet, recipe: Recipe) -> FaceSet:
    """The rows whose emotion is known."""
    return faces.select(classes_of_heads(faces, recipe.heads, recipe.data)[0].hard >= 0)


def adam(net: nn.Module, recipe: Recipe, rate: float) -> torch.optim.Optimizer:
    betas = (recipe.ganmut.beta1, recipe.ganmut.beta2)
    return torch.optim.Adam(net.parameters(), lr=rate, betas=betas)


def generator_spec(recipe: Recipe, net: Generator, faces: FaceSet, rows: tuple[int, int], bf16: bool) -> ModelSpec:
    settings = recipe.input
    mean, std = input_statistics(settings)
    options = dict(recipe.model.options)
    options["emotions"] = list(net.space.emotions)
    told = training_facts(recipe, faces, rows, "bf16" if bf16 else "fp32")
    if recipe.ganmut.judge:
        told["judge"] = recipe.ganmut.judge
    return ModelSpec(
        name=recipe.name,
        architecture=recipe.model.name,
        architecture_options=options,
        heads=(),
        height=settings.height,
        width=settings.width,
        colour=settings.colour,
        mean=mean,
        std=std,
        parameters=count_parameters(net),
        licence=recipe.licence,
        training=told,
    )
