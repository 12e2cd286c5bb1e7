"""Evaluation: any predictor on any data set; predictions saved and read, scored, and rid of duplicates.

`mien.evaluate(...)` is the function `mien.evaluate.evaluation.evaluate`. Once a file of this folder has been
imported, Python lets the name `mien.evaluate` mean the folder; so the folder, when called, is that function.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _CallableFolder(ModuleType):
    def __call__(self, *arguments: Any, **options: Any) -> Any:
        from mien.evaluate.evaluation import evaluate

        return evaluate(*arguments, **options)


sys.modules[__name__].__class__ = _CallableFolder
