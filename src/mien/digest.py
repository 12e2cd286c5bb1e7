"""What a file's bytes are, in 64 digits."""

from __future__ import annotations

import hashlib
from pathlib import Path


def digest_of(path: Path) -> str:
    """sha256 of a file in hexadecimal, as `sha256sum` prints it; read in pieces, so that its size does not matter.

    Raises:
        OSError: a file that is missing or cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
