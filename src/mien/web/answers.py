"""Faces as the server tells them in JSON."""

from __future__ import annotations

from typing import Any

from mien.faces import Faces
from mien.labels import EMOTIONS

DIGITS = 5
"""Of a probability; more than a float32 is worth."""


def faces_told(faces: Faces) -> list[dict[str, Any]]:
    """One object a face, see `schema.Face`; without `heat`."""
    top, confidence = faces.top, faces.confidence
    return [
        {
            "box": [round(float(side), 2) for side in faces.boxes[i]],
            "score": _number(faces.scores[i]),
            "emotion": {name: _number(p) for name, p in zip(EMOTIONS, faces.emotion[i], strict=True)},
            "top": top[i],
            "confidence": _number(confidence[i]),
            "abstain": bool(faces.abstain[i]) if faces.abstain is not None else False,
            "set": list(faces.conformal[i]) if faces.conformal else [],
            "valence": None if faces.valence is None else _number(faces.valence[i]),
            "arousal": None if faces.arousal is None else _number(faces.arousal[i]),
            "action_units": {unit: _number(values[i]) or 0.0 for unit, values in sorted(faces.action_units.items())},
        }
        for i in range(len(faces))
    ]


def _number(value: Any) -> float | None:
    return None if value != value else round(float(value), DIGITS)  # NaN alone differs from itself
