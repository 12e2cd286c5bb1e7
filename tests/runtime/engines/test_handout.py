from __future__ import annotations

import pytest

from mien.runtime.engines.blocks import Answer, Told
from mien.runtime.engines.handout import CHUNK, Handout
from mien.runtime.engines.work import Piece


def pieces(n: int, videos: tuple[int, ...] = ()) -> list[Piece]:
    return [Piece(i, f"{i}", f"/{i}", i in videos) for i in range(n)]


def answer(chunk: tuple[Piece, ...]) -> Answer:
    return Answer(tuple(Told(piece.number, 1, 1, 1, None) for piece in chunk), b"")


def test_every_piece_is_handed_out_once_in_chunks_that_shrink() -> None:
    handout = Handout(pieces(100), workers=2)
    sizes, seen = [], []
    while chunk := handout.next():
        sizes.append(len(chunk))
        seen += [piece.number for piece in chunk]
        handout.done(answer(chunk))
    assert seen == list(range(100))
    assert sizes[0] == CHUNK
    assert sizes[-1] == 1
    assert handout.left == 0


def test_videos_go_first_and_alone() -> None:
    handout = Handout(pieces(20, videos=(3, 7)), workers=1)
    assert [[p.number for p in handout.next()] for _ in range(2)] == [[3], [7]]
    assert handout.next()[0].number == 0


def test_what_is_done_already_is_not_handed_out() -> None:
    handout = Handout(pieces(4), workers=1, done={0, 2})
    assert [handout.next()[0].number for _ in range(2)] == [1, 3]
    assert handout.next() == ()


def test_pieces_of_a_lost_worker_are_done_again_one_by_one_after_the_others() -> None:
    handout = Handout(pieces(8), workers=1)
    lost = handout.next()
    assert len(lost) == 4
    assert handout.lost(lost) == []
    rest = []
    while chunk := handout.next():
        rest.append([p.number for p in chunk])
        handout.done(answer(chunk))
    assert rest[-4:] == [[0], [1], [2], [3]]
    assert handout.again == 4
    assert handout.left == 0


def test_a_piece_that_was_alone_with_two_lost_workers_is_given_up() -> None:
    handout = Handout(pieces(1), workers=1)
    assert handout.lost(handout.next()) == []
    (given_up,) = handout.lost(handout.next())
    assert given_up.number == 0
    assert handout.left == 1  # until its row has come
    handout.done(answer((given_up,)))
    assert handout.left == 0


def test_a_neighbour_of_the_piece_that_kills_is_not_given_up() -> None:
    handout = Handout(pieces(8), workers=1)
    handout.lost(handout.next())  # four of them
    while len(chunk := handout.next()) != 1 or chunk[0].number > 3:
        handout.done(answer(chunk))
    assert handout.lost(chunk) == []  # its first time alone


def test_a_second_answer_to_a_piece_is_refused() -> None:
    handout = Handout(pieces(1), workers=1)
    chunk = handout.next()
    handout.done(answer(chunk))
    with pytest.raises(KeyError):
        handout.done(answer(chunk))
