"""Combinations of action units that a set is to have: how they are written, and which faces show them.

`AU06+AU12=2000` wishes for 2,000 faces that show both units. Other units that some wish names must not be shown,
unless the combination ends in a star (`AU06*`: cheeks raised, whatever else) or says itself what is not to be shown
(`AU06-AU12`: the others are left open). `none` is a face that shows no unit that is named. A unit that is not known
is neither shown nor not shown.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.datasets.units import OCCURRENCE, occurrence
from mien.errors import MienError
from mien.labels import NO_UNIT, action_unit

OPEN = "*"
EXAMPLE = "'AU06+AU12=2000', 'AU06*=500' or 'none=500'"

_TERM = re.compile(r"\s*([+-]?)\s*((?:AU\s*)?\d{1,2})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """How many faces are to show a combination.

    Attributes:
        name: the combination as we write it: `AU06+AU12`, `AU06-AU12`, `AU06*`, `none`.
        shown: units that must be shown.
        absent: units that must be known not to be.
        number: of faces, 1 or more.
    """

    name: str
    shown: tuple[str, ...]
    absent: tuple[str, ...]
    number: int


def parse_wishes(texts: Sequence[str], *, inclusive: bool = False) -> tuple[Wish, ...]:
    """Wishes as the module's first lines write them, several in a text with commas between.

    Args:
        inclusive: a star behind every combination but `none`.

    Raises:
        MienError: what cannot be read, or a combination that is wished for twice.
    """
    parts = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    if not parts:
        raise MienError(f"no combination of action units: write one as {EXAMPLE}")
    read = [_read(part, inclusive) for part in parts]
    named = sorted({unit for shown, absent, _, _ in read for unit in (*shown, *absent)})
    if not named:
        raise MienError(f"{NO_UNIT}: of which action units? name some in another wish, as in {EXAMPLE}")
    wishes: list[Wish] = []
    meant: dict[tuple[tuple[str, ...], tuple[str, ...]], Wish] = {}
    for shown, absent, is_open, number in read:
        others = () if is_open else tuple(unit for unit in named if unit not in (*shown, *absent))
        wish = Wish(_name(shown, absent, is_open), shown, tuple(sorted((*absent, *others))), number)
        same = meant.setdefault((wish.shown, wish.absent), wish)
        if same is not wish:
            names = " and ".join(dict.fromkeys((same.name, wish.name)))
            raise MienError(f"{names}: the same combination wished for twice; leave one out")
        wishes.append(wish)
    return tuple(wishes)


def read_wishes(path: Path) -> list[str]:
    """Wishes from a TOML or JSON file: combinations and numbers, at the top or under `wants`.

    Raises:
        MienError: a file that cannot be read, or a number that is none.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        data: Any = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}: check --wants") from error
    except ValueError as error:  # broken TOML, JSON or UTF-8
        kind = "JSON" if path.suffix.lower() == ".json" else "TOML"
        raise MienError(f'{path}: not readable as {kind} ({error}): write lines such as "AU06+AU12" = 2000') from error
    table = data.get("wants", data) if isinstance(data, dict) else data
    if not isinstance(table, dict) or not table:
        raise MienError(f'{path}: no combinations in it: write lines such as "AU06+AU12" = 2000')
    for name, number in table.items():
        if isinstance(number, bool) or not isinstance(number, int):
            raise MienError(f"{path}: {name}: {number!r} is no number of faces: write 1 or more")
        if "," in name or "=" in name:
            raise MienError(f"{path}: {name!r}: one combination a line, such as AU06+AU12")
    return [f"{name}={number}" for name, number in table.items()]


def named_units(wishes: Sequence[Wish]) -> tuple[str, ...]:
    """All units that the wishes name, by number."""
    return tuple(sorted({unit for wish in wishes for unit in (*wish.shown, *wish.absent)}))


def satisfied(faces: FaceSet, wishes: Sequence[Wish]) -> NDArray[np.bool_]:
    """(n, w) whether a face is one that a wish is for.

    Raises:
        MienError: units that the set does not code.
    """
    named = named_units(wishes)
    have = faces.action_units if OCCURRENCE in faces.targets else ()
    unknown = [unit for unit in named if unit not in have]
    if unknown:
        raise MienError(f"{faces.name}: does not code {', '.join(unknown)}; it has {', '.join(have) or 'no units'}")
    codes = occurrence(faces, named)
    place = {unit: at for at, unit in enumerate(named)}
    out = np.ones((len(faces), len(wishes)), np.bool_)
    for at, wish in enumerate(wishes):
        out[:, at] &= (codes[:, [place[unit] for unit in wish.shown]] == 1).all(axis=1)
        out[:, at] &= (codes[:, [place[unit] for unit in wish.absent]] == 0).all(axis=1)
    return out


def _read(text: str, inclusive: bool) -> tuple[tuple[str, ...], tuple[str, ...], bool, int]:
    """Units shown, units written as not shown, whether the others are left open, and the number."""
    combination, _, digits = (piece.strip() for piece in text.rpartition("="))
    if not combination or not (digits.isascii() and digits.isdecimal()) or int(digits) < 1:
        raise MienError(f"{text}: no combination with a number of 1 or more: write it as {EXAMPLE}")
    number = int(digits)
    if combination.lower() == NO_UNIT:
        return (), (), False, number
    star = combination.endswith(OPEN)
    body = combination.removesuffix(OPEN)
    shown: set[str] = set()
    absent: set[str] = set()
    at = 0
    while at < len(body):
        found = _TERM.match(body, at)
        if not found or (at and not found[1]):
            raise MienError(f"{text}: cannot read {body[at:].strip()!r}: write it as {EXAMPLE}")
        (absent if found[1] == "-" else shown).add(action_unit(found[2]))
        at = found.end()
    if not (shown or absent):
        raise MienError(f"{text}: no action unit in it: write it as {EXAMPLE}")
    if both := shown & absent:
        raise MienError(f"{text}: {min(both)} both shown and not: take one of them out")
    return tuple(sorted(shown)), tuple(sorted(absent)), star or inclusive or bool(absent), number


def _name(shown: Sequence[str], absent: Sequence[str], is_open: bool) -> str:
    if not (shown or absent):
        return NO_UNIT
    star = OPEN if is_open and not absent else ""
    return "+".join(shown) + "".join(f"-{unit}" for unit in absent) + star
