from __future__ import annotations

from mien.web.refusal import Refusal, busy


def test_a_refusal_holds_what_is_answered() -> None:
    no = Refusal(413, "too large; send less")
    assert (no.status, no.message, no.headers, str(no)) == (413, "too large; send less", {}, "too large; send less")


def test_who_is_told_to_wait_is_told_how_long() -> None:
    wait = busy("50 pictures wait already", 3)
    assert wait.status == 429
    assert wait.message == "50 pictures wait already; try again in 3 s"
    assert wait.headers == {"Retry-After": "3"}
