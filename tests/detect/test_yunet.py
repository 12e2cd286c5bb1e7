from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.detect import Options, open_detector
from mien.detect.yunet import VARIABLE
from mien.errors import MienError


def test_agrees_with_the_builtin_on_the_same_weights(portrait: NDArray[np.uint8], yunet_file: Path) -> None:
    ours, opencv = open_detector("builtin")(portrait), open_detector("yunet", Options(yunet=yunet_file))(portrait)
    np.testing.assert_allclose(ours.boxes, opencv.boxes, atol=1)
    np.testing.assert_allclose(ours.landmarks, opencv.landmarks, atol=1)
    np.testing.assert_allclose(ours.scores, opencv.scores, atol=0.01)


def test_the_file_may_come_from_the_environment(
    portrait: NDArray[np.uint8], yunet_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(yunet_file))
    assert len(open_detector("yunet")(portrait)) == 1


def test_one_line_where_the_file_is_missing_or_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    for options, words in (
        (Options(), "needs a model file"),
        (Options(yunet=tmp_path / "gone.onnx"), "no such YuNet model file"),
        (Options(yunet=broken), "cannot read it"),
    ):
        with pytest.raises(MienError, match=words) as caught:
            open_detector("yunet", options)
        assert "\n" not in str(caught.value)
