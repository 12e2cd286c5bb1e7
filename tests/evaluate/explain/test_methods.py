from __future__ import annotations

import pytest

from mien.errors import MienError
from mien.evaluate.explain.methods import DEFAULT, METHODS, OF_A_LAYER, WITHOUT_TORCH, check_method


def test_known_words_pass_and_layers_belong_to_two_methods() -> None:
    assert {DEFAULT, *WITHOUT_TORCH, *OF_A_LAYER} <= set(METHODS)
    for method in METHODS:
        check_method(method)
        if method in OF_A_LAYER:
            check_method(method, "blocks.0")
        else:
            with pytest.raises(MienError, match="looks at no layer; give it with grad-cam or grad-cam\\+\\+"):
                check_method(method, "blocks.0")


def test_other_words_are_told_with_the_known_ones() -> None:
    with pytest.raises(MienError, match="--method gradcam: expected cam, grad-cam"):
        check_method("gradcam")
