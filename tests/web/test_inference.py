from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest

from mien.faces import Faces
from mien.web.inference import TOGETHER, Inference


class Fake:
    """An analyzer whose answer names the picture's first pixel; 255 cannot be analysed."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.batches: list[int] = []

    def __call__(self, image: Any) -> Faces:
        if image[0, 0, 0] == 255:
            raise KeyError("bug")
        return Faces(str(image[0, 0, 0]))

    def analyze_many(self, images: Iterable[Any]) -> Iterator[Faces]:
        given = list(images)
        self.go.wait(10)
        self.batches.append(len(given))
        yield from map(self, given)


def picture(value: int) -> Any:
    return np.full((2, 2, 3), value, np.uint8)


def test_pictures_that_wait_go_together_and_answers_keep_their_owners() -> None:
    fake = Fake()
    inference = Inference(fake)  # type: ignore[arg-type]
    answers = [inference.faces(picture(n)) for n in range(2 * TOGETHER)]
    fake.go.set()
    assert [answer.result(10).input for answer in answers] == [str(n) for n in range(2 * TOGETHER)]
    assert sum(fake.batches) == 2 * TOGETHER
    assert max(fake.batches) <= TOGETHER
    assert len(fake.batches) < 2 * TOGETHER
    inference.close()


def test_one_that_fails_takes_no_other_with_it() -> None:
    fake = Fake()
    inference = Inference(fake)  # type: ignore[arg-type]
    answers = [inference.faces(picture(n)) for n in (1, 2, 255, 3)]
    fake.go.set()
    assert [answers[i].result(10).input for i in (0, 1, 3)] == ["1", "2", "3"]
    with pytest.raises(KeyError):
        answers[2].result(10)
    assert inference.faces(picture(4)).result(10).input == "4"
    inference.close()
