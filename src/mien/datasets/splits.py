"""What a split is for: to learn from, to choose by, or to report on."""

from __future__ import annotations

import re
from typing import Literal, get_args

from mien.errors import MienError

Role = Literal["train", "validation", "test"]
ROLES: tuple[Role, ...] = get_args(Role)

_WORDS: dict[str, Role] = {
    "train": "train", "training": "train", "fit": "train",
    "val": "validation", "valid": "validation", "validation": "validation",
    "dev": "validation", "development": "validation", "eval": "validation",
    "test": "test", "testing": "test", "heldout": "test", "holdout": "test",
}  # fmt: skip
# FER2013's own names come first: PublicTest was the public leaderboard, by which people chose their models,
# so its role is validation although its name says test
_NAMES: dict[str, Role] = {"publictest": "validation", "privatetest": "test"}


def role(name: str) -> Role:
    """What a split of that name is for, whatever the data set's spelling.

    `Training`, `train_set` -> train; `PublicTest`, `Validation`, `val` -> validation;
    `PrivateTest`, `Test`, `test` -> test.

    Raises:
        MienError: a name that says nothing of its role.
    """
    plain = re.sub(r"[^a-z]", "", name.lower())
    if plain in _NAMES:
        return _NAMES[plain]
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    for word in re.findall(r"[a-z]+", spaced.lower()):
        if word in _WORDS:
            return _WORDS[word]
    raise MienError(f"split {name!r}: unknown role; name it train, validation or test")


def is_test(name: str) -> bool:
    """Whether a split is there to report on, so that nothing may be chosen by it.

    A name that says nothing of its role counts as no test split.
    """
    try:
        return role(name) == "test"
    except MienError:
        return False
