from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.lab.train.test_supervised import quick as recipe  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import mien  # noqa: E402
from mien.datasets.load import load_dataset  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.evaluate.probabilities_file import save_probabilities  # noqa: E402
from mien.lab.predict import open_run  # noqa: E402
from mien.lab.train.distil import TEACHERS, distillation, soften  # noqa: E402
from mien.lab.train.run import set_up, train  # noqa: E402


@pytest.fixture(scope="module")
def faces() -> mien.FaceSet:
    return load_dataset(recipe().data.path)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory, faces: mien.FaceSet) -> Path:
    run = tmp_path_factory.mktemp("teacher") / "run"
    train(recipe(), faces, run, quiet=True)
    return run


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, faces: mien.FaceSet, teacher: Path) -> Path:
    path = tmp_path_factory.mktemp("saved") / "teacher.npz"
    save_probabilities(path, mien.evaluate(str(teacher), faces, "Training").predictions)
    return path


def test_the_loss_is_hintons() -> None:
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(6, 5, generator=rng, requires_grad=True)
    teacher = torch.softmax(torch.randn(6, 5, generator=rng), 1)
    known = torch.tensor([1.0, 1, 0, 1, 1, 0])
    for t in (1.0, 3.0):
        said = soften(teacher, t)
        torch.testing.assert_close(said, (teacher ** (1 / t)) / (teacher ** (1 / t)).sum(1, keepdim=True))
        loss = distillation(logits, said, known, t, known.sum())
        log_q = F.log_softmax(logits / t, 1)
        each = F.kl_div(log_q, said, reduction="none").sum(1) - (said * said.log()).sum(1)
        torch.testing.assert_close(loss, t**2 * each[known > 0].mean())
        (gradient,) = torch.autograd.grad(loss, logits, retain_graph=True)
        assert float(gradient[2].abs().max()) == 0


def test_a_student_learns_from_its_teacher_alone(tmp_path: Path, faces: mien.FaceSet, saved: Path) -> None:
    rng = np.random.default_rng(0)
    mixed = faces.targets["synthetic"].copy()
    learnt = np.flatnonzero(faces.split == "Training")
    mixed[learnt] = mixed[rng.permutation(learnt)]  # labels say nothing any more; only the teacher does
    student = faces.replace(targets={**faces.targets, "synthetic": mixed})
    test = faces.in_split("Test")
    assert test.pixels is not None
    right = {}
    for name, sets in (
        ("labels", []),
        ("teacher", ['method="distil"', f'distil.teachers=["{saved}"]', "distil.weight=1"]),
    ):
        # six epochs teach too little where the processor has no bf16: 0.23
        train(recipe("train.epochs=9", *sets), student, tmp_path / name, quiet=True)
        logits = open_run(tmp_path / name).logits(test.pixels[..., None])
        right[name] = float((logits.argmax(1) == test.hard("synthetic")).mean())
    assert right["teacher"] > 0.25
    assert right["teacher"] > right["labels"] + 0.08


def test_a_run_teaches_as_its_saved_probabilities_do(faces: mien.FaceSet, teacher: Path, saved: Path) -> None:
    said = []
    for one in (teacher, saved):
        method, _, _ = set_up(recipe('method="distil"', f'distil.teachers=["{one}"]'), faces, "cpu")
        targets, known = method.training.targets[TEACHERS]  # type: ignore[attr-defined]
        assert known.min() == 1
        torch.testing.assert_close(targets.sum(1), torch.ones(len(targets)))
        said.append(targets)
    torch.testing.assert_close(said[0], said[1], atol=1e-5, rtol=0)


def test_two_teachers_are_averaged_row_by_row(faces: mien.FaceSet, teacher: Path, saved: Path) -> None:
    rows = faces.in_split("Training").row
    method, _, _ = set_up(recipe('method="distil"', f'distil.teachers=["{teacher}", "{saved}"]'), faces, "cpu")
    found = mien.evaluate(str(teacher), faces, "Training").predictions
    targets, _ = method.training.targets[TEACHERS]  # type: ignore[attr-defined]
    assert found.rows.tolist() == rows.tolist()
    np.testing.assert_allclose(targets.numpy(), found.probabilities, atol=1e-5)


def test_teachers_speak_of_the_rows_that_a_protocol_adds(tmp_path: Path, faces: mien.FaceSet, teacher: Path) -> None:
    """FER2013's `refit` learns of PublicTest too; what was said of the official Training alone is refused."""
    renamed = {"Training": "Training", "Validation": "PublicTest", "Test": "PrivateTest"}
    split = np.array([renamed[str(name)] for name in faces.split])
    scheme = {"fer2013": faces.targets["synthetic"], "synthetic": faces.targets["synthetic"]}
    whole = faces.replace(name="fer2013", split=split, targets=scheme)
    told = ['method="distil"', f'distil.teachers=["{teacher}"]', 'data.protocol="refit"']
    method, _, _ = set_up(recipe(*told), whole, "cpu")
    _, known = method.training.targets[TEACHERS]  # type: ignore[attr-defined]
    assert known.min() == 1
    assert len(known) > int((split == "Training").sum()) + 0.7 * int((split == "PublicTest").sum())


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (['method="distil"'], "names nobody"),
        (['distil.teachers=["a.npz"]'], 'method = "distil"'),
        (['method="distil"', 'distil.teachers=["a.npz"]', 'distil.head="other"'], "no head"),
        (['method="distil"', 'distil.teachers=["a.npz"]', "distil.weight=1.5"], r"expected 0\.\.1"),
    ],
)
def test_recipes_that_cannot_be_meant(sets: list[str], message: str) -> None:
    with pytest.raises(MienError, match=message):
        recipe(*sets)


def test_teachers_that_cannot_teach(tmp_path: Path, faces: mien.FaceSet, teacher: Path, saved: Path) -> None:
    def tried(teacher: object, data: mien.FaceSet = faces) -> None:
        set_up(recipe('method="distil"', f'distil.teachers=["{teacher}"]'), data, "cpu")

    with pytest.raises(MienError, match="no such file"):
        tried(tmp_path / "none.npz")
    with pytest.raises(MienError, match="another data set"):
        tried(saved, load_dataset("synthetic:n=200,seed=4"))
    test = tmp_path / "test.npz"
    save_probabilities(test, mien.evaluate(str(teacher), faces, "Test").predictions)
    with pytest.raises(MienError, match="probabilities for Test"):
        tried(test)
