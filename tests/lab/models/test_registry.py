from __future__ import annotations

import pytest
from tests.contracts.model import HEAD

pytest.importorskip("torch")

from mien.errors import MienError
from mien.lab.models.registry import create, names
from mien.labels import EMOTIONS
from mien.model_spec import Head


def test_lists_what_can_be_trained() -> None:
    assert {"oshea", "small"} <= set(names())


def test_heads_stand_side_by_side() -> None:
    import torch

    heads = [Head("a", "emotion", EMOTIONS, "ferplus"), HEAD]
    net = create("small", heads, widths=[8, 8, 8], depths=[1, 1, 1], stem=4)
    assert net(torch.zeros(2, 1, 48, 48)).shape == (2, 15)


def test_unknown_names_are_named() -> None:
    with pytest.raises(MienError, match="did you mean small"):
        create("smal", [HEAD])
    with pytest.raises(MienError, match=r"model\.options\.breadth: small has widths"):
        create("small", [HEAD], breadth=3)


def test_nets_that_do_not_pool_say_so() -> None:
    for name in ("oshea", "alexnet", "resnet50_vggface"):
        with pytest.raises(MienError, match=rf"model\.options\.pool: {name} has .*; it does not pool its last map"):
            create(name, [HEAD], height=64, width=64, pool="max")
