"""Kinds of heads: what a network can learn to say of a face."""

from __future__ import annotations


def load() -> None:
    """Import every kind, which registers it."""
    from mien.lab.heads import action_units, emotion, intensity, valence_arousal  # noqa: F401
