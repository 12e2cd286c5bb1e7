from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from mien.datasets.synthetic import synthetic  # noqa: E402
from mien.errors import MienError  # noqa: E402
from mien.lab.heads.emotion import Emotion, EmotionLoss, emotion_loss  # noqa: E402
from mien.lab.train.recipe import Balance, Data, HeadRecipe  # noqa: E402

LABELS = torch.tensor([0, 1, 2, 3, 6, 6, 1, 4])
LOGITS = torch.randn(8, 7, generator=torch.Generator().manual_seed(0))
HARD = F.one_hot(LABELS, 7).float()
SOFT = torch.rand(8, 7, generator=torch.Generator().manual_seed(1)).softmax(1)
ONES = torch.ones(8)
CLASSES = torch.tensor([0.5, 9.0, 0.5, 0.3, 0.4, 0.6, 0.4])
COUNTS = torch.tensor([400, 20, 400, 700, 500, 300, 500])


def evened(logits: Tensor, target: Tensor, loss: EmotionLoss) -> Tensor:
    return loss(logits, target, loss.weight(target, torch.ones(len(target))))


def test_class_weights_agree_with_the_framework() -> None:
    expected = F.cross_entropy(LOGITS, LABELS, weight=CLASSES)
    torch.testing.assert_close(evened(LOGITS, HARD, EmotionLoss(CLASSES)), expected)


def test_a_votes_distribution_weighs_by_its_classes() -> None:
    weight = EmotionLoss(CLASSES).weight(SOFT, ONES)
    torch.testing.assert_close(weight, (SOFT * CLASSES).sum(1))
    assert torch.equal(EmotionLoss().weight(SOFT, ONES), ONES)


def test_logit_adjustment_moves_the_optimum_by_the_log_prior() -> None:
    """Fisher consistency: where the data say p(y) = prior, the adjusted loss is least at equal logits."""
    loss = emotion_loss(COUNTS, Balance(logit_adjustment=1.0))
    prior = ((COUNTS + 1) / (COUNTS + 1).sum())[None]
    logits = torch.zeros(1, 7, requires_grad=True)
    loss(logits, prior, torch.ones(1)).backward()
    assert logits.grad is not None
    assert logits.grad.abs().max() < 1e-6
    plain = torch.zeros(1, 7, requires_grad=True)
    EmotionLoss()(plain, prior, torch.ones(1)).backward()
    assert plain.grad is not None
    assert plain.grad.abs().max() > 0.05


def test_logit_adjustment_scales_with_tau_and_is_off_at_nought() -> None:
    one, two = (emotion_loss(COUNTS, Balance(logit_adjustment=tau)).adjustment for tau in (1.0, 2.0))
    assert one is not None
    torch.testing.assert_close(two, 2 * one)
    assert emotion_loss(COUNTS, Balance()).adjustment is None
    moved = emotion_loss(COUNTS, Balance(logit_adjustment=1.0))
    torch.testing.assert_close(moved(LOGITS, HARD, ONES), F.cross_entropy(LOGITS + one, LABELS))


@pytest.mark.parametrize(
    "loss",
    [EmotionLoss(CLASSES), EmotionLoss(gamma=2.0), EmotionLoss(CLASSES, CLASSES.log(), 1.0)],
)
def test_parts_of_a_batch_sum_to_the_whole(loss: EmotionLoss) -> None:
    given = torch.tensor([1.0, 1, 0, 1, 1, 1, 0.5, 1])
    weight = loss.weight(SOFT, given)
    whole = loss(LOGITS, SOFT, weight)
    rows = (slice(0, 3), slice(3, 8))  # uneven, as the last batch's
    parts = [loss(LOGITS[r], SOFT[r], weight[r], weight.sum()) for r in rows]
    torch.testing.assert_close(parts[0] + parts[1], whole)


def test_focal_is_asked_for_by_balance() -> None:
    loss = emotion_loss(COUNTS, Balance(focal=2.0))
    p = LOGITS.double().softmax(1)[torch.arange(8), LABELS]
    torch.testing.assert_close(evened(LOGITS, HARD, loss), -((1 - p) ** 2 * p.log()).mean().float())


def test_a_face_without_a_label_teaches_nothing_and_smoothing_spreads() -> None:
    faces = synthetic(n=12, size=16, identities=12)
    target = faces.targets["synthetic"].copy()
    target[3] = float("nan")
    faces = faces.replace(targets={"synthetic": target})
    plan, kind = HeadRecipe(labels="synthetic", label_smoothing=0.2), Emotion()
    head = kind.head(faces, plan, Data())
    found = kind.learnt(faces, plan, Data(), head)
    assert head.kind == "emotion"
    assert found.weight.tolist() == [1.0] * 3 + [0.0] + [1.0] * 8
    assert found.hard[3] == -1
    assert kind.classes(faces, plan)[3] == -1
    assert found.target[0].max() == pytest.approx(0.8 + 0.2 / 8)
    assert found.target.sum(1) == pytest.approx(1)


def test_scores_are_those_of_the_labelled_faces() -> None:
    faces = synthetic(n=16, size=16, identities=16)
    plan, kind = HeadRecipe(labels="synthetic"), Emotion()
    with pytest.raises(MienError, match="no labels 'ferplu'; it has synthetic, ferplus"):
        kind.classes(synthetic(n=4, size=16), HeadRecipe(labels="ferplu"))
    head = kind.head(faces, plan, Data())
    found = kind.learnt(faces, plan, Data(), head)
    hard = torch.from_numpy(found.hard.copy())
    hard[0] = -1
    logits = 9 * torch.from_numpy(found.target)
    logits[1] = -logits[1]
    scores = kind.scores(logits, torch.from_numpy(found.target), torch.ones(16), hard, head)
    assert scores["top1"] == pytest.approx(100 * 14 / 15)
    assert set(kind.metrics) < set(scores)
