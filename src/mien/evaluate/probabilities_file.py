"""Predictions as a file, so that models can be compared and averaged without being run again."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.evaluate.branches import branch_disagreement
from mien.evaluate.compact import compact
from mien.evaluate.predictions import Predictions
from mien.labels import EMOTIONS

FORMAT = 1
SUFFIX = ".npz"
_FACTS = ("model", "trained_on", "data", "data_sha256", "split", "labels")
_ARRAYS = ("emotions", "rows", "targets", "probabilities")
_OPTIONAL = ("averaged", "elsewhere", "logits", "branches", "votes")
_STEPS = "row_steps"  # from each row to the next, the first from 0: rows in order take a quarter of a small file
_OLD = {"mirrored": "averaged"}  # what versions before 2026-11-25 called an array


def is_probabilities_file(model: object) -> bool:
    """Whether a MODEL is a file of saved probabilities, by its suffix."""
    return isinstance(model, str | Path) and Path(model).suffix.lower() == SUFFIX


def check_target(path: str | Path) -> Path:
    """The path of a file to be written.

    Raises:
        MienError: a suffix other than .npz, by which such files are known.
    """
    if Path(path).suffix.lower() != SUFFIX:
        raise MienError(f"{path}: saved probabilities end in {SUFFIX}; name the file so")
    return Path(path)


def save_probabilities(path: str | Path, predictions: Predictions, *, small: bool = False) -> None:
    """Write them as .npz: `rows`, `targets`, `probabilities`, `labels` and the rest of Predictions.

    `probabilities` is (m, 8) over `emotion_names`; `targets` are positions in them; `facts` is JSON. Of a model
    whose branches vote, `branches` is (m, b, 8) and `branch_disagreement` (m,), in 0..1.

    Args:
        small: only what `compact` keeps, in the smallest types that hold it, and no labels: a data set's licence
            may forbid to hand them on.

    Raises:
        MienError: another suffix, or a path that cannot be written.
    """
    path = check_target(path)
    predictions = compact(predictions) if small else predictions
    facts = {key: getattr(predictions, key) for key in _FACTS} | {
        "format": FORMAT,
        "dropped": dict(predictions.dropped),
        "names": predictions.names,
        "tta": predictions.tta,
        "learnt": predictions.learnt,
    }
    arrays: dict[str, Any] = {key: getattr(predictions, key) for key in (*_ARRAYS, *_OPTIONAL)}
    arrays = {key: value for key, value in arrays.items() if value is not None}
    if small:
        del arrays["targets"]
        arrays["probabilities"] = arrays["probabilities"].astype(np.float16)
        arrays[_STEPS] = np.diff(arrays.pop("rows"), prepend=0).astype(np.int32)
    if predictions.branches is not None:
        arrays["branch_disagreement"] = branch_disagreement(predictions.branches)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path, facts=np.array(json.dumps(facts)), emotion_names=np.array(EMOTIONS),
            model=predictions.model, data=predictions.data, data_sha256=predictions.data_sha256,
            split=predictions.split, labels=predictions.labels, **arrays,
        )  # fmt: skip
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; choose a place that can be written") from error


def load_probabilities(path: str | Path, faces: FaceSet | None = None) -> Predictions:
    """Read and check such a file.

    Args:
        faces: the data set, whose labels a small file lacks.

    Raises:
        MienError: no such file, another kind of file, a small one without its data set, or arrays that do not fit
            together.
    """
    again = "save it again with `mien evaluate --save-probabilities`"
    try:
        with np.load(path, allow_pickle=False) as stored:
            facts = json.loads(str(stored["facts"]))
            names = tuple(str(name) for name in stored["emotion_names"])
            found = {_OLD.get(key, key): key for key in stored.files}
            arrays = {key: stored[found[key]] for key in (*_ARRAYS, *_OPTIONAL) if key in found}
            if _STEPS in found:
                arrays["rows"] = np.cumsum(stored[_STEPS], dtype=np.int64)
    except FileNotFoundError as error:
        raise MienError(f"{path}: no such file; check the path") from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise MienError(f"{path}: not a file of saved probabilities; {again}") from error
    if not isinstance(facts, dict):
        raise MienError(f"{path}: not a file of saved probabilities; {again}")
    if facts.get("format", 0) > FORMAT or names != EMOTIONS:
        raise MienError(f"{path}: written by another mien; {again}")
    if _STEPS in found and "targets" not in arrays:
        arrays["targets"] = _labels(path, arrays["rows"], facts, faces)
    if lacking := [key for key in (*_FACTS, "dropped") if key not in facts] + [k for k in _ARRAYS if k not in arrays]:
        raise MienError(f"{path}: lacks {lacking[0]}; {again}")
    if problem := _problem(arrays):
        raise MienError(f"{path}: {problem}; {again}")
    kinds = {"f": np.float32, "i": np.int64, "u": np.int64}
    arrays = {k: v if k == "elsewhere" else v.astype(kinds.get(v.dtype.kind, v.dtype)) for k, v in arrays.items()}
    columns = tuple(facts.get("names", EMOTIONS))
    way = facts.get("tta", "mirror") if "averaged" in arrays else ""
    known = {key: facts[key] for key in (*_FACTS, "dropped")} | {"learnt": int(facts.get("learnt", 0))}
    return Predictions(**known, **arrays, names=columns, tta=way)


def _labels(
    path: str | Path, rows: NDArray[np.int64], facts: dict[str, Any], faces: FaceSet | None
) -> NDArray[np.int64]:
    """(m,) targets of a small file's rows."""
    if faces is None:
        raise MienError(f"{path}: holds no labels; add --data with the data set that it was saved from")
    if (faces.content or faces.digest()) != facts.get("data_sha256"):
        raise MienError(f"{path}: probabilities of another data set ({facts.get('data')}); give that one")
    return faces.hard(str(facts.get("labels")))[rows].astype(np.int64)


def _problem(arrays: dict[str, Any]) -> str:
    """What is wrong with the arrays, in words; "" where nothing is."""
    m, k = len(np.atleast_1d(arrays["rows"])), len(EMOTIONS)
    shapes = {
        "emotions": (k,),
        "rows": (m,),
        "targets": (m,),
        "probabilities": (m, k),
        "averaged": (m, k),
        "logits": (m, k),
        "votes": (m, k),
    }
    if "branches" in arrays:
        shapes["branches"] = (m, *arrays["branches"].shape[1:2], k)
    kinds = {"emotions": "b", "rows": "iu", "targets": "iu", "elsewhere": "iu"}
    for key, array in arrays.items():
        shape = shapes.get(key, (m,))
        if array.shape != shape:
            return f"{key} has shape {array.shape}, not {shape}"
        if array.dtype.kind not in kinds.get(key, "f"):
            return f"{key} holds {array.dtype}"
    emotions, targets = arrays["emotions"], arrays["targets"]
    if m == 0 or not emotions.any():
        return "no rows or no emotions in it"
    if targets.min() < 0 or targets.max() >= k or not emotions[targets].all():
        return "targets name emotions that it does not have"
    for key in ("probabilities", "averaged"):
        values = arrays.get(key)
        if values is None:
            continue
        kept = values[:, emotions]
        if not np.isfinite(kept).all() or (kept < 0).any() or (np.nansum(values, axis=1) > 1.001).any():
            return f"{key} are no probabilities"
    if "logits" in arrays and not np.isfinite(arrays["logits"][:, emotions]).all():
        return "logits are no numbers"
    return ""
