"""What one server holds: model, decode workers, jobs, spool; opened before it listens, closed when it stops."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from mien.runtime.analyzer import Analyzer
from mien.runtime.formats.registry import Header
from mien.web.gate import Gate
from mien.web.heat import Heat
from mien.web.inference import Inference
from mien.web.jobs.jobs import Jobs
from mien.web.metrics import Metrics
from mien.web.sandbox import confine
from mien.web.sandbox.pool import DecodePool
from mien.web.settings import Settings
from mien.web.spool import Spool
from mien.web.upload import Uploads

if TYPE_CHECKING:
    from mien.runtime.expression_editor import ExpressionEditor

log = logging.getLogger("mien.web")


class Service:
    """Everything that requests share.

    Args:
        settings: of the server.
        editor: opens the generator; None where there is none.

    Raises:
        MienError: a model, detector or generator that cannot be opened.
    """

    def __init__(self, settings: Settings, editor: Callable[[], ExpressionEditor] | None = None) -> None:
        self.settings = settings
        self.analyzer = Analyzer(settings.model, settings.detector, max_pixels=settings.max_pixels)
        self.editor: Any = editor() if editor else None
        spec = self.analyzer.spec
        self.labels = spec.emotion_head.trained_on if spec.emotion_head else ""
        self.columns = Header.of(spec, self.analyzer.detector).columns
        self.metrics = Metrics()
        self.spool = Spool(settings.max_spool)
        self.uploads = Uploads(self.spool, settings)
        self.pool = DecodePool(settings.workers, settings.timeout, settings.max_pixels, settings.memory)
        self.inference = Inference(self.analyzer)
        self.heat = Heat(self.analyzer)
        self.slow = ThreadPoolExecutor(1, thread_name_prefix="mien-slow")
        """For heat maps, edits and listings, which must not hold up faces."""
        self.jobs = Jobs(settings, self.spool, self.columns)
        self.pictures = Gate(settings.concurrency, settings.waiting)
        self.live = Gate(settings.workers + 1)
        self.sockets = 0

    def gauges(self) -> dict[str, float]:
        """How things stand at this moment."""
        counts = self.jobs.counts()
        return {
            "pictures_waiting": self.pictures.waiting,
            "inference_waiting": self.inference.waiting,
            "uploads": self.uploads.now,
            "spool_bytes": self.spool.used,
            "live_sockets": self.sockets,
            "live_waiting": self.live.waiting,
            "decode_workers": len(self.pool.pids()),
            "decode_workers_replaced": self.pool.replaced,
            "resident_bytes": confine.resident_of_self(),
            **{f"jobs_{state}": counts.get(state, 0) for state in ("queued", "running", "done", "failed", "cancelled")},
        }

    def close(self) -> None:
        """End all processes and threads, and delete all uploads."""
        self.jobs.close()
        self.pool.close()
        self.inference.close()
        self.slow.shutdown(wait=False, cancel_futures=True)
        self.spool.close()
