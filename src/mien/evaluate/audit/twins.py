"""Rows that show the same picture, pixel by pixel or nearly, within a split and across splits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.audit.finding import Finding, precedence
from mien.evaluate.same_picture import all_same_pictures

LARGEST_GROUP = 100
"""Rows of one picture up to which each pair of them is listed; of more, each row's pair with the one that is kept."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Twins:
    """Every pair of rows with the same picture, each once, the row to leave out first.

    Attributes:
        group: (n,) numbers from 0; rows with the very same pixels share one.
        exact: (m, 2) rows.
        near: (k, 2) rows whose pixels differ.
        score: (k,) float32 of the near pairs, `same_picture.THRESHOLD`..1.
        searched: whether near pairs were looked for.
    """

    group: Rows
    exact: Rows
    near: Rows
    score: NDArray[np.float32]
    searched: bool = True


def find_twins(
    group: Rows,
    thumbnails: NDArray[np.uint8],
    split: NDArray[np.str_],
    *,
    near: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Twins:
    """Pair rows with the same pixels, and pictures that are nearly the same.

    Args:
        group: (n,) as `duplicates.exact_groups` gives it.
        thumbnails: (n, 48, 48) grey.
        split: (n,) decides which row of a pair is left out, see `finding.precedence`.
        near: whether to look for near ones at all; the time grows with the square of the pictures.
    """
    place = precedence(split)
    order = np.lexsort((place, group))  # of each group the row that is kept comes first
    members = np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else []
    exact = [_within(rows) for rows in members if len(rows) > 1]
    pairs, scores = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.float32)]
    if near and len(members) > 1:
        first = np.unique(group, return_index=True)[1]
        found = all_same_pictures(thumbnails[first], progress)
        for a, b, score in zip(*found, strict=True):
            both = _between(members[a], members[b])
            pairs.append(both)
            scores.append(np.full(len(both), score, np.float32))
    return Twins(
        group=group,
        exact=_ordered(np.concatenate([pairs[0], *exact]), place),
        near=_ordered(np.concatenate(pairs), place),
        score=np.minimum(np.concatenate(scores), 1),
        searched=near,
    )


def _within(rows: Rows) -> Rows:
    """(m, 2) the pairs of a group's rows, the first of which is kept."""
    if len(rows) > LARGEST_GROUP:
        return np.stack([rows[1:], np.broadcast_to(rows[0], len(rows) - 1)], axis=1)
    a, b = np.triu_indices(len(rows), 1)
    return np.stack([rows[a], rows[b]], axis=1)


def _between(a: Rows, b: Rows) -> Rows:
    """(m, 2) each row of one group with each of the other."""
    if len(a) * len(b) > LARGEST_GROUP**2 // 2:  # the kept row of each with all of the other
        return np.concatenate([_between(a[:1], b), _between(a[1:], b[:1])])
    return np.stack([np.repeat(a, len(b)), np.tile(b, len(a))], axis=1)


def _ordered(pairs: Rows, place: Rows) -> Rows:
    """The same pairs, of each the row to leave out first."""
    swap = place[pairs[:, 0]] < place[pairs[:, 1]]
    return np.where(swap[:, None], pairs[:, ::-1], pairs)


def twin_findings(twins: Twins, labels: Rows) -> list[Finding]:
    """`exact`, `near` and `label_conflict`; a pair with two labels has a line of its own for that."""
    out = []
    exact = np.ones(len(twins.exact), np.float32)
    for kind, pairs, scores in (("exact", twins.exact, exact), ("near", twins.near, twins.score)):
        for (row, twin), score in zip(pairs.tolist(), scores.tolist(), strict=True):
            said = int(labels[row]), int(labels[twin])
            out.append(Finding(kind, row, score, twin, *said))
            if min(said) >= 0 and said[0] != said[1]:
                out.append(Finding("label_conflict", row, score, twin, *said))
    return out


def exact_summary(twins: Twins, labels: Rows, split: NDArray[np.str_]) -> dict[str, Any]:
    """How many pictures stand more than once, with two labels, and in which splits."""
    groups = [rows for rows in _grouped(twins.group) if len(rows) > 1]
    conflicting = [rows for rows in groups if len(set(labels[rows].tolist()) - {-1}) > 1]
    where: dict[str, int] = {}
    for rows in groups:
        name = " + ".join(sorted(set(split[rows].tolist())))
        where[name] = where.get(name, 0) + 1
    return {
        "groups": len(groups),
        "rows": sum(map(len, groups)),
        "largest": max(map(len, groups), default=0),
        "conflicting_groups": len(conflicting),
        "groups_by_splits": dict(sorted(where.items())),
    }


def across_splits(twins: Twins, split: NDArray[np.str_]) -> dict[str, dict[str, dict[str, int]]]:
    """Of each split, how many rows have a twin in each other split: `exact`, and `near` where no exact one is there."""
    names, which = np.unique(split, return_inverse=True)
    which = which.ravel()
    # from the groups and not from the pairs, of which a large group lists a part
    stands = np.zeros((int(twins.group.max(initial=-1)) + 1, len(names)), np.bool_)
    stands[twins.group, which] = True
    exact = stands[twins.group]
    near = np.zeros_like(exact)
    for a, b in ((0, 1), (1, 0)):
        np.logical_or.at(near, twins.near[:, a], exact[twins.near[:, b]])
    # a near twin of one row is one of all that have its very pixels
    spread = np.zeros_like(stands)
    np.logical_or.at(spread, twins.group, near)
    near = spread[twins.group] & ~exact
    return {
        str(own): {
            str(other): {"exact": int(exact[which == i, j].sum())}
            | ({"near": int(near[which == i, j].sum())} if twins.searched else {})
            for j, other in enumerate(names)
            if j != i
        }
        for i, own in enumerate(names)
    }


def _grouped(group: Rows) -> list[Rows]:
    order = np.argsort(group, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else []
