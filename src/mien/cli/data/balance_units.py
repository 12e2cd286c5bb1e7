"""`mien data balance --want`: training rows by combinations of action units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.console import Console

    from mien.datasets.combination import Wish
    from mien.datasets.combination_cover import Cover
    from mien.datasets.face_set import FaceSet
    from mien.plots.distribution import Distribution


@dataclass(frozen=True, slots=True)
class UnitBalance:
    """A training split drawn by combinations.

    Attributes:
        split: its own name.
        wishes: (w,) what was asked for.
        cover: the rows of the split that were drawn, as positions in it.
        rows: (m,) positions in the whole set, the other splits' among them.
        named: units that the wishes name.
        before, after: unit -> rows of the split that show it, of all units that the set codes.
        of: rows that the split had.
        unknown: those of which some named unit is not known.
        unused: those that satisfy no wish.
    """

    split: str
    wishes: tuple[Wish, ...]
    cover: Cover
    rows: NDArray[np.int64]
    named: tuple[str, ...]
    before: dict[str, int]
    after: dict[str, int]
    of: int
    unknown: int
    unused: int

    @property
    def met(self) -> bool:
        """Whether every combination has its number."""
        return all(got >= wish.number for wish, got in zip(self.wishes, self.cover.got.tolist(), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """All of it but the rows."""
        columns = (self.cover.available.tolist(), self.cover.got.tolist(), self.cover.most.tolist())
        wishes = [
            {
                "combination": wish.name, "shown": list(wish.shown), "not": list(wish.absent), "wished": wish.number,
                "available": available, "got": got, "short": max(wish.number - got, 0), "times": most,
            }
            for wish, available, got, most in zip(self.wishes, *columns, strict=True)
        ]  # fmt: skip
        units = {unit: {"before": n, "after": self.after[unit]} for unit, n in self.before.items()}
        rows = {"before": self.of, "after": len(self.cover.rows), "unused": self.unused, "unknown": self.unknown}
        return {"method": self.cover.method, "met": self.met, "wishes": wishes, "split_rows": rows, "units": units}


def asked_for(want: Sequence[str], wants: Path | None, *, inclusive: bool) -> tuple[Wish, ...]:
    """The wishes of --want and --wants; none where neither is given.

    Raises:
        MienError: what cannot be read.
    """
    from mien.datasets.combination import parse_wishes, read_wishes

    if not want and not wants:
        return ()
    return parse_wishes([*want, *(read_wishes(wants) if wants else ())], inclusive=inclusive)


def balance_units(faces: FaceSet, wishes: tuple[Wish, ...], split: str, seed: int, *, repeat: bool) -> UnitBalance:
    """The rows of the split such that each combination has its number; a set without splits is taken whole.

    Raises:
        MienError: units or a split that the set does not have, or no row of any combination.
    """
    import numpy as np

    from mien.datasets.combination import named_units, satisfied
    from mien.datasets.combination_cover import cover
    from mien.datasets.units import occurrence
    from mien.errors import MienError
    from mien.evaluate.chosen_split import ALL, chosen_split

    whole = not (faces.split != "").any()
    name, chosen = chosen_split(faces, ALL if whole else split)
    within = np.flatnonzero(chosen)
    bare = faces.replace(pixels=None, paths=faces.file).select(within)  # the pictures are not needed to count them
    fits = satisfied(bare, wishes)
    if not fits.any():
        names = ", ".join(wish.name for wish in wishes)
        raise MienError(f"{faces.name}, split {name}: no row of {names}: wish for what mien data info shows")
    found = cover(fits, [wish.number for wish in wishes], seed, repeat=repeat)
    shown = occurrence(bare) == 1
    named = named_units(wishes)
    return UnitBalance(
        split=name,
        wishes=wishes,
        cover=found,
        rows=np.sort(np.concatenate([np.flatnonzero(~chosen), within[found.rows]])),
        named=named,
        before=dict(zip(faces.action_units, shown.sum(axis=0).tolist(), strict=True)),
        after=dict(zip(faces.action_units, shown[found.rows].sum(axis=0).tolist(), strict=True)),
        of=len(within),
        unknown=int(np.isnan(occurrence(bare, named)).any(axis=1).sum()),
        unused=int((~fits.any(axis=1)).sum()),
    )


def panels_of(faces: FaceSet, found: UnitBalance) -> list[Distribution]:
    """Rows by combination and split, before and after, as panels of a chart."""
    import numpy as np

    from mien.datasets.census import split_rows
    from mien.datasets.combination import satisfied
    from mien.plots.distribution import Distribution

    bare = faces.replace(pixels=None, paths=faces.file)
    panels = []
    for title, rows in (("before", np.arange(len(faces))), (f"after: {found.split} by combination", found.rows)):
        told = bare.select(rows)
        fits, (splits, which) = satisfied(told, found.wishes), split_rows(told)
        series = {split: fits[which == at].sum(axis=0).tolist() for at, split in enumerate(splits)}
        panels.append(Distribution(title, [wish.name for wish in found.wishes], series))
    return panels


def print_unit_balance(console: Console, found: UnitBalance, title: str) -> None:
    """What was wished for, what there is and what was drawn; then each unit's rows before and after."""
    from rich.table import Table

    from mien.datasets.combination_cover import EXACT, GREEDY
    from mien.labels import ACTION_UNITS

    console.print(f"[bold]{title}[/bold]", highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("combination")
    for column in ("wished", "available", "got", "short"):
        table.add_column(column, justify="right")
    for one in found.to_dict()["wishes"]:
        short = f"{one['short']:,}" if one["short"] else "-"
        cells = (f"{one['wished']:,}", f"{one['available']:,}", f"{one['got']:,}", short)
        table.add_row(one["combination"], *cells, style="bold" if one["short"] else None)
    console.print(table)
    n, most = len(found.cover.rows), int(found.cover.most.max())
    how = {EXACT: "; fewer cannot meet the wishes", GREEDY: "; perhaps not the fewest"}.get(found.cover.method, "")
    often = f", a row up to {most} times" if most > 1 else ""
    console.print(f"\n{found.split}: {n:,} rows of {found.of:,}{often}{how}", highlight=False, soft_wrap=True)
    console.print(
        f"[dim]{found.unused:,} show no combination; of {found.unknown:,} a unit is not known[/dim]\n",
        highlight=False,
        soft_wrap=True,
    )
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("unit")
    for column in ("before", "share", "after", "share"):
        table.add_column(column, justify="right")
    for unit, before in found.before.items():
        after = found.after[unit]
        shares = [f"{100 * k / rows:.1f} %" if rows else "-" for k, rows in ((before, found.of), (after, n))]
        style = None if unit in found.named else "dim"
        table.add_row(
            f"{unit} {ACTION_UNITS.get(unit, '')}".strip(),
            f"{before:,}",
            shares[0],
            f"{after:,}",
            shares[1],
            style=style,
        )
    console.print(table)
