from __future__ import annotations

import pytest

from mien.web.routes.refusals import ALWAYS, BODY, body, refusals
from mien.web.schema import Problem


def test_every_route_says_how_it_may_refuse() -> None:
    told = refusals(404, *BODY)
    assert set(told) == {404, *ALWAYS, *BODY}
    assert list(told) == sorted(told)
    assert all(one["model"] is Problem and one["description"] for one in told.values())
    with pytest.raises(KeyError):
        refusals(418)  # a status without words


def test_a_body_is_a_form_with_a_file_or_the_file_alone() -> None:
    content = body("A picture.", {"face": {"type": "integer"}}, ("image/*",))["requestBody"]["content"]
    form = content["multipart/form-data"]["schema"]
    assert form["required"] == ["file"]
    assert set(form["properties"]) == {"file", "face"}
    assert content["image/*"]["schema"] == form["properties"]["file"]
    assert set(body("A video.")["requestBody"]["content"]) == {"multipart/form-data"}
