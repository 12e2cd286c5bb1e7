from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.opendr import onnx_esr  # noqa: E402
from mien.lab.opendr.published_esr import PublishedEsr  # noqa: E402


@pytest.mark.parametrize("attention", [False, True])
def test_any_number_of_faces_as_torch_says(tmp_path: Path, attention: bool) -> None:
    net = PublishedEsr(2, attention, (16,) * 8)
    onnx_esr.export(net, tmp_path / "new" / "net.onnx")
    session = onnx_esr.open_onnx(tmp_path / "new" / "net.onnx")
    assert [one.name for one in session.get_inputs()] == ["onnx_input"]
    assert [one.name for one in session.get_outputs()] == ["onnx_out_emotions", "onnx_out_va"]
    for n in (1, 5):
        faces = torch.rand(n, 3, 96, 96)
        with torch.no_grad():
            expected = net.said(faces)
        for found, wanted in zip(onnx_esr.said(session, faces), expected, strict=True):
            torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)


def test_an_export_that_differs_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_esr, "PARITY", -1.0)
    with pytest.raises(MienError, match="differs from torch"):
        onnx_esr.export(PublishedEsr(1, widths=(4,) * 8), tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())


def test_other_files(tmp_path: Path, tiny_model: object) -> None:
    with pytest.raises(MienError, match="no such model file"):
        onnx_esr.open_onnx(tmp_path / "none.onnx")
    with pytest.raises(MienError, match=r"not what optimize\(\) writes"):
        onnx_esr.open_onnx(tiny_model())  # type: ignore[operator]
