"""A private folder for uploads: nobody else reads it, and nothing stays in it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import IO

from mien.web.refusal import busy

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

PREFIX = "mien-serve-"
_LOCK = "lock"


class Spool:
    """A folder of mode 0700 under the system's temporary one.

    Folders of servers that crashed are removed when a new one starts: each living server holds a lock on a file in
    its own.

    Args:
        limit: bytes of all uploads together.
        under: where the folder is made; None: the system's temporary folder.
    """

    def __init__(self, limit: int, under: Path | None = None) -> None:
        self._limit = limit
        self._used = 0
        self._guard = threading.Lock()
        parent = under or Path(tempfile.gettempdir())
        remove_stale(parent)
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self._lock = _locked(self.folder / _LOCK)

    @property
    def used(self) -> int:
        """Bytes that uploads take now."""
        return self._used

    def new(self) -> Path:
        """A path in the folder under which nothing is; no word of a client is in it."""
        return self.folder / secrets.token_hex(16)

    def take(self, size: int) -> None:
        """Count bytes about to be written.

        Raises:
            Refusal: 429 where all uploads together are too large.
        """
        with self._guard:
            if self._used + size > self._limit:
                raise busy("the server's space for uploads is full", 10)
            self._used += size

    def give_back(self, size: int) -> None:
        """Count bytes that were deleted."""
        with self._guard:
            self._used -= size

    @contextmanager
    def folder_for(self) -> Iterator[Path]:
        """A folder of its own that is gone afterwards."""
        path = self.new()
        path.mkdir(mode=0o700)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def close(self) -> None:
        """Remove the folder with all that is in it."""
        self._lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def remove_stale(parent: Path) -> None:
    """Remove the folders of this user's servers that live no more."""
    if fcntl is None:
        return
    for folder in parent.glob(PREFIX + "*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.lstat().st_uid != os.getuid() or not (folder / _LOCK).is_file():
                continue
            with (folder / _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # OSError: its server is alive
                shutil.rmtree(folder, ignore_errors=True)


def _locked(path: Path) -> IO[bytes]:
    # locked under another name first: a server that starts just now would take an unlocked file for a dead one's
    draft = path.with_suffix(".new")
    stream = draft.open("wb")
    if fcntl is not None:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if os.name == "posix":
        draft.rename(path)
    return stream
