from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.lab.importers.published import save_esr

torch = pytest.importorskip("torch")

from mien.errors import MienError  # noqa: E402
from mien.lab.importers.esr import BASE, BRANCH, files_in  # noqa: E402
from mien.lab.opendr.published_esr import PublishedEsr  # noqa: E402
from mien.lab.opendr.saved import described, read_net, write_onnx, write_states  # noqa: E402

NARROW = (16,) * 8


def test_what_is_written_is_read(tmp_path: Path) -> None:
    states = PublishedEsr(2, widths=NARROW).to_state_dict()
    write_states(tmp_path / "new" / "folder", "esr_9", states)
    folder = tmp_path / "new" / "folder"
    assert {path.name for path in folder.iterdir()} == {
        "Net-Base-Shared_Representations.pt", "Net-Branch_1.pt", "Net-Branch_2.pt", "esr_9.json",
    }  # fmt: skip
    assert json.loads((folder / "esr_9.json").read_text()) == {
        "model_paths": [str(folder)], "framework": "pytorch", "format": "pt", "has_data": False,
        "inference_params": {}, "optimized": False, "optimizer_info": {},
    }  # fmt: skip
    assert not described(folder, "esr_9").optimized
    net = read_net(folder, 2, False, BASE, BRANCH)
    for read, wrote in zip(net.to_state_dict(), states, strict=True):
        assert all(torch.equal(read[key], wrote[key]) for key in wrote)
    assert read_net(folder, 1, False, BASE, BRANCH).get_ensemble_size() == 1


def test_a_smaller_ensemble_leaves_no_branches_of_a_larger_one(tmp_path: Path) -> None:
    net = PublishedEsr(3, widths=NARROW)
    write_states(tmp_path, "x", net.to_state_dict())
    write_states(tmp_path, "x", net.to_state_dict()[:2])
    assert len(files_in(tmp_path)) == 2
    with pytest.raises(MienError, match="nothing to save"):
        write_states(tmp_path, "x", net.to_state_dict()[:1])


def test_published_files_of_esr_and_esr_star(tmp_path: Path) -> None:
    save_esr(tmp_path / "esr", 2, NARROW[:4], NARROW[4:])
    save_esr(tmp_path / "star", 2, NARROW[:4], NARROW[4:], cbam=True)
    assert read_net(tmp_path / "star", 2, True, BASE, BRANCH).attends
    assert not described(tmp_path / "esr", "esr_9").optimized  # the authors' have no JSON
    with pytest.raises(MienError, match=r"of ESR, not ESR\*; make the learner with diversify=False"):
        read_net(tmp_path / "esr", 2, True, BASE, BRANCH)
    with pytest.raises(MienError, match=r"of ESR\*, not ESR; make the learner with diversify=True"):
        read_net(tmp_path / "star", 2, False, BASE, BRANCH)


def test_branches_without_affect(tmp_path: Path) -> None:
    states = save_esr(tmp_path, 1, NARROW[:4], NARROW[4:], heads=(8,))
    net = read_net(tmp_path, 1, False, BASE, BRANCH)
    own = net.to_state_dict()[1]
    assert set(own) - set(states[1]) == {"fc_dimensional.weight", "fc_dimensional.bias"}
    assert torch.equal(own["fc.weight"], states[1]["fc.weight"])


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    save_esr(tmp_path / "few", 2, NARROW[:4], NARROW[4:])
    with pytest.raises(MienError, match=r"Net-Branch_3\.pt: no such file"):
        read_net(tmp_path / "few", 3, False, BASE, BRANCH)
    save_esr(tmp_path / "ck", 1, (16, 16, 16), (16, 16))
    with pytest.raises(MienError, match="3 convolutions, and 2 in a branch"):
        read_net(tmp_path / "ck", 1, False, BASE, BRANCH)
    torch.save({"conv1.weight": print}, tmp_path / "few" / BASE)
    with pytest.raises(MienError, match="could run code"):
        read_net(tmp_path / "few", 2, False, BASE, BRANCH)


def test_which_json(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="no such folder"):
        described(tmp_path / "none", "esr_9")
    (tmp_path / "made.onnx").write_bytes(b"1")
    write_onnx(tmp_path / "out", "optimized_pstbln", tmp_path / "made.onnx")
    assert described(tmp_path / "out", "esr_9") == (True, tmp_path / "out" / "optimized_pstbln.onnx")  # the only one
    assert (tmp_path / "out" / "optimized_pstbln.onnx").read_bytes() == b"1"
    write_onnx(tmp_path / "out", "optimized_pstbln", tmp_path / "out" / "optimized_pstbln.onnx")  # onto itself
    (tmp_path / "out" / "esr_9.json").write_text("[1]")
    with pytest.raises(MienError, match="not a description"):
        described(tmp_path / "out", "esr_9")
    (tmp_path / "file").touch()
    with pytest.raises(MienError, match="choose a folder that can be written"):
        write_onnx(tmp_path / "file" / "below", "x", tmp_path / "made.onnx")
