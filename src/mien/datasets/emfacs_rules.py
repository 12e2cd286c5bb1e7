"""Rules of one's own in EMFACS' place, from a file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from mien.errors import MienError
from mien.labels import EMOTIONS, action_unit, emotion_index

EXAMPLE = 'happiness = ["AU06+AU12"]'


def read_rules(path: Path) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Emotion -> prototypes -> units from a TOML file of lines such as `happiness = ["AU06+AU12", "AU12+AU25"]`.

    Raises:
        MienError: a file that cannot be read, a word that is no emotion, or what is no combination of units.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}: check --rules") from error
    except ValueError as error:  # broken TOML or UTF-8
        raise MienError(f"{path}: not readable as TOML ({error}): write lines such as {EXAMPLE}") from error
    if not table:
        raise MienError(f"{path}: no rules in it: write lines such as {EXAMPLE}")
    rules: dict[str, tuple[tuple[str, ...], ...]] = {}
    for word, combinations in table.items():
        if not isinstance(combinations, list) or not combinations or not all(isinstance(c, str) for c in combinations):
            raise MienError(f"{path}: {word}: no list of combinations: write it as {EXAMPLE}")
        try:
            name = EMOTIONS[emotion_index(word)]
            prototypes = tuple(tuple(dict.fromkeys(map(action_unit, c.split("+")))) for c in combinations)
        except MienError as error:
            raise MienError(f"{path}: {word}: {error}") from error
        if name in rules:
            raise MienError(f"{path}: {name} stands there twice, the second time as {word}: leave one out")
        rules[name] = prototypes
    return rules
