"""What stands behind a data set's path: `folds.csv:fold=2`, `jaffe/:protocol=loso,fold=3`, `CK+/:frames=peak`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mien.errors import MienError

READINGS: Mapping[str, tuple[str, ...]] = {
    "frames": ("last3", "peak"),
    "neutral": ("yes", "no"),
    "cut": ("2", "1", "3", "4", "5"),
}
"""How a set that can be read in several ways shall be read; the first word is the default."""

_SUFFIX = re.compile(r"(.+?):((?:[a-z]+=[^,=:/\\]*)(?:,[a-z]+=[^,=:/\\]*)*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """A data set's path and what is asked of it.

    Attributes:
        path: of the set alone.
        readings: how it is to be read, see `READINGS`; these decide which rows it has.
        protocol: how it is to be cut; "" as it stands.
        fold: of the protocol or of an index; None for none.
    """

    path: str
    readings: Mapping[str, str] = field(default_factory=dict)
    protocol: str = ""
    fold: int | None = None

    @property
    def source(self) -> str:
        """Path and readings: what an index names."""
        settings = ",".join(f"{key}={value}" for key, value in sorted(self.readings.items()))
        return f"{self.path}:{settings}" if settings else self.path


def address(text: str) -> Address:
    """`PATH:key=value,...` taken apart; a path that exists as it stands has nothing behind it.

    Raises:
        MienError: a key that is not known, or a value that it does not take.
    """
    found = _SUFFIX.fullmatch(text)
    if found is None or _exists(text):
        return Address(text)
    readings: dict[str, str] = {}
    protocol, fold = "", None
    for part in found[2].split(","):
        key, _, value = part.partition("=")
        if key == "fold":
            if not (value.isascii() and value.isdecimal() and len(value) < 10):
                raise MienError(f"{text}: fold {value!r}: write a number from 0")
            fold = int(value)
        elif key == "protocol":
            protocol = value
        elif key in READINGS:
            if value not in READINGS[key]:
                raise MienError(f"{text}: {key}={value}: choose {' or '.join(READINGS[key])}")
            readings[key] = value
        else:
            raise MienError(f"{text}: unknown setting {key!r}: choose from protocol, fold, {', '.join(READINGS)}")
    return Address(found[1], readings, protocol, fold)


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False
