"""`--centres`: where emotions lie, said by hand instead of by the generator."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.labels import EMOTIONS, emotion_index
from mien.runtime.expression_space import ExpressionSpace
from mien.runtime.variants.neighbourhood import EMOTIONGAN

PUBLISHED = "emotiongan"


def read_centres(words: Sequence[str], space: ExpressionSpace) -> tuple[dict[str, tuple[float, ...]], bool]:
    """Centres by emotion, and whether they are the study's published map.

    Args:
        words: `emotiongan`, the path of a TOML or JSON file of `emotion = [x, y]`, or `emotion=x,y`; later ones
            overrule earlier ones.
        space: the generator's, whose number of coordinates a centre must have.

    Raises:
        MienError: a word that is none of these, a file that cannot be read, or what is no centre in it.
    """
    found: dict[str, tuple[float, ...]] = {}
    published = False
    for word in words:
        if word.lower() == PUBLISHED:
            if space.kind != "gaussian" or space.dims != 2:
                raise MienError(
                    f"--centres {word}: a map of a Gaussian space in 2-D, this generator's is {space.kind} in"
                    f" {space.dims}-D; leave it out, and the generator's own places are taken"
                )
            found |= EMOTIONGAN
            published = True
        elif "=" in word and not Path(word).is_file():
            name, _, numbers = word.partition("=")
            found |= _checked({name.strip(): numbers.split(",")}, space.dims, f"--centres {word}")
        else:
            found |= _checked(_file(Path(word)), space.dims, word)
    return found, published


def _file(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        what = f"{path}: {error.strerror or error}"
        raise MienError(f"{what}; --centres takes {PUBLISHED}, a TOML or JSON file, or emotion=x,y") from error
    except UnicodeDecodeError as error:
        raise MienError(f"{path}: no text file; write emotion = [x, y] a line") from error
    try:
        table = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except ValueError as error:  # both decoders' errors
        raise MienError(f"{path}: neither TOML nor JSON ({error}); write emotion = [x, y] a line") from error
    if not isinstance(table, dict) or not table:
        raise MienError(f"{path}: no table of centres; write emotion = [x, y] a line")
    return table


def _checked(table: Mapping[str, Any], dims: int, source: str) -> dict[str, tuple[float, ...]]:
    found = {}
    for word, values in table.items():
        try:
            name = EMOTIONS[emotion_index(word)]
        except MienError as error:
            raise MienError(f"{source}: {error}") from error
        try:
            place = tuple(float(value) for value in values)
        except (TypeError, ValueError):
            place = ()
        if len(place) != dims or not all(-1 <= value <= 1 for value in place):
            axes = ",".join("xyz"[:dims])
            raise MienError(f"{source}: {word}: expected {dims} numbers {axes} of -1 to 1")
        found[name] = place
    return found
