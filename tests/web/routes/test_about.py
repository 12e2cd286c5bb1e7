from __future__ import annotations

from typing import Any

import mien
from mien.web.routes import about


def test_health_and_models_name_the_model_in_use(client: Any) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "version": mien.__version__, "model": "small"}
    told = client.get("/v1/models").json()
    loaded = [one["name"] for one in told["models"] if one["loaded"]]
    assert (loaded, told["generator"], told["detector"]) == (["small"], None, "builtin")
    assert {"small", "small-fer2013"} <= {one["name"] for one in told["models"]}
    assert "/" not in str([one.get("source") for one in told["models"]])


def test_a_model_of_ones_own_is_listed_without_its_path(tiny_model: Any) -> None:
    from types import SimpleNamespace

    path = tiny_model(name="mine")
    fake = SimpleNamespace(analyzer=mien.Analyzer(path))
    first = about._models(fake)[0]  # type: ignore[arg-type]
    assert (first["name"], first["kind"], first["loaded"]) == ("mine", "local", True)
    assert str(path.parent) not in str(first)


def test_metrics_count_routes_and_hold_no_word_of_a_client(client: Any, photo: bytes) -> None:
    client.post("/v1/analyze", files={"file": ("secret-name.jpg", photo)})
    client.get("/secret-path")
    text = client.get("/metrics").text
    assert 'mien_requests_total{route="/v1/analyze",method="POST",status="200"} ' in text
    assert 'mien_requests_total{route="other",method="GET",status="404"} 1' in text
    assert "mien_decode_workers 1" in text
    assert "secret" not in text
