"""A file from the network: kept in part when cut off, gone on with later, and held against its sha256."""

from __future__ import annotations

import contextlib
import errno
import http.client
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from mien.digest import digest_of
from mien.errors import MienError

Progress = Callable[[int, int | None], None]
"""Called with bytes done and bytes in all, None where nobody says how many."""

CHUNK = 1 << 20
TIMEOUT = 30.0  # seconds without a byte
ATTEMPTS = 5  # failures in a row; any byte that arrives starts the count again
PAUSE = 1.0  # seconds before the second attempt, twice as long before each further one
_AGAIN = (408, 425, 429, 500, 502, 503, 504)


class _Interrupted(Exception):  # noqa: N818 - not told to anybody: the next attempt goes on
    """The connection failed in a way that may pass."""


def fetch(
    url: str,
    target: Path,
    sha256: str,
    size: int | None = None,
    *,
    progress: Progress | None = None,
    sleep: Callable[[float], None] = time.sleep,
    timeout: float = TIMEOUT,
) -> None:
    """Have a file of this digest at `target`; one that is there already is not fetched again.

    What arrives goes into `target.part`, so that a kill loses nothing: the next call asks for the rest. Proxies and
    certificates come from the environment (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE).

    Args:
        url: http or https, or the path of a file that is copied.
        sha256: in hexadecimal.
        size: in bytes, where it is known.
        progress: called while bytes arrive.
        sleep: waits between attempts.
        timeout: seconds that the server may be silent.

    Raises:
        MienError: no such file, no network, no room, cut off too often, or another content, which is removed.
    """
    if target.is_file() and digest_of(target) == sha256.lower():
        return
    part = target.with_name(target.name + ".part")
    with _disk(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if url.startswith(("http://", "https://")):
            _download(url, part, size, progress, sleep, timeout)
        else:
            _copy(Path(url), part, progress)
        found = digest_of(part)
        if found != sha256.lower():
            part.unlink()
            raise MienError(
                f"{url}: sha256 {found[:12]}..., expected {sha256.lower()[:12]}...: not the file that is meant, "
                "removed; fetch it again, and if it stays so do not use it"
            )
        part.replace(target)


def _copy(source: Path, part: Path, progress: Progress | None) -> None:
    try:
        reading = source.open("rb")
    except OSError as error:
        raise MienError(f"{source}: {error.strerror}; put the file there, or name another folder") from error
    total = source.stat().st_size
    with reading, part.open("wb") as writing:
        while chunk := reading.read(CHUNK):
            writing.write(chunk)
            if progress:
                progress(writing.tell(), total)


def _download(
    url: str,
    part: Path,
    size: int | None,
    progress: Progress | None,
    sleep: Callable[[float], None],
    timeout: float,
) -> None:
    """Fill `part`, going on where it ends."""
    failures = 0
    while True:
        before = _length(part)
        if size is not None and before == size:
            return
        try:
            _attempt(url, part, size, progress, timeout)
            return
        except _Interrupted as error:
            failures = 1 if _length(part) > before else failures + 1
            if failures >= ATTEMPTS:
                raise _cut_off(url, part, error) from error
            sleep(PAUSE * 2 ** (failures - 1))


def _cut_off(url: str, part: Path, error: Exception) -> MienError:
    have = _length(part)
    kept = f"; the {have:,} bytes that came are kept, the same command goes on from there" if have else "; try later"
    return MienError(f"{url}: {error}{kept}")


def _length(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _attempt(url: str, part: Path, size: int | None, progress: Progress | None, timeout: float) -> None:
    """One request for what is missing.

    Raises:
        _Interrupted: worth another attempt.
        MienError: it is not.
    """
    start = _length(part)
    if size is not None and start > size:
        part.unlink()  # of another file
        start = 0
    request = urllib.request.Request(url, headers={"User-Agent": "mien", "Accept-Encoding": "identity"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    with _network(url):
        try:
            # an opener of its own: urlopen() keeps the proxies of the process's first call
            answer = urllib.request.build_opener().open(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            if error.code == 416 and start:  # nothing behind what is here: all of it, or of another file
                if error.headers.get("Content-Range") == f"bytes */{start}":
                    return
                part.unlink()
                raise _Interrupted("the part kept here belongs to another file") from error
            raise
        with answer:
            if start and not _goes_on(answer, start):
                start = 0  # the server sends all of it again
            total = _total(answer, start)
            if size is not None and total is not None and total != size:
                part.unlink(missing_ok=True)
                raise MienError(f"{url}: has {total:,} bytes, expected {size:,}: not the file that is meant")
            _room(part, start, total)
            with part.open("ab" if start else "wb", buffering=0) as file:
                _receive(answer, file, start, total, progress)


def _goes_on(answer: Any, start: int) -> bool:
    range_ = answer.headers.get("Content-Range") or ""
    return bool(answer.status == 206 and range_.startswith(f"bytes {start}-"))


def _total(answer: Any, start: int) -> int | None:
    length = answer.headers.get("Content-Length") or ""
    return start + int(length) if length.isdigit() else None


def _room(part: Path, start: int, total: int | None) -> None:
    """Raise MienError where the disk has less room than the file needs."""
    free = shutil.disk_usage(part.parent).free
    if total is not None and total - start > free:
        raise MienError(
            f"{part.parent}: {free / 1e6:,.0f} MB free, {(total - start) / 1e6:,.0f} MB needed; make room, or set "
            "MIEN_CACHE to another disk"
        )


def _receive(answer: Any, file: IO[bytes], start: int, total: int | None, progress: Progress | None) -> None:
    done = start
    while chunk := answer.read(CHUNK):
        with _disk(Path(file.name)):
            file.write(chunk)
        done += len(chunk)
        if progress:
            progress(done, total)
    if total is not None and done < total:
        raise _Interrupted(f"the connection ended after {done:,} of {total:,} bytes")


@contextlib.contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise MienError(
                f"{path}: no room left on the disk; make room, or set MIEN_CACHE to another disk"
            ) from error
        if error.filename is None:
            raise
        raise MienError(
            f"{error.filename}: {error.strerror}; set MIEN_CACHE to a folder that can be written"
        ) from error


@contextlib.contextmanager
def _network(url: str) -> Iterator[None]:
    """Failures of the network told in one line, or handed on as _Interrupted where another attempt may do."""
    try:
        yield
    except urllib.error.HTTPError as error:
        if error.code in _AGAIN:
            raise _Interrupted(f"the server says {error.code} {error.reason}") from error
        hint = "it may have moved; see the model's page, and --from for another place"
        raise MienError(f"{url}: the server says {error.code} {error.reason}; {hint}") from error
    except (http.client.IncompleteRead, ConnectionError, TimeoutError) as error:
        raise _Interrupted(_reason(error)) from error
    except http.client.HTTPException as error:
        raise MienError(f"{url}: not an answer in HTTP ({error!r}); check the address") from error
    except urllib.error.URLError as error:
        cause = error.reason
        if isinstance(cause, ConnectionResetError | ConnectionAbortedError | TimeoutError):
            raise _Interrupted(_reason(cause)) from error
        if isinstance(cause, ssl.SSLError):
            raise MienError(f"{url}: {cause}; SSL_CERT_FILE names the certificates to trust") from error
        remedy = "check the network and HTTPS_PROXY, or give the files with --from FOLDER"
        raise MienError(f"{url}: no connection ({_reason(cause)}); {remedy}") from error
    except OSError as error:
        if error.filename is not None or error.errno == errno.ENOSPC:
            raise  # of the file, not of the network
        raise _Interrupted(_reason(error)) from error


def _reason(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, http.client.IncompleteRead):
        return "the connection ended early"
    return str(getattr(error, "strerror", None) or error)
