"""Pictures made by a plan, shard by shard, a few batches at once: what is held does not grow with the plan."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.images.png import encode_png
from mien.labels import EMOTIONS
from mien.runtime.expression_editor import ExpressionEditor
from mien.runtime.variants.neighbourhood import Neighbourhood
from mien.runtime.variants.plan import Plan
from mien.runtime.variants.shards import Shards

Pixels = NDArray[np.uint8]
Judge = Callable[[Pixels, NDArray[np.int64]], NDArray[np.float64]]
"""Made faces (m, h, w, c) of the generator's size and their targets (m,) -> (m,) probability of the target."""

TRIES = 3
"""Points that are tried for a variant before a judge's verdict leaves it out, as the study tried its face detector."""

AXES = ("x", "y", "z")
Columns = dict[str, list[Any]]

_PIXELS = 64 * 48 * 48  # that go through the generator at once: activations grow with them


@dataclass(frozen=True, slots=True)
class Sources:
    """n faces to make variants of.

    Attributes:
        row: (n,) int64, their rows in the data set; key: (n,) str, see `datasets.picture_key`.
        label: (n,) int64, positions in EMOTIONS.
        crops: positions (m,) among them -> uint8 (m, h, w, c) in the generator's size and colour.
    """

    row: NDArray[np.int64]
    key: NDArray[np.str_]
    label: NDArray[np.int64]
    crops: Callable[[NDArray[np.int64]], Pixels]


class Maker:
    """Makes what is missing of a plan's shards.

    Everything in a picture follows from the plan, the seed and its own row and variant, and a batch is always the
    same pictures on one thread; so a shard's bytes are the same whatever the jobs and however often it was begun.

    Args:
        editor: the generator; one thread a call, for `jobs` calls at once.
        judge: leaves out what it gives a probability below `least`, after TRIES points; None takes every picture.
    """

    def __init__(
        self,
        editor: ExpressionEditor,
        sources: Sources,
        plan: Plan,
        near: Neighbourhood,
        seed: int,
        *,
        judge: Judge | None = None,
        least: float = 0.0,
    ) -> None:
        self.editor, self.sources, self.plan, self.near, self.seed = editor, sources, plan, near, seed
        self.judge, self.least = judge, least
        self.batch = max(1, _PIXELS // (editor.spec.height * editor.spec.width))

    def run(self, shards: Shards, *, jobs: int = 1, progress: Callable[[int, int], None] | None = None) -> int:
        """Make the shards that are missing, one after another.

        Args:
            jobs: batches that are made at once, each on a thread of its own.
            progress: told how many pictures of the plan are done with, those of earlier calls too, and of how many.

        Returns:
            How many shards this call made.

        Raises:
            KeyboardInterrupt: as it comes; whole shards stay.
        """
        missing = shards.missing()
        done = shards.planned - sum(stop - start for start, stop in map(shards.range, missing))
        tell = progress or (lambda done, total: None)
        tell(done, shards.planned)
        pool = ThreadPoolExecutor(max(1, jobs))
        tasks = ((number, part) for number in missing for part in self._parts(*shards.range(number)))
        waiting: deque[Future[Columns]] = deque()  # a few batches ahead: what is held does not grow with the plan
        try:
            for _, part in islice(tasks, 2 * jobs):
                waiting.append(pool.submit(self._make, part))
            for number in missing:
                columns: Columns = {name: [] for name in self._columns()}
                for part in self._parts(*shards.range(number)):
                    for name, values in _result(waiting.popleft()).items():
                        columns[name] += values
                    waiting.extend(pool.submit(self._make, ahead) for _, ahead in islice(tasks, 1))
                    done += len(part)
                    tell(done, shards.planned)
                shards.write(number, columns)
        finally:
            pool.shutdown(cancel_futures=True)
        shards.tidy()
        return len(missing)

    def _parts(self, start: int, stop: int) -> Iterator[Plan]:
        """The batches of a shard."""
        for first in range(start, stop, self.batch):
            yield self.plan.part(first, min(first + self.batch, stop))

    def _columns(self) -> Sequence[str]:
        axes = AXES[: self.editor.space.dims]
        judged = ("probability",) if self.judge else ()
        return ("image", "label", "made_from", "variant", "emotion_from", "source", *axes, *judged)

    def _make(self, part: Plan) -> Columns:
        """A batch's pictures as a shard's columns, in the plan's order."""
        crops, row, d = self.sources.crops(part.source), self.sources.row[part.source], self.editor.space.dims
        codes, made, sure = np.zeros((len(part), d), np.float32), np.empty_like(crops), np.full(len(part), np.nan)
        left = np.arange(len(part))  # to be made, or made anew
        for attempt in range(TRIES if self.judge else 1):
            codes[left] = self.near.codes(self.seed, row[left], part.variant[left], part.target[left], attempt)
            made[left] = self.editor.edit(crops[left], codes[left], self.batch)
            if self.judge is None:
                left = left[:0]
            else:
                sure[left] = self.judge(made[left], part.target[left])
                left = left[~(sure[left] >= self.least)]
            if not len(left):
                break
        kept = np.setdiff1d(np.arange(len(part)), left)
        origin = part.source[kept]
        values: Columns = {
            "image": [encode_png(made[i]) for i in kept],
            "label": [EMOTIONS[k] for k in part.target[kept]],
            "made_from": row[kept].tolist(),
            "variant": part.variant[kept].tolist(),
            "emotion_from": [EMOTIONS[k] for k in self.sources.label[origin]],
            "source": self.sources.key[origin].tolist(),
            "probability": sure[kept].tolist(),
            **{axis: codes[kept, at].tolist() for at, axis in enumerate(AXES[:d])},
        }
        return {name: values[name] for name in self._columns()}


def _result(made: Future[Columns]) -> Columns:
    """What a batch came to; waited for with a limit, so that Ctrl-C is heard on every platform."""
    while not wait((made,), timeout=1).done:
        pass
    return made.result()
