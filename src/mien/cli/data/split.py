"""`mien data split`: an index that cuts a data set anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mien.datasets.census import ClassCounts
    from mien.datasets.face_set import FaceSet
    from mien.datasets.index import Index
    from mien.datasets.unit_census import UnitCounts

SHARES = "train=0.8,validation=0.1,test=0.1"
SHARES_BESIDE_A_TEST = "train=0.9,validation=0.1"
_MADE = (
    "belong to the side of the face that they were made from: cut the real set, and name these as data.variants or"
    " data.more of a recipe"
)


def register(group: typer.Typer) -> None:
    group.command()(split)


def split(
    path: str = typer.Argument(..., help="Data set, index file or synthetic:..."),
    out: Path = typer.Option(..., "--out", metavar="CSV", help="The index file to write."),
    shares: str = typer.Option("", "--shares", help=f"NAME=SHARE,... summing to 1; by default {SHARES}."),
    folds: int = typer.Option(0, "--folds", help="Cut into this many folds instead of shares."),
    protocol: str = typer.Option("", "--protocol", help="Cut as results are reported; `mien data info` names those."),
    fold: int | None = typer.Option(None, "--fold", min=0, help="With --protocol: the sides of this fold alone."),
    by: str = typer.Option("", "--by", help="subject or group: none of them on two sides."),
    keep: list[str] = typer.Option([], "--keep-split", metavar="NAME", help="A split that stays as it is."),
    drop: list[str] = typer.Option([], "--drop", metavar="EMOTION", help="Leave out its rows; or `unlabelled`."),
    exclude: Path | None = typer.Option(None, "--exclude", metavar="CSV", help="Rows to leave out, by column `row`."),
    labels: str | None = typer.Option(None, "--labels", help="Classes to cut evenly: fer2013, ferplus, ..."),
    ferplus: Path | None = typer.Option(None, "--ferplus", metavar="CSV", help="FER+'s fer2013new.csv."),
    seed: int = typer.Option(0, "--seed", min=0, help="Decides which row goes where."),
    json_: bool = typer.Option(False, "--json", help="One JSON document on standard output."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No report."),
) -> None:
    """Cut a data set into splits or folds, each class in the same shares; writes an index, copies no picture."""
    import json

    import numpy as np

    from mien.cli.data.labels import dropped, loaded, refuse_made
    from mien.datasets.index import write_index
    from mien.datasets.protocols import find
    from mien.errors import MienError

    _refuse_together({"--folds": folds, "--shares": shares, "--protocol": protocol})
    if protocol:
        _refuse_together({"--protocol": protocol, "--by": by, "--keep-split": keep})
    elif fold is not None:
        raise MienError(f"--fold {fold}: names a fold of a --protocol: give one")
    faces, index, scheme = loaded(_asked(path, protocol, fold), ferplus, labels, drop, exclude, bare=True)
    refuse_made(faces, path, _MADE)
    if protocol:
        new_split, part, kept = _as_cut(faces)
        by = find(protocol).needs
    else:
        new_split, part, kept = _cut_anew(faces, index, scheme, path, shares or folds, seed, by, keep)
    write_index(out, index.replace(split=new_split, fold=part))
    told = faces.replace(split=np.where(part >= 0, np.char.add("fold", part.astype(np.str_)), new_split))
    _note_shared(told, by, kept)
    found = _counted(told, scheme)
    if json_:
        facts: dict[str, Any] = {"out": str(out), "data": path, "rows": len(told), "scheme": scheme, "seed": seed}
        typer.echo(
            json.dumps(
                facts
                | {
                    "by": by,
                    "drop": dropped(drop),
                    **_leak(protocol),
                    **_sides(told, by),
                    **(found.to_dict() if found else {}),
                },
                indent=2,
            )
        )
    elif not quiet:
        _report(found, f"{out}: {len(told):,} rows", scheme)


def _refuse_together(given: dict[str, Any]) -> None:
    from mien.errors import MienError

    both = [name for name, value in given.items() if value]
    if len(both) > 1:
        raise MienError(f"{' and '.join(both)}: give one of them")


def _asked(path: str, protocol: str, fold: int | None) -> str:
    """The path with the protocol behind it, and behind what stands there already."""
    from mien.datasets.address import address

    if not protocol:
        return path
    settings = f"protocol={protocol}" + (f",fold={fold}" if fold is not None else "")
    return f"{path}{',' if address(path).path != path else ':'}{settings}"


def _as_cut(faces: FaceSet) -> tuple[NDArray[np.str_], NDArray[np.int64], NDArray[np.bool_]]:
    """What `_cut_anew` says, of rows that a protocol has cut: fold0, fold1, ... become folds."""
    import numpy as np

    nothing = np.zeros(len(faces), np.bool_)
    if not np.char.startswith(faces.split, "fold").all():
        return faces.split, np.full(len(faces), -1, np.int64), nothing
    return np.full(len(faces), "Training"), np.char.replace(faces.split, "fold", "").astype(np.int64), nothing


def _cut_anew(
    faces: FaceSet, index: Index, scheme: str, path: str, cut: str | int, seed: int, by: str, keep: Sequence[str]
) -> tuple[NDArray[np.str_], NDArray[np.int64], NDArray[np.bool_]]:
    """Each row's split, its fold or -1, and whether it was kept where it stood.

    Args:
        cut: shares as text, or a number of folds; 0 for the shares that are the default.
    """
    import numpy as np

    from mien.errors import MienError

    kept = _kept(faces, keep)
    pool = np.flatnonzero(~kept)
    if not len(pool):
        raise MienError(f"{path}: no rows left to cut: keep fewer splits")
    new_split, fold = index.split.astype("U64"), np.full(len(index), -1, np.int64)
    new_split[kept] = faces.split[kept]
    if isinstance(cut, int) and cut:
        new_split[pool], fold[pool] = "Training", _folds(faces.select(pool), scheme, cut, seed, by)
    else:
        wanted = _shares(str(cut or (SHARES_BESIDE_A_TEST if _has_test(faces.split[kept]) else SHARES)))
        _refuse_clash(wanted, faces.split[kept])
        new_split[pool] = np.array(list(wanted))[_cut(faces.select(pool), scheme, list(wanted.values()), seed, by)]
    _note_tests(faces.split[pool])
    return new_split, fold, kept


def _leak(protocol: str) -> dict[str, Any]:
    """The protocol, and whether scores by it can be compared with honest ones."""
    from mien.datasets.protocols import find

    if not protocol:
        return {}
    found = find(protocol)
    return {"protocol": {"name": found.name, "honest": found.honest, "leak": found.leak, "about": found.about}}


def _kept(faces: FaceSet, keep: Sequence[str]) -> NDArray[np.bool_]:
    """(n,) rows of the splits that stay as they are."""
    import numpy as np

    from mien.evaluate.chosen_split import chosen_split

    kept = np.zeros(len(faces), np.bool_)
    for name in keep:
        kept |= chosen_split(faces, name)[1]
    return kept


def _shares(text: str) -> dict[str, float]:
    """`train=0.8,test=0.2` -> our names of the splits and their shares."""
    from mien.datasets.fer2013_splits import split_name
    from mien.errors import MienError

    out: dict[str, float] = {}
    for part in text.split(","):
        word, equals, share = (piece.strip() for piece in part.partition("="))
        name = split_name(word) or word
        try:
            value = float(share)
        except ValueError:
            equals = ""
        if not word or not equals or name in out:
            raise MienError(f"--shares {text}: cannot read {part.strip()!r}: write each split once, as in {SHARES}")
        out[name] = value
    return out


def _cut(faces: FaceSet, scheme: str, shares: Sequence[float], seed: int, by: str) -> NDArray[np.int64]:
    from mien.datasets.cut import stratified_cut
    from mien.datasets.groups import groups_of

    return stratified_cut(_classes(faces, scheme), shares, seed, groups_of(faces, by))


def _folds(faces: FaceSet, scheme: str, count: int, seed: int, by: str) -> NDArray[np.int64]:
    from mien.datasets.folds import folds
    from mien.datasets.groups import groups_of

    return folds(_classes(faces, scheme), count, seed, groups_of(faces, by))


def _classes(faces: FaceSet, scheme: str) -> NDArray[np.int64]:
    """(n,) what is cut evenly: emotions, or where there are none the rarest action unit of each row."""
    from mien.datasets.unit_strata import rarest_unit

    return faces.hard(scheme) if scheme else rarest_unit(faces)


def _counted(told: FaceSet, scheme: str) -> ClassCounts | UnitCounts | None:
    """Rows by emotion, or where there are none by action unit; a side without one of them is told of."""
    from mien.datasets.census import class_counts
    from mien.datasets.unit_census import unit_counts

    if scheme:
        found = class_counts(told, scheme)
        _note_absent(found.names, found.splits, found.counts)
        return found
    units = unit_counts(told)
    if units:
        _note_absent(units.units, units.splits, units.rows[0])
    return units


def _report(found: ClassCounts | UnitCounts | None, title: str, scheme: str) -> None:
    from rich.console import Console

    from mien.cli.data.counts import print_counts
    from mien.cli.data.unit_counts import print_unit_counts
    from mien.datasets.unit_census import UnitCounts

    console = Console()
    if isinstance(found, UnitCounts) or found is None:
        console.print(f"[bold]{title}[/bold]", highlight=False, soft_wrap=True)
        if found is not None:
            print_unit_counts(console, found)
    else:
        print_counts(console, found, f"{title}, {scheme} labels")


def _has_test(splits: NDArray[np.str_]) -> bool:
    return bool(_tests(splits))


def _tests(splits: NDArray[np.str_]) -> list[str]:
    import numpy as np

    from mien.datasets.splits import is_test

    return [name for name in np.unique(splits).tolist() if is_test(name)]


def _refuse_clash(wanted: dict[str, float], kept: NDArray[np.str_]) -> None:
    from mien.errors import MienError

    clash = sorted(set(wanted) & set(kept.tolist()))
    if clash:
        raise MienError(f"--shares makes {', '.join(clash)}, which --keep-split keeps: choose another name")


def _note_tests(cut: NDArray[np.str_]) -> None:
    """Test rows that may come to be learnt from: whoever reports on them elsewhere should know."""
    names = _tests(cut)
    if names:
        kept = " ".join(f"--keep-split {name}" for name in names)
        typer.echo(f"mien: note: rows of {', '.join(names)} are cut anew with the others; {kept} leaves them", err=True)


def _note_shared(faces: FaceSet, by: str, kept: NDArray[np.bool_]) -> None:
    """People who stand in a split that was kept and on a side that was cut."""
    import numpy as np

    if not by or not kept.any():
        return
    names: NDArray[np.str_] = getattr(faces, by)
    both = (set(names[kept].tolist()) & set(names[~kept].tolist())) - {""}
    if both:
        splits = ", ".join(np.unique(faces.split[kept]).tolist())
        what = f"{len(both)} {by}{'s' if len(both) > 1 else ''}"
        typer.echo(f"mien: note: {what} of {splits} also stand in the rows that were cut", err=True)


def _note_absent(names: Sequence[str], splits: Sequence[str], counts: NDArray[np.int64]) -> None:
    for name, row in zip(names, counts, strict=True):
        absent = [split for split, count in zip(splits, row.tolist(), strict=True) if not count]
        if absent and row.any():
            n = int(row.sum())
            typer.echo(f"mien: note: {name} ({n} row{'s' * (n > 1)}): none in {', '.join(absent)}", err=True)


def _sides(faces: FaceSet, by: str) -> dict[str, Any]:
    """Rows by side, and how many people or groups each has."""
    import numpy as np

    from mien.datasets.census import split_counts

    out: dict[str, Any] = {"splits": split_counts(faces)}
    if by:
        names: NDArray[np.str_] = getattr(faces, by)
        out[f"{by}s"] = {side: len(np.unique(names[faces.split == side])) for side in np.unique(faces.split).tolist()}
    return out
