"""A run's numbers in TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def open_board(folder: Path, done: int) -> Any:
    """A writer that goes on behind `done` epochs: what a killed run wrote of later ones is taken back."""
    from torch.utils.tensorboard.writer import SummaryWriter

    return SummaryWriter(str(folder), purge_step=done + 1)


def put(board: Any, row: Mapping[str, Any]) -> None:
    """An epoch's floats, validation's under a heading of their own; a board of None takes nothing."""
    if board is None:
        return
    for key, value in row.items():
        if isinstance(value, float):
            board.add_scalar(key.replace("val_", "validation/"), value, row["epoch"])
    board.flush()
