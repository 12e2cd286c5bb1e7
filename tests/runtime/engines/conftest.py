"""Files to analyse, and a worker process that dies over some of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.runtime.engines.work import Settings

KILLER = """
import os, signal
from pathlib import Path
from mien.runtime.engines import local
from mien.runtime.engines.worker import Worker

def serve(line, settings, kind):
    '''As local.serve; dies over a file called poison, and once over one called once.'''
    answer = Worker.answer
    def deadly(self, pieces):
        for piece in pieces:
            mark = Path(piece.path).with_suffix(".seen")
            if "poison" in piece.path or ("once" in piece.path and not mark.exists()):
                with mark.open("a") as file:
                    file.write("x")
                os.kill(os.getpid(), signal.SIGKILL)
        return answer(self, pieces)
    Worker.answer = deadly
    return local.SERVE(line, settings, kind)

local.SERVE = local.serve
"""


@pytest.fixture
def settings(tiny_model: Callable[..., Path]) -> Settings:
    return Settings(model=str(tiny_model()), detector="none")


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Forty grey pictures, each of another shade; the tiny model tells them apart."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    paths = [folder / f"{i:02d}.png" for i in range(40)]
    for i, path in enumerate(paths):
        Image.fromarray(np.full((16, 16), 6 * i, np.uint8)).save(path)
    return paths


@pytest.fixture
def deadly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Local workers die over files called poison, and once over files called once."""
    (tmp_path / "deadly_worker.py").write_text(KILLER)
    monkeypatch.syspath_prepend(tmp_path)
    import importlib
    import sys

    from mien.runtime.engines import local

    sys.modules.pop("deadly_worker", None)
    module = importlib.import_module("deadly_worker")
    monkeypatch.setattr(local, "serve", module.serve)
