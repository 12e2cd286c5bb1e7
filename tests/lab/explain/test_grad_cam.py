"""Grad-CAM finds the mouth where the mouth alone decides, and no longer does once the net has forgotten."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.evaluate.explain.explain import explain
from mien.evaluate.explain.removal import removal, shuffled
from mien.runtime import heat_map
from mien.runtime.explained_target import target_of


def median_in_mouth(maps: np.ndarray, boxes: np.ndarray) -> float:
    assert min(maps.shape[1:]) >= 12
    return float(np.nanmedian(heat_map.mass_inside(heat_map.enlarged(maps, 48, 48), boxes, margin=2)))


def test_the_mass_gathers_in_the_mouth_and_leaves_it_with_the_weights(mouths) -> None:
    """A sixth of a picture is mouth; a net that has learnt a little puts more than twice that of its map there."""
    said = explain(mouths.explainer, mouths.crops)
    assert (mouths.explainer.logits(mouths.crops).argmax(axis=1) == mouths.labels).mean() > 0.6
    assert median_in_mouth(said.maps, mouths.boxes) > 0.42
    for seed in (1, 2, 3):
        forgetful, what = mouths.explainer.randomised(seed)
        assert what == "all weights"
        assert median_in_mouth(explain(forgetful, mouths.crops).maps, mouths.boxes) < 0.3


@pytest.mark.slow
def test_once_well_learnt_most_of_the_mass_lies_in_the_mouth(mouths_learnt_well) -> None:
    """Issue 5's own measure, beyond 60 % and not after randomisation; benchmarks/explain.py has it over seeds."""
    mouths = mouths_learnt_well
    assert median_in_mouth(explain(mouths.explainer, mouths.crops).maps, mouths.boxes) > 0.6
    for seed in (1, 2, 3):
        maps = explain(mouths.explainer.randomised(seed)[0], mouths.crops).maps
        assert median_in_mouth(maps, mouths.boxes) <= 0.6


def test_removing_in_the_maps_order_beats_shuffled_orders(mouths) -> None:
    crops = mouths.crops[:40]
    logits = mouths.explainer.logits(crops)
    target = target_of(mouths.explainer.spec)
    columns = target.columns(logits)

    def values(some: np.ndarray) -> np.ndarray:
        return target.values(mouths.explainer.logits(some), columns)

    maps = mouths.explainer.maps(crops, columns, "grad-cam")
    mine, chance = removal(values, crops, maps), shuffled(values, crops, maps)
    assert mine.deletion.mean() < chance.deletion.mean() - 0.05
    assert mine.insertion.mean() > chance.insertion.mean() + 0.05


def test_captum_says_what_the_papers_equations_say(mouths) -> None:
    """Of the last map by the linear head's closed form, of an earlier layer by its gradients."""
    import torch

    from mien.lab.explain.mapped_net import MappedNet

    crops, columns = mouths.crops[:6], np.arange(6) % 4
    x, net = mouths.explainer.inputs(crops), mouths.explainer.net
    with torch.no_grad():
        feature_map = net.features(x).numpy()
    weights = net.head.weight.detach().numpy()[columns]
    closed = heat_map.grad_cam(feature_map, heat_map.of_linear_head(weights, feature_map))
    np.testing.assert_allclose(mouths.explainer.maps(crops, columns, "grad-cam"), closed, atol=1e-5)
    found = MappedNet(net, "blocks.0").map_and_gradients(x, torch.from_numpy(columns))
    expected = heat_map.grad_cam(*(t.numpy() for t in found))
    maps = mouths.explainer.maps(crops, columns, "grad-cam", "blocks.0")
    assert maps.shape == (6, 24, 24)
    np.testing.assert_allclose(maps, expected, atol=1e-5)
