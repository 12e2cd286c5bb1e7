"""Every picture below a folder, by name."""

from __future__ import annotations

from pathlib import Path

from mien.datasets.listing import listed


def picture_names(root: Path) -> tuple[list[str], str]:
    """Sorted paths below `root`, with /, and a hash of them and of their sizes that stands for what they show."""
    found = listed(root, ".")
    return [name.removeprefix("./") for name in found.names], found.hash()
