from __future__ import annotations

from pathlib import Path

import pytest
from tests.lab.importers.published import SPACES, filled, ganmut_shapes, resmasking, save_esr

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.evaluate.predictor import OnnxPredictor, open_model  # noqa: E402
from mien.lab.export.onnx import export_run  # noqa: E402
from mien.lab.gan.generator import load_generator  # noqa: E402
from mien.lab.importers.imported import Options  # noqa: E402
from mien.lab.importers.recognise import import_weights  # noqa: E402
from mien.labels import EMOTIONS  # noqa: E402


@pytest.mark.parametrize("prefix", ["", "module."])
def test_a_checkpoint_among_other_facts(tmp_path: Path, prefix: str) -> None:
    state = {prefix + key: value for key, value in resmasking().items()}
    path = tmp_path / "resmasking_2019Nov30"
    torch.save({"arch": "resmasking", "lr": 1e-4, "net": state, "best_val_acc": 70.1, "train_losses": [1.0]}, path)
    spec = import_weights(path, tmp_path / "masking.safetensors", licence="MIT", source="a page")
    assert (spec.name, spec.architecture, spec.licence) == ("masking", "resmasking_dropout1", "MIT")
    assert list(spec.training["imported_from"]) == ["resmasking_2019Nov30"]
    crops = torch.randint(0, 256, (2, 224, 224, 1), dtype=torch.uint8).numpy()
    assert open_model(tmp_path / "masking.safetensors", "cpu").logits(crops).shape == (2, 7)


def test_a_folder_is_imported_exported_and_answers_the_same(tmp_path: Path) -> None:
    save_esr(tmp_path / "zip" / "esr_9", 1, (2, 3, 3), (3, 4), heads=(8,), channels=1)  # small: exporting takes long
    file = tmp_path / "esr.safetensors"
    spec = import_weights(tmp_path / "zip", file, name="siqueira", options=Options(statistics="batch"))
    assert (spec.name, spec.branches, spec.heads[0].labels) == ("siqueira", 1, EMOTIONS)
    assert spec.feature_map == (4, 7, 7)
    export_run(file, tmp_path / "esr.onnx")
    crops = torch.randint(0, 256, (3, 96, 96, 1), dtype=torch.uint8).numpy()
    answered = OnnxPredictor(tmp_path / "esr.onnx").logits(crops)
    assert answered == pytest.approx(open_model(file, "cpu").logits(crops), abs=1e-4)
    assert answered.shape == (3, 8)


def test_a_generator(tmp_path: Path) -> None:
    torch.save(filled(ganmut_shapes(SPACES["gaussian", 2], blocks=1)), tmp_path / "1800000-G.ckpt")
    import_weights(tmp_path / "1800000-G.ckpt", tmp_path / "g.safetensors")
    net, spec = load_generator(tmp_path / "g.safetensors")
    assert (spec.architecture, net.space.dims) == ("ganmut_gaussian", 2)
    assert spec.parameters == sum(p.numel() for p in net.parameters())


def test_what_is_not_known(tmp_path: Path) -> None:
    out = tmp_path / "o.safetensors"
    torch.save({"stem.weight": torch.ones(1), "head.weight": torch.ones(1)}, tmp_path / "c.pt")
    with pytest.raises(MienError, match=r"keys begin stem\.weight, head\.weight"):
        import_weights(tmp_path / "c.pt", out)
    save_esr(tmp_path / "esr", 1)
    with pytest.raises(MienError, match="name the folder"):
        import_weights(tmp_path / "esr" / "Net-Branch_1.pt", out)
    with pytest.raises(MienError, match="esr needs a folder"):
        import_weights(tmp_path / "esr" / "Net-Branch_1.pt", out, importer="esr")
    with pytest.raises(MienError, match="ganmut needs a file"):
        import_weights(tmp_path / "esr", out, importer="ganmut")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MienError, match="lacks Net-Base"):
        import_weights(tmp_path / "empty", out)
    with pytest.raises(MienError, match="--statistics never"):
        import_weights(tmp_path / "esr", out, options=Options(statistics="never"))
    assert not out.exists()
