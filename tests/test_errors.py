from __future__ import annotations

import pytest

from mien.errors import MienError, MissingExtraError, needing


def test_a_missing_extra_says_how_to_get_it() -> None:
    with pytest.raises(MienError) as caught:
        raise MissingExtraError("mien train", "train", "torch")
    assert str(caught.value) == "mien train needs torch, which is not installed: pip install 'mien[train]'"
    assert isinstance(caught.value, MissingExtraError)
    assert (caught.value.extra, caught.value.package) == ("train", "torch")


def test_a_missing_package_names_its_extra_and_a_bug_of_ours_stays_one() -> None:
    told = r"mien train needs torch, which is not installed: .*mien\[train\]"
    with pytest.raises(MissingExtraError, match=told), needing("mien train", "train"):
        raise ModuleNotFoundError("no torch", name="torch")
    with pytest.raises(ModuleNotFoundError), needing("mien train", "train"):
        raise ModuleNotFoundError("no such file of ours", name="mien.lab.nowhere")
