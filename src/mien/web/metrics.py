"""Counters in Prometheus' text format, and the pure ASGI layer that counts requests."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends in seconds."""
OTHER = "other"
"""The route of requests for what there is not: their paths are the client's words."""


class Metrics:
    """What happened since the server started. No word of a client is in it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: dict[str, list[float]] = {}
        self._counts: Counter[str] = Counter()

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        with self._guard:
            self._requests[route, method, status] += 1
            buckets = self._seconds.setdefault(route, [0.0] * (len(BUCKETS) + 2))
            for i, end in enumerate(BUCKETS):
                buckets[i] += seconds <= end
            buckets[-2] += 1
            buckets[-1] += seconds

    def add(self, name: str, n: int = 1) -> None:
        """Count something else."""
        with self._guard:
            self._counts[name] += n

    def get(self, name: str) -> int:
        """What `add` has counted."""
        return self._counts[name]

    def text(self, gauges: Mapping[str, float]) -> str:
        """Everything in Prometheus' exposition format 0.0.4; `gauges` are values of this moment by name."""
        lines = ["# TYPE mien_requests_total counter"]
        with self._guard:
            for (route, method, status), n in sorted(self._requests.items()):
                lines.append(f'mien_requests_total{{route="{route}",method="{method}",status="{status}"}} {n}')
            lines.append("# TYPE mien_request_seconds histogram")
            for route, buckets in sorted(self._seconds.items()):
                for end, n_below in zip((*map(str, BUCKETS), "+Inf"), buckets[:-1], strict=True):
                    lines.append(f'mien_request_seconds_bucket{{route="{route}",le="{end}"}} {n_below:g}')
                lines.append(f'mien_request_seconds_count{{route="{route}"}} {buckets[-2]:g}')
                lines.append(f'mien_request_seconds_sum{{route="{route}"}} {buckets[-1]:.6f}')
            for name, n in sorted(self._counts.items()):
                lines += [f"# TYPE mien_{name}_total counter", f"mien_{name}_total {n}"]
        for name, value in sorted(gauges.items()):
            lines += [f"# TYPE mien_{name} gauge", f"mien_{name} {value:g}"]
        return "\n".join(lines) + "\n"


class Counted:
    """ASGI: counts the requests that pass, under their route's template."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", OTHER)
            method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "DELETE", "OPTIONS") else OTHER
            self._metrics.request(route, method, status, time.perf_counter() - start)
