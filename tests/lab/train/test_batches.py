from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402

from mien.datasets.face_set import FaceSet, one_hot  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.train.batches import FaceTensors, model_heads  # noqa: E402
from mien.lab.train.recipe import Augment, Balance, Data, HeadRecipe, Input, Train  # noqa: E402
from mien.labels import EMOTIONS, SEVEN  # noqa: E402

HEADS = (HeadRecipe("emotion", "ferplus"), HeadRecipe("seven", "fer2013", "hard", label_smoothing=0.07))


def faces(n: int = 40) -> FaceSet:
    rng = np.random.default_rng(0)
    soft = rng.dirichlet(np.ones(8), n).astype(np.float32)
    soft[::4] = np.nan
    pixels = rng.integers(0, 256, (n, 48, 48), dtype=np.uint8)
    return FaceSet("t", pixels=pixels, targets={"ferplus": soft, "fer2013": one_hot(np.arange(n) % 7, SEVEN)})


def tensors(data: FaceSet) -> FaceTensors:
    return FaceTensors(data, HEADS, Input(), torch.device("cpu"))


def test_heads_take_the_emotions_their_labels_have() -> None:
    eight, seven = model_heads(faces(), HEADS)
    assert (eight.labels, seven.labels) == (EMOTIONS, SEVEN)
    with pytest.raises(MienError, match="no labels 'affectnet'; it has ferplus, fer2013"):
        model_heads(faces(), [HeadRecipe(labels="affectnet")])


def test_absent_labels_weigh_nothing_and_targets_sum_to_one() -> None:
    data = tensors(faces())
    target, weight = data.targets["emotion"]
    assert weight.tolist() == [0.0, 1.0, 1.0, 1.0] * 10
    torch.testing.assert_close(target.sum(1), torch.ones(40))
    hard, _ = data.targets["seven"]
    assert float(hard[3, 3]) == pytest.approx(0.94)
    assert float(hard[3, 0]) == pytest.approx(0.01)
    assert data.hard["emotion"][0] == -1


def test_an_epoch_sees_every_face_once_and_only_its_seed_decides() -> None:
    data = tensors(faces())
    plain = Augment(flip=0.0)
    batches = [x for x, _ in data.epoch(plain, batch=10, side=(48, 48), seed=(0, 3))]
    again = [x for x, _ in data.epoch(plain, batch=10, side=(48, 48), seed=(0, 3))]
    other = [x for x, _ in data.epoch(plain, batch=10, side=(48, 48), seed=(0, 4))]
    assert all(torch.equal(a, b) for a, b in zip(batches, again, strict=True))
    assert not torch.equal(batches[0], other[0])
    seen = sorted(round(float(x.mean()), 5) for x in torch.cat(batches))
    assert seen == sorted(round(float(x.mean()), 5) for x in data.plain(torch.arange(40)))


def test_shards_part_a_batch_between_them() -> None:
    data = tensors(faces())
    plain = Augment(flip=0.0)
    parts = [next(data.epoch(plain, batch=10, side=(48, 48), seed=(0, 0), shard=(i, 2)))[0] for i in range(2)]
    whole = next(data.epoch(plain, batch=10, side=(48, 48), seed=(0, 0)))[0]
    torch.testing.assert_close(torch.stack([parts[0], parts[1]], 1).flatten(0, 1), whole)


def test_full_augmentation_keeps_shapes() -> None:
    data = tensors(faces())
    heavy = Augment(0.5, 15, (0.9, 1.1), 0.1, 0.2, 0.3, 0.5, mixup=0.4)
    x, targets = next(data.epoch(heavy, batch=16, side=(32, 32), seed=(1, 2)))
    assert x.shape == (16, 1, 32, 32)
    assert x.isfinite().all()
    assert targets["emotion"][0].shape == (16, 8)


def test_paths_are_read_at_the_models_size(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / "a.png")
    target = one_hot(np.array([3]), SEVEN)
    data = FaceSet("t", paths=np.array([str(tmp_path / "a.png")]), targets={"fer2013": target})
    plan = (HeadRecipe(),)
    out = FaceTensors(data, plan, Input(), torch.device("cpu"))
    assert np.array_equal(out.pixels[0, 0].numpy(), picture)


def test_dropped_emotions_leave_targets_that_sum_to_one() -> None:
    data = FaceTensors(faces(), HEADS, Input(), torch.device("cpu"), Data(drop=("disgust",)))
    eight, seven = model_heads(faces(), HEADS, Data(drop=("disgust",)))
    assert (len(eight.labels), len(seven.labels)) == (7, 6)
    target, weight = data.targets["emotion"]
    assert target.shape == (40, 7)
    torch.testing.assert_close(target.sum(1), torch.ones(40))
    gone = np.nan_to_num(faces().targets["ferplus"], nan=0).argmax(1) == 1
    unlabelled = np.arange(40) % 4 == 0
    assert weight.tolist() == (~(gone | unlabelled)).astype(float).tolist()
    disgust = torch.arange(40) % 7 == 1
    assert torch.equal(data.hard["seven"] == -1, disgust)
    assert int(data.hard["seven"].max()) == 5  # contiguous
    assert data.counts("seven").tolist() == [6, 6, 6, 6, 5, 5]


def test_merged_emotions_add_up() -> None:
    merge = Data(merge={"rest": [e for e in SEVEN if e != "happiness"]})
    data = FaceTensors(faces(), HEADS[1:], Input(), torch.device("cpu"), merge)
    (head,) = model_heads(faces(), HEADS[1:], merge)
    assert (head.kind, head.labels) == ("classes", ("rest", "happiness"))
    assert head.members == (tuple(e for e in SEVEN if e != "happiness"), ("happiness",))
    assert data.counts("seven").tolist() == [34, 6]
    torch.testing.assert_close(data.targets["seven"][0].sum(1), torch.ones(40))


@pytest.mark.parametrize("sampler", ["natural", "weighted", "balanced"])
def test_shards_see_the_very_augmentation_of_the_whole(sampler: str) -> None:
    data = tensors(faces())
    moving = Augment(flip=0.5, rotate=20, scale=(0.8, 1.2), shift=0.1, brightness=0.2, contrast=0.3)

    def batch(shard: tuple[int, int]) -> list[torch.Tensor]:
        found = data.epoch(
            moving,
            batch=9,
            side=(48, 48),
            seed=(5, 2),
            shard=shard,
            balance=Balance("seven", sampler),
            steps=3,
        )
        return [x for x, _ in found]

    whole = batch((0, 1))
    halves = [batch((i, 2)) for i in range(2)]
    assert [len(x) for x in whole] == [9, 9, 9]
    for step, x in enumerate(whole):
        torch.testing.assert_close(halves[0][step], x[0::2])
        torch.testing.assert_close(halves[1][step], x[1::2])


def test_balance_reads_the_head_it_names() -> None:
    data = tensors(faces())
    rows = [r for r, _ in data.draws(Balance("seven", "balanced"), batch=14, steps=20, seed=(0, 0))]
    for one in rows:
        assert torch.bincount(data.hard["seven"][one], minlength=7).tolist() == [2] * 7


def test_steps_an_epoch() -> None:
    data = tensors(faces())
    assert [data.steps(Train(batch=b)) for b in (10, 15, 100)] == [4, 2, 1]
    assert data.steps(Train(batch=10, steps=9)) == 9
    assert len(list(data.epoch(Augment(), batch=15, side=(48, 48), seed=(0, 0), steps=7))) == 7


@pytest.mark.parametrize(
    ("settings", "low", "high"),
    [(Input(normalise="unit"), 0, 1), (Input(normalise="symmetric"), -1, 1), (Input(mean=(0.2,), std=(0.1,)), -2, 8)],
)
def test_normalisation(settings: Input, low: float, high: float) -> None:
    data = faces(2)
    assert data.pixels is not None
    data.pixels[0], data.pixels[1] = 0, 255
    x = FaceTensors(data, HEADS, settings, torch.device("cpu")).plain(torch.arange(2))
    torch.testing.assert_close(x[0], torch.full((1, 48, 48), float(low)))
    torch.testing.assert_close(x[1], torch.full((1, 48, 48), float(high)))


def test_a_faces_own_weight_counts() -> None:
    data = faces().replace(weight=np.linspace(0, 1, 40, dtype=np.float32))
    assert tensors(data).targets["seven"][1][39] == 1
    assert tensors(data).targets["seven"][1][0] == 0
