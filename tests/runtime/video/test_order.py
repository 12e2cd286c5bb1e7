from __future__ import annotations

from mien.runtime.video.order import Order


def told(lost: list) -> list[tuple[int | None, str]]:
    return [(item.pts, item.reason) for item in lost]


def test_a_missing_picture_is_told_when_a_later_one_comes() -> None:
    order = Order("h264")
    for pts in (0, 40, 20, 10, 30):
        order.sent(pts)
    assert order.failed(10, "broken") == []
    assert order.shown(0) == []
    assert told(order.shown(20)) == [(10, "broken")]
    assert told(order.shown(40)) == [(30, "the decoder gave no picture for it")]
    assert order.rest() == []


def test_what_never_came_is_told_at_the_end() -> None:
    order = Order("h264")
    order.sent(0)
    order.sent(1)
    order.shown(0)
    assert [item.pts for item in order.rest()] == [1]


def test_without_times_a_refused_packet_is_lost_at_once() -> None:
    assert told(Order("mpeg4").failed(None, "broken")) == [(None, "broken")]


def test_packets_that_show_nothing_are_no_loss() -> None:
    order = Order("vp8")
    order.sent(0)
    order.sent(1)
    assert order.shown(1) == order.rest() == []


def test_slots_are_taken_from_the_earliest_on() -> None:
    order = Order("h264")
    for dts in (0, 3, 1):
        order.sent(dts)
    assert [order.slot() for _ in range(4)] == [0, 1, 3, None]
