"""A model told how common the emotions are where it is used, from what it says of unlabelled faces there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError, needing
from mien.evaluate.calibrate.measure import columns_of, emotion_of
from mien.evaluate.probabilities_file import is_probabilities_file, load_probabilities
from mien.labels import EMOTIONS
from mien.model_spec import Head, ModelSpec
from mien.runtime.prior import STRENGTH, PriorEstimate, estimate_prior
from mien.runtime.probabilities import by_label, calibration

SUFFIXES = (".csv", ".parquet", ".npz")


def adapted(spec: ModelSpec, table: str | Path, strength: float = STRENGTH) -> tuple[ModelSpec, PriorEstimate]:
    """The model with the prior of a table's faces as its `target_prior`, which the runtime then corrects to.

    Args:
        spec: of a calibrated model.
        table: CSV or Parquet file as `mien analyze` writes it with this very model, a correction that the model
            has already included; or probabilities saved by `mien evaluate`.
        strength: see `estimate_prior`.

    Raises:
        MienError: a model that is not calibrated, or a table without its probabilities.
    """
    head = _head_of(spec)
    stored = calibration(spec, head)
    if "prior" not in stored:
        raise MienError(f"model {spec.name} is not calibrated; run `mien calibrate MODEL --data PATH` first")
    now = "prior"
    if is_probabilities_file(table) and (saved := load_probabilities(table)).logits is not None:
        # from logits, so that it does not matter by which calibration the probabilities were made
        values = emotion_of(head, {k: v for k, v in stored.items() if k != "target_prior"}, saved)
    else:
        values = read_probabilities(table)
        now = "target_prior" if "target_prior" in stored else "prior"
    columns = columns_of(head)
    values = values[:, columns]
    whole = ~np.isnan(values).any(axis=1)
    if not whole.any():
        raise MienError(f"{table}: no face with probabilities of {', '.join(head.labels)}; analyse with {spec.name}")
    old = by_label(head, stored[now])
    if (old <= 0).any():
        raise MienError(f"model {spec.name}: its {now} has a share of 0; calibrate it again")
    found = estimate_prior(values[whole], old, strength=strength)
    shares = dict(zip(head.labels, map(float, found.shares), strict=True))
    source = {"table": Path(table).name, "n": found.n, "iterations": found.iterations}
    return _with(spec, head, {**stored, "target_prior": shares, "target_prior_from": source}), found


def unadapted(spec: ModelSpec) -> ModelSpec:
    """The model without `target_prior`."""
    head = _head_of(spec)
    kept = {key: v for key, v in calibration(spec, head).items() if not key.startswith("target_prior")}
    return _with(spec, head, kept)


def read_probabilities(table: str | Path) -> NDArray[np.float64]:
    """(n, 8) probabilities of a table's faces in the order of `labels.EMOTIONS`; NaN where a cell is empty.

    Raises:
        MienError: no such file, one of another kind, or no columns of emotions in it.
    """
    path = Path(table)
    if path.suffix.lower() not in SUFFIXES:
        raise MienError(f"{path}: --adapt-to takes {', '.join(SUFFIXES)}: a table of `mien analyze`, or `none`")
    if path.suffix.lower() == ".npz":
        return np.asarray(load_probabilities(path).probabilities, np.float64)
    frame = _frame(path)
    if missing := [name for name in EMOTIONS if name not in frame.columns]:
        raise MienError(f"{path}: no column {missing[0]!r}; give a table as `mien analyze --out FILE.csv` writes it")
    try:
        values = frame[list(EMOTIONS)].to_numpy(np.float64)
    except (TypeError, ValueError) as error:
        raise MienError(f"{path}: a probability that is no number ({error}); write the table again") from error
    if ((values < 0) | (values > 1)).any():
        row = int(np.flatnonzero(((values < 0) | (values > 1)).any(axis=1))[0])
        raise MienError(f"{path}: line {row + 2}: a probability outside 0..1; write the table again")
    return np.asarray(values, np.float64)


def _frame(path: Path) -> Any:
    import pandas as pd

    try:
        if path.suffix.lower() == ".parquet":
            with needing("reading Parquet", "parquet", "pyarrow"):
                import pyarrow.parquet  # noqa: F401
            return pd.read_parquet(path)
        return pd.read_csv(path)
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or 'cannot be read'}; check --adapt-to") from error
    except (ValueError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise MienError(f"{path}: not a table that can be read; give one as `mien analyze` writes it") from error


def _head_of(spec: ModelSpec) -> Head:
    if spec.emotion_head is None:
        raise MienError(f"model {spec.name} has no emotion head to adapt")
    return spec.emotion_head


def _with(spec: ModelSpec, head: Head, stored: dict[str, Any]) -> ModelSpec:
    return spec.replace(calibration={**spec.calibration, head.name: stored})
