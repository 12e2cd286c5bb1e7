"""Published weights that can be pulled: what they are, and their files fetched into the cache. Without torch."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.runtime.fetch import Progress, fetch

Bars = Callable[[str], AbstractContextManager[Progress | None]]
"""File name -> a context in which that file's progress is shown."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of published weights."""

    name: str  # as it is kept here
    url: str
    sha256: str  # "" where its publisher's could not be learnt
    size: int | None  # bytes


@dataclass(frozen=True, slots=True)
class Download:
    """Published weights, as runtime/downloads.toml has them."""

    name: str
    architecture: str
    importer: str
    licence: str
    page: str
    note: str
    files: tuple[RemoteFile, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The file's address, or the page of those that have several."""
        return self.files[0].url if len(self.files) == 1 else self.page


@cache
def downloads() -> dict[str, Download]:
    """Name -> published weights, in the order of the data file."""
    text = (files("mien.runtime") / "downloads.toml").read_text(encoding="utf-8")
    return {name: _download(name, facts) for name, facts in tomllib.loads(text).items()}


def _download(name: str, facts: dict[str, Any]) -> Download:
    base = facts.get("base", "")
    parts = tuple(
        RemoteFile(
            name=part.get("name") or part["url"].rsplit("/", 1)[-1],
            url=base + part["url"],
            sha256=part.get("sha256", ""),
            size=part.get("bytes"),
        )
        for part in facts["files"]
    )
    told = {key: facts[key] for key in ("architecture", "importer", "licence", "page", "note")}
    return Download(name=name, files=parts, options=facts.get("options", {}), **told)


def download(name: str) -> Download:
    """The published weights of that name.

    Raises:
        MienError: none; with what there is.
    """
    known = downloads()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
    raise MienError(f"{name}: no published weights of that name; {hint}")


def folder(name: str) -> Path:
    """Where pulled weights of that name are kept."""
    from mien.datasets.cache import cache_dir

    return cache_dir() / "models" / name


def digests(wanted: Download, told: Sequence[str]) -> dict[str, str]:
    """File name -> sha256 of every file, from the data file and from the user.

    Args:
        told: each HEX (of the only file), NAME=HEX, or a file as `sha256sum` prints it.

    Raises:
        MienError: words that are none of these, a digest that contradicts the known one, or a file without any.
    """
    found = {part.name: part.sha256 for part in wanted.files if part.sha256}
    for word in told:
        for name, digest in _read(wanted, word):
            if found.setdefault(name, digest) != digest:
                raise MienError(f"--sha256 {digest[:12]}... of {name}: its publisher's is {found[name][:12]}...")
    if missing := [part.name for part in wanted.files if part.name not in found]:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise MienError(
            f"{wanted.name}: no sha256 of {missing[0]}{more} is known here; give --sha256 NAME=HEX, or a file of "
            f"sha256sum, from a source that you trust, or fetch from {wanted.page} by hand and `mien models import` it"
        )
    return found


def _read(wanted: Download, word: str) -> list[tuple[str, str]]:
    """Names and digests that one --sha256 tells."""
    names = [part.name for part in wanted.files]
    name, _, digest = word.rpartition("=")
    if _is_digest(word) and len(names) == 1:
        return [(names[0], word.lower())]
    if name in names and _is_digest(digest):
        return [(name, digest.lower())]
    path = Path(word)
    if path.is_file():
        lines = (line.split(maxsplit=1) for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
        pairs = [(Path(line[1].lstrip("*")).name, line[0].lower()) for line in lines if len(line) == 2]
        if kept := [(name, digest) for name, digest in pairs if name in names and _is_digest(digest)]:
            return kept
        raise MienError(f"{path}: no sha256 of {names[0]} in it; sha256sum writes such files")
    raise MienError(
        f"--sha256 {word}: expected NAME=HEX with 64 digits, or a file of sha256sum; files: {', '.join(names)}"
    )


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(c in "0123456789abcdefABCDEF" for c in text)


def obtain(wanted: Download, sums: Mapping[str, str], source: str = "", bars: Bars | None = None) -> list[Path]:
    """Have the files of published weights in the cache, whole and of these digests.

    Args:
        sums: file name -> sha256, see `digests`.
        source: a folder or an address that has the files by their names, instead of where they are published.
        bars: shows progress.

    Raises:
        MienError: see `fetch`.
    """
    kept = []
    for part in wanted.files:
        target = folder(wanted.name) / "published" / part.name
        place = part.url
        if source:
            web = source.startswith(("http://", "https://"))
            place = f"{source.rstrip('/')}/{part.name}" if web else str(Path(source).expanduser() / part.name)
        if bars is None:
            fetch(place, target, sums[part.name], part.size)
        else:
            with bars(part.name) as progress:
                fetch(place, target, sums[part.name], part.size, progress=progress)
        kept.append(target)
    return kept
