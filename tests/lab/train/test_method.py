from __future__ import annotations

import inspect

import pytest

pytest.importorskip("torch")

from mien.lab.train.byol import Byol
from mien.lab.train.method import Method
from mien.lab.train.supervised import Supervised


def test_a_method_must_say_what_the_loop_asks() -> None:
    asked = {"steps", "batches", "loss", "validate", "score"}
    assert Method.__abstractmethods__ == asked
    with pytest.raises(TypeError, match="abstract"):
        Method()  # type: ignore[abstract]


@pytest.mark.parametrize("kind", [Supervised, Byol])
def test_methods_answer_with_the_same_arguments(kind: type[Method]) -> None:
    assert not inspect.isabstract(kind)
    assert kind.pictures is not Method.pictures  # stochastic weight averaging needs them
    for name in ("steps", "batches", "loss", "after_step", "validate", "score", "remark", "pictures"):
        expected = list(inspect.signature(getattr(Method, name)).parameters)
        assert list(inspect.signature(getattr(kind, name)).parameters) == expected
