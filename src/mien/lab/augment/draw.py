"""The random numbers of one batch, the same ones however many processes share the batch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Generator, Tensor


class Draw:
    """Numbers for the faces that this process holds of a batch.

    Every process draws for the whole batch from an equally seeded generator and keeps its own part, so two
    processes with half a batch each see the very numbers that one process with the whole batch sees. Two things
    would cost too much that way and come from a generator of the process's own: noise, and mixup's partners,
    which must lie in the same process.

    Numbers are drawn on the CPU, so that every device sees the same; noise is drawn on the device.
    """

    def __init__(
        self,
        generator: Generator,
        total: int,
        rows: slice | Tensor = slice(None),
        device: torch.device | str = "cpu",
    ) -> None:
        """Take a seeded CPU `generator`, the `total` faces of the batch over all processes, and which are here.

        Args:
            rows: of 0..total: a slice such as `slice(process, None, processes)`, or (n,) int64 on the CPU.
        """
        self.generator, self.total, self.rows = generator, total, rows
        self.device = torch.device(device)
        held = torch.arange(total)[rows]
        self.n = len(held)
        self._first = int(held[0]) if self.n else total
        self._own_generator: Generator | None = None

    def uniform(self, low: float, high: float) -> Tensor:
        """(n,) float32 from low..high."""
        return self._uniform(low, high).to(self.device)

    def integers(self, low: int, high: int) -> Tensor:
        """(n,) int64 from low..high, both ends included."""
        return (self._uniform(0, 1) * (high - low + 1)).floor().clamp_max(high - low).long().add(low).to(self.device)

    def chance(self, probability: float) -> Tensor:
        """(n,) bool, each true with this probability."""
        return (self._uniform(0, 1) < probability).to(self.device)

    def some(self, probability: float) -> Tensor:
        """(k,) int64: positions among the n held of those that `chance` would have chosen.

        Found on the CPU: a GPU is not waited for.
        """
        return (self._uniform(0, 1) < probability).nonzero()[:, 0].to(self.device)

    def beta(self, alpha: float) -> float:
        """One number from Beta(alpha, alpha), the same in every process."""
        a, b = torch._standard_gamma(torch.full((2,), alpha), generator=self.generator).tolist()
        return float(a / (a + b)) if a + b > 0 else 1.0

    def normal(self, *shape: int) -> Tensor:
        """Gaussian noise of any shape, this process's own."""
        return torch.randn(shape, generator=self._own(), device=self.device)

    def permutation(self) -> Tensor:
        """(n,) int64: the held faces in another order, this process's own."""
        return torch.randperm(self.n, generator=self._own(), device=self.device)

    def _uniform(self, low: float, high: float) -> Tensor:
        return torch.rand(self.total, generator=self.generator)[self.rows] * (high - low) + low

    def _own(self) -> Generator:
        """Seeded by the batch's seed and the first face held, which no other process holds."""
        if self._own_generator is None:
            words = np.random.SeedSequence((self.generator.initial_seed(), self._first)).generate_state(1, np.uint64)
            self._own_generator = Generator(self.device).manual_seed(int(words[0]) >> 1)
        return self._own_generator
