"""The architectures that can be trained, read from a data file: nothing here needs torch."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from mien.labels import AFFECT, EMOTIONS, SEVEN
from mien.model_spec import Head

VOCABULARIES = MappingProxyType(
    {
        "seven": ("emotion", SEVEN),
        "eight": ("emotion", EMOTIONS),
        "valence_arousal": ("valence_arousal", AFFECT),
    }
)
"""The words of the data file's `heads`: word -> kind of head and its labels."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """Facts about a network as its paper has it."""

    name: str
    parameters: int  # with these heads; a tensor shared by two layers counts once
    gmacs: float  # 1e9 multiply-accumulates of convolutions and linear layers for one input
    input: tuple[int, int, int]  # channels, height, width
    heads: tuple[Head, ...]
    paper: str
    source: str  # the module that builds it
    licence: str


def _heads(words: dict[str, str]) -> tuple[Head, ...]:
    return tuple(Head(name, *VOCABULARIES[word], trained_on="") for name, word in words.items())


@cache
def architectures() -> dict[str, Architecture]:
    """Name -> facts, in the order of the data file."""
    text = (files("mien.runtime") / "architectures.toml").read_text(encoding="utf-8")
    return {
        name: Architecture(
            name=name,
            parameters=facts["parameters"],
            gmacs=facts["gmacs"],
            input=(facts["input"][0], facts["input"][1], facts["input"][2]),
            heads=_heads(facts["heads"]),
            paper=facts["paper"],
            source=facts["source"],
            licence=facts["licence"],
        )
        for name, facts in tomllib.loads(text).items()
    }
