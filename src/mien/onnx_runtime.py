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


def session_options(threads: int | None, *, spinning: bool) -> Any:
    """Options for a session on the CPU that reports nothing: what is wrong with a file is told in our one line.

    Args:
        threads: that share one layer's work; None for as many as ONNX Runtime takes.
        spinning: whether they wait for the next layer awake, which saves a small net a fifth of its time. They sleep
            between calls, where spinning would take other nets' time away.
    """
    options = onnx_runtime().SessionOptions()
    options.log_severity_level = 4
    options.inter_op_num_threads = 1
    if threads is not None:
        options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spinning else "0")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return options
