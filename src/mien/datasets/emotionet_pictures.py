"""Which picture in a folder a URL of EmotioNet's is: by the file's name, for the addresses themselves are gone."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError

Url = tuple[str, str]
"""Where a picture was kept by EmotioNet, and where it came from."""


def found_pictures(
    root: Path, urls: Sequence[Url], pictures: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Rows whose picture is there, and its path below `root`; how many are not stands on standard error.

    A picture is a row's when its file is called as the URL ends (`.../N_0001_00012.jpg?x=1` as `N_0001_00012.jpg`,
    with %20 and the like as they stand or written out), or else as the original URL does. Where several pictures or
    several rows share a name, the names of the folders above it must tell them apart; those that stay alike are left
    out, for a guess would give faces the wrong labels.

    Args:
        urls: of n rows.
        pictures: paths below `root`, with /.

    Raises:
        MienError: no row's picture is there.
    """
    by_name: dict[str, list[str]] = defaultdict(list)
    for picture in pictures:
        by_name[picture.rpartition("/")[2]].append(picture)
    found = [_candidate(url, by_name) for url in urls]
    claimed: dict[str, set[str]] = defaultdict(set)
    for one, url in zip(found, urls, strict=True):
        if one:
            claimed[one].add(url[0])
    alike = {picture for picture, by in claimed.items() if len(by) > 1}
    several = sum(1 for one in found if one is None or one in alike)
    kept = [row for row, one in enumerate(found) if one and one not in alike]
    if not kept:
        shown = urls[0][0].rpartition("/")[2]
        more = f", and {several:,} share their name with another" if several else ""
        raise MienError(
            f"{root}: none of EmotioNet's {len(urls):,} pictures is in this folder or below it, such as {shown}{more}:"
            " download them there under the names at the end of their URLs"
        )
    gone = len(urls) - len(kept) - several
    told = [f"{gone:,} whose picture is not there"] * (gone > 0)
    told += [f"{several:,} whose picture has another's name"] * (several > 0)
    if told:
        sys.stderr.write(f"mien: note: of {len(urls):,} EmotioNet rows left out: {', '.join(told)}\n")
    return np.array(kept, np.int64), np.array([found[row] for row in kept], np.str_)


def _candidate(url: Url, by_name: Mapping[str, list[str]]) -> str | None:
    """The picture of a row, "" without one, None where several could be."""
    for text in url:
        bare = text.split("?")[0].split("#")[0]
        for path in dict.fromkeys((bare, unquote(bare))):
            found = by_name.get(path.rpartition("/")[2])
            if found:
                return found[0] if len(found) == 1 else _by_folder(path, found)
    return ""


def _by_folder(path: str, found: Sequence[str]) -> str | None:
    """The one picture whose folders agree furthest with the URL's."""
    want = path.split("/")[::-1]
    agree = []
    for picture in found:
        have = picture.split("/")[::-1]
        agree.append(next((at for at, (a, b) in enumerate(zip(want, have, strict=False)) if a != b), len(have)))
    best = max(agree)
    return found[agree.index(best)] if agree.count(best) == 1 else None
