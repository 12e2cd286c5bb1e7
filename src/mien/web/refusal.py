"""Why a request is not answered: a status of HTTP and one line with the remedy."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818 - not an error of ours
    """Ends a request with `{"error": message}` and a 4xx or 503."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


def busy(what: str, seconds: int = 1) -> Refusal:
    """429: too much at once; the client is told when to come again."""
    return Refusal(429, f"{what}; try again in {seconds} s", {"Retry-After": str(seconds)})
