"""The version of the drawing, and the hash that holds it there."""

from __future__ import annotations

SYNTHETIC_VERSION = 1
"""Raise it with any change of a drawn pixel or a target; figures compare only within a version."""

FIRST_HUNDRED_SHA256 = "17c3e90570840a42f6c343b1c17f63d36e306327cf5b368ead11da5fc5f53ec1"
"""sha256 of the first hundred faces of `synthetic()`, pixels and targets (see `sample.fingerprint`)."""
