"""The server of tests/web, seen from outside."""

from __future__ import annotations

from tests.web.conftest import client, collect_ignore_glob, encoded, film, left, photo, service, spool_parent

__all__ = ["client", "collect_ignore_glob", "encoded", "film", "left", "photo", "service", "spool_parent"]
