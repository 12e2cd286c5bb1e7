from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.datasets.face_set import FaceSet  # noqa: E402
from mien.datasets.synthetic import synthetic  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.gan.generator import load_generator  # noqa: E402
from mien.lab.gan.training import GanTraining  # noqa: E402
from mien.lab.train.recipe import Augment, Data, Ganmut, HeadRecipe, Input, Model, Recipe, Train  # noqa: E402
from mien.lab.train.recipe_file import read_recipe, to_toml  # noqa: E402
from mien.lab.train.run import train  # noqa: E402
from mien.model_spec import ModelSpec  # noqa: E402
from mien.runtime.expression_space import ExpressionSpace  # noqa: E402

DRAWN = "synthetic:n=240,size=16,seed=3,identities=60,difficulty=0.0"
RECIPE = Recipe(
    name="tiny",
    method="ganmut",
    data=Data(path=DRAWN, train="Training", validation="Validation"),
    heads=(HeadRecipe(labels="synthetic", target="hard"),),
    model=Model("ganmut_linear", {"conv_dim": 4, "blocks": 1}),
    input=Input(16, 16, "grey", "symmetric"),
    augment=Augment(flip=0.5),
    ganmut=Ganmut(critic_dim=8, n_critic=2, sheets=0, faces=12),
    train=Train(
        epochs=2, batch=8, steps=6, optimiser="adam", lr=1e-3, weight_decay=0.0, schedule="constant", warmup=0.0,
        ema=0.9, precision="fp32",
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    return synthetic(
        n=240, size=16, seed=3, identities=60, difficulty=0.0, emotions=("happiness", "surprise", "neutral")
    )


def weights(folder: Path, which: str = "last") -> dict[str, Any]:
    net, _ = load_generator(folder / f"{which}.safetensors")
    return dict(net.state_dict())


def same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize("name", ["ganmut_linear", "ganmut_gaussian"])
@pytest.mark.parametrize("dims", [2, 3])
def test_a_run_leaves_a_generator_that_tells_its_space(name: str, dims: int, faces: FaceSet, tmp_path: Path) -> None:
    recipe = replace(RECIPE, model=Model(name, {"conv_dim": 4, "blocks": 1, "dims": dims}))
    done = train(recipe, faces, tmp_path / "run", device="cpu", quiet=True)
    assert [row["epoch"] for row in done.log] == [1, 2]
    terms = {key for key in done.log[0] if key.startswith("generator_")}
    linear = {"wasserstein", "cycle", "class", "codes", "strength", "total"}
    gaussian = {"wasserstein", "cycle", "class", "means", "total"}
    assert terms == {f"generator_{term}" for term in (linear if name == "ganmut_linear" else gaussian)}
    net, spec = load_generator(tmp_path / "run" / "final.safetensors")
    space = ExpressionSpace.from_spec(spec)
    assert space.emotions == ("happiness", "surprise", "neutral")
    assert space.dims == dims
    np.testing.assert_allclose(space.places, net.space.places().detach(), atol=1e-5)
    assert spec.training["method"] == "ganmut"
    assert spec.scores["validation"]["judge"] == "its own critic"
    assert {path.name for path in (tmp_path / "run" / "plots").iterdir()} >= {"space.png", "edits-0002.png"}
    assert any((tmp_path / "run" / "tensorboard").iterdir())
    assert ModelSpec.from_file(tmp_path / "run" / "model.json").space == spec.space


@pytest.mark.parametrize("settings", [Ganmut(regulariser="r1"), Ganmut(way_back="original"), Ganmut(identity=5.0)])
def test_every_way_of_the_losses_runs(settings: Ganmut, faces: FaceSet, tmp_path: Path) -> None:
    recipe = replace(RECIPE, ganmut=replace(settings, critic_dim=8, n_critic=1, sheets=0, faces=6))
    log = train(recipe, faces, tmp_path / "run", device="cpu", quiet=True).log
    assert log[-1]["train_loss"] == pytest.approx(log[-1]["generator_total"])
    assert ("generator_identity" in log[-1]) == bool(settings.identity)


def test_the_total_is_the_weighted_sum(faces: FaceSet, tmp_path: Path) -> None:
    recipe = replace(RECIPE, ganmut=replace(RECIPE.ganmut, cycle=3.0, strength=2.0, penalty=5.0))
    row = train(recipe, faces, tmp_path / "run", device="cpu", quiet=True).log[0]
    generator = (
        row["generator_wasserstein"] + 3 * row["generator_cycle"] + row["generator_codes"] + row["generator_class"]
        + 2 * row["generator_strength"]
    )  # fmt: skip
    critic = row["critic_wasserstein"] + row["critic_class"] + row["critic_codes"] + 5 * row["critic_penalty"]
    assert row["generator_total"] == pytest.approx(generator, rel=1e-5)
    assert row["critic_total"] == pytest.approx(critic, rel=1e-5)


def test_a_resumed_run_ends_with_the_very_weights(faces: FaceSet, tmp_path: Path) -> None:
    """Killed after an epoch, with an odd number of critic steps behind it, so that whose turn it is matters."""
    recipe = replace(RECIPE, train=replace(RECIPE.train, epochs=3, steps=5))
    whole = train(recipe, faces, tmp_path / "whole", device="cpu", quiet=True)

    class Killed(BaseException):
        pass

    def kill(row: dict[str, Any]) -> None:
        if row["epoch"] == 1:
            raise Killed

    with pytest.raises(Killed):
        train(recipe, faces, tmp_path / "cut", device="cpu", quiet=True, on_epoch=kill)
    again = train(recipe, faces, tmp_path / "cut", device="cpu", quiet=True, resume=True)
    for which in ("best", "last", "final"):
        assert same(weights(tmp_path / "whole", which), weights(tmp_path / "cut", which))
    drifting = ("seconds", "faces_per_s")
    for a, b in zip(whole.log, again.log, strict=True):
        assert {k: v for k, v in a.items() if k not in drifting} == {k: v for k, v in b.items() if k not in drifting}


def test_the_same_seed_gives_the_same_weights_and_another_others(faces: FaceSet, tmp_path: Path) -> None:
    short = replace(RECIPE, train=replace(RECIPE.train, epochs=1))
    for name, recipe in (("a", short), ("b", short), ("c", replace(short, seed=1))):
        train(recipe, faces, tmp_path / name, device="cpu", quiet=True)
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert not same(weights(tmp_path / "a"), weights(tmp_path / "c"))


def test_a_loss_that_is_no_number_stops_the_run_and_the_last_epoch_stands(faces: FaceSet, tmp_path: Path) -> None:
    recipe = replace(RECIPE, train=replace(RECIPE.train, epochs=3))
    settings = {"device": "cpu", "quiet": True}

    def poison(row: dict[str, Any]) -> None:
        with torch.no_grad():
            run.critic.conv1.weight.fill_(float("nan"))

    from accelerate import Accelerator

    run = GanTraining(
        recipe, faces, tmp_path / "run", Accelerator(cpu=True), bf16=False, quiet=settings["quiet"] is True,
        on_epoch=poison,
    )  # fmt: skip
    with pytest.raises(MienError, match=r"is no number in epoch 2; lower train\.lr .*last\.safetensors holds epoch 1"):
        run.run()
    kept = weights(tmp_path / "run")
    assert all(value.isfinite().all() for value in kept.values())
    state = torch.load(tmp_path / "run" / "resume" / "state.pt", weights_only=True)
    assert all(value.isfinite().all() for value in state["critic"].values())


def test_a_last_step_that_breaks_a_weight_leaves_the_epoch_before(
    faces: FaceSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accelerate import Accelerator

    recipe = replace(RECIPE, train=replace(RECIPE.train, epochs=3))
    run = GanTraining(recipe, faces, tmp_path / "run", Accelerator(cpu=True), bf16=False, quiet=True)
    step = run._generator_step

    def breaks(*given: Any) -> Any:
        terms = step(*given)
        if run.taken + 1 == 2 * run.steps:  # the last of the second epoch
            with torch.no_grad():
                run.generator.main[0].weight.fill_(float("nan"))
        return terms

    monkeypatch.setattr(run, "_generator_step", breaks)
    with pytest.raises(MienError, match=r"a weight is no number after epoch 2; .*last\.safetensors holds epoch 1"):
        run.run()
    assert all(value.isfinite().all() for value in weights(tmp_path / "run").values())
    again = train(recipe, faces, tmp_path / "run", device="cpu", quiet=True, resume=True)
    assert len(again.log) == 3


def test_a_batch_without_room_for_every_emotion_is_refused(faces: FaceSet, tmp_path: Path) -> None:
    recipe = replace(RECIPE, model=Model("ganmut_gaussian", {"conv_dim": 4, "blocks": 1}))
    with pytest.raises(MienError, match=r"train\.batch = 3"):
        train(replace(recipe, train=replace(recipe.train, batch=3)), faces, tmp_path / "run", device="cpu", quiet=True)


def test_starts_from_another_generator(faces: FaceSet, tmp_path: Path) -> None:
    train(RECIPE, faces, tmp_path / "first", device="cpu", quiet=True)
    onward = replace(RECIPE, init=str(tmp_path / "first"), train=replace(RECIPE.train, lr=0.0, epochs=1))
    train(onward, faces, tmp_path / "second", device="cpu", quiet=True)
    assert same(weights(tmp_path / "first", "final"), weights(tmp_path / "second", "final"))
    wider = replace(onward, model=Model("ganmut_linear", {"conv_dim": 8, "blocks": 1}))
    with pytest.raises(MienError, match="a generator of another shape"):
        train(wider, faces, tmp_path / "third", device="cpu", quiet=True)


def test_a_killed_process_resumes(tmp_path: Path) -> None:
    """SIGKILL at any moment, then --resume: the very weights of an undisturbed run."""
    recipe = replace(RECIPE, train=replace(RECIPE.train, epochs=4, steps=4))
    file = tmp_path / "tiny.toml"
    file.write_text(to_toml(recipe))
    drawn = synthetic(n=240, size=16, seed=3, identities=60, difficulty=0.0)
    train(read_recipe(file), drawn, tmp_path / "whole", device="cpu", quiet=True)
    command = [
        sys.executable,
        "-m",
        "mien",
        "train",
        str(file),
        "--out",
        str(tmp_path / "cut"),
        "-q",
        "--device",
        "cpu",
    ]
    process = subprocess.Popen(command)
    log = tmp_path / "cut" / "log.csv"
    deadline = time.monotonic() + 120
    while (
        not (tmp_path / "cut" / "resume" / "state.pt").exists()
        and process.poll() is None
        and time.monotonic() < deadline
    ):
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -signal.SIGKILL  # killed, not done
    done = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert same(weights(tmp_path / "whole", "final"), weights(tmp_path / "cut", "final"))
    assert len(log.read_text().splitlines()) == 5
