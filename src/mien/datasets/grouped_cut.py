"""Whole groups (people, films, near copies) dealt out to the sides of a cut, classes in shares as near as may be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError

_SWEEPS = 20
"""Passes of single moves after the first dealing; it mostly settles within five."""


def deal_groups(
    of_class: NDArray[np.int64],
    classes: int,
    shares: NDArray[np.float64],
    groups: NDArray[np.str_],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Deal groups out, the largest first, each to the side where it mends most; then move single ones.

    What is made small is the number of classes absent from a side and, after that, the sum over sides and
    classes of (rows - wanted rows)^2 / wanted rows; the rows of a side as a whole count as one more class.

    Args:
        of_class: (n,) class of each row, 0..classes-1.
        classes: how many there are.
        shares: (s,) of the sides, summing to 1.
        groups: (n,) names; "" stands for a group of one row.
        rng: breaks ties between groups of one size.

    Returns:
        (n,) the side of each row.

    Raises:
        MienError: fewer groups than sides.
    """
    of_group, count = _numbered(groups)
    sides = np.flatnonzero(shares > 0)
    if count < len(sides):
        raise MienError(f"{count} groups for {len(sides)} sides: make fewer sides, or cut without groups")
    content = np.zeros((count, classes + 1))
    np.add.at(content, (of_group, of_class), 1)
    content[:, -1] = content.sum(axis=1)
    order = rng.permutation(count)
    order = order[np.argsort(-content[order, -1], kind="stable")]
    dealt = _Dealt(content, shares[sides])
    for group in order:
        dealt.place(int(group))
    for _ in range(_SWEEPS):
        if sum(dealt.move(int(group)) for group in order) == 0:
            break
    return np.asarray(sides[dealt.side[of_group]], np.int64)


class _Dealt:
    """Where groups are, what each side holds and what it should.

    Args:
        content: (g, classes + 1) rows of each class in each group, the last column their sum.
        shares: (s,) of the sides, all above 0.
    """

    def __init__(self, content: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
        self.content = content
        self.wanted = shares[:, None] * content.sum(axis=0)
        self.held = np.zeros_like(self.wanted)
        self.groups = np.zeros(len(shares), np.int64)
        self.side = np.full(len(content), -1, np.int64)
        # no difference in the sum of squares outweighs an absent class
        self.absence = 4 * len(shares) * float(content.sum())

    def place(self, group: int) -> None:
        """Put a group that is nowhere yet on the side where it mends most."""
        self._put(group, int(np.argmin(self._price(self.content[group]))))

    def move(self, group: int) -> bool:
        """Put a group elsewhere if that is better; whether it was."""
        here = int(self.side[group])
        if self.groups[here] == 1:
            return False
        self._put(group, -1)
        price = self._price(self.content[group])
        best = int(np.argmin(price))
        better = bool(price[best] < price[here] - 1e-9)
        self._put(group, best if better else here)
        return better

    def _put(self, group: int, side: int) -> None:
        here = self.side[group]
        if here >= 0:
            self.held[here] -= self.content[group]
            self.groups[here] -= 1
        if side >= 0:
            self.held[side] += self.content[group]
            self.groups[side] += 1
        self.side[group] = side

    def _price(self, content: NDArray[np.float64]) -> NDArray[np.float64]:
        """(s,) what a group more costs on each side: (rows - wanted)^2 / wanted after less before."""
        squares = (content * (2 * (self.held - self.wanted) + content) / self.wanted).sum(axis=1)
        new = ((self.held[:, :-1] == 0) & (content[:-1] > 0)).sum(axis=1)
        return np.asarray(squares - self.absence * new)


def _numbered(groups: NDArray[np.str_]) -> tuple[NDArray[np.int64], int]:
    """(n,) number of each row's group, and how many there are."""
    names, number = np.unique(groups, return_inverse=True)
    number = number.astype(np.int64)
    alone = np.flatnonzero(groups == "")
    number[alone] = len(names) + np.arange(len(alone))
    _, number = np.unique(number, return_inverse=True)
    return number.astype(np.int64), int(number.max(initial=-1)) + 1
