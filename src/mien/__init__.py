"""mien: facial expression recognition. `import mien` loads nothing heavy; names below load what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Analyzer", "ExpressionEditor", "Faces", "MienError", "ModelSpec", "__version__", "evaluate", "load_dataset",
]  # fmt: skip

if TYPE_CHECKING:
    from mien.datasets.load import load_dataset
    from mien.errors import MienError
    from mien.evaluate.evaluation import evaluate
    from mien.faces import Faces
    from mien.model_spec import ModelSpec
    from mien.runtime.analyzer import Analyzer
    from mien.runtime.expression_editor import ExpressionEditor

_WHERE = {
    "Analyzer": "mien.runtime.analyzer",
    "ExpressionEditor": "mien.runtime.expression_editor",
    "Faces": "mien.faces",
    "MienError": "mien.errors",
    "ModelSpec": "mien.model_spec",
    "evaluate": "mien.evaluate.evaluation",
    "load_dataset": "mien.datasets.load",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'mien' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(_WHERE[name])
    value = globals()[name] = getattr(module, name)
    return value
