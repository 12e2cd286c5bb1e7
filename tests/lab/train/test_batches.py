from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402

from mien.datasets.face_set import FaceSet, one_hot  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.train.batches import FaceTensors, model_heads  # noqa: E402
from mien.lab.train.recipe import Augment, HeadRecipe, Input  # noqa: E402
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
