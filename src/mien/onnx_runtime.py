"""ONNX Runtime, without its reports."""

from __future__ import annotations

import os
from typing import Any


def onnx_runtime() -> Any:
    """The module `onnxruntime`, imported when first asked for, with its telemetry off.

    Version 1.31 on Linux writes a device id and a database of events to ~/.cache/Microsoft as soon as it is
    imported, and can send them to Microsoft; only this variable, set before the import, keeps it from that.
    Whoever wants the reports sets ORT_DISABLE_TELEMETRY=0.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    return onnxruntime
