"""OpenCV's FaceDetectorYN with a YuNet model file that the user gives; five landmarks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.detect.registry import Detector, Options, detector
from mien.detect.scales import OVERLAP, Found, at_scales
from mien.errors import MienError
from mien.faces import Faces

VARIABLE = "MIEN_YUNET"
"""The environment variable that names the model file where no option does."""
CANDIDATES = 5000


@detector("yunet", "OpenCV's YuNet with a model file of yours: --yunet FILE")
def make(options: Options) -> Detector:
    import cv2

    path = _model_file(options)
    try:
        net = cv2.FaceDetectorYN.create(str(path), "", (32, 32), options.threshold, OVERLAP, CANDIDATES)
    except cv2.error as error:
        raise MienError(f"{path}: OpenCV cannot read it as a YuNet model; download the file again") from error

    def find(copy: NDArray[np.uint8]) -> Found:
        net.setInputSize((copy.shape[1], copy.shape[0]))
        try:
            rows: Any = net.detect(cv2.cvtColor(copy, cv2.COLOR_RGB2BGR))[1]
        except cv2.error as error:
            raise MienError(f"{path}: not a YuNet model that OpenCV can run; download the file again") from error
        found = np.zeros((0, 15), np.float32) if rows is None else np.asarray(rows, np.float32)
        boxes = np.concatenate([found[:, :2], found[:, :2] + found[:, 2:4]], axis=1)
        return Found(boxes, found[:, 14], found[:, 4:14].reshape(-1, 5, 2))

    def detect(image: NDArray[np.uint8]) -> Faces:
        return at_scales(image, find, options.size)

    return detect


def _model_file(options: Options) -> Path:
    given = options.yunet or os.environ.get(VARIABLE)
    if not given:
        raise MienError(
            f"detector yunet needs a model file: --yunet face_detection_yunet_2023mar.onnx, or set {VARIABLE}"
        )
    if not Path(given).is_file():
        raise MienError(f"{given}: no such YuNet model file; check --yunet or {VARIABLE}")
    return Path(given)
