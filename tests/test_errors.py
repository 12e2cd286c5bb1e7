from __future__ import annotations

import pytest

from mien.errors import MienError, MissingExtraError


def test_a_missing_extra_says_how_to_get_it() -> None:
    with pytest.raises(MienError) as caught:
        raise MissingExtraError("mien train", "train", "torch")
    assert str(caught.value) == "mien train needs torch, which is not installed: pip install 'mien[train]'"
    assert isinstance(caught.value, MissingExtraError)
    assert (caught.value.extra, caught.value.package) == ("train", "torch")
