from __future__ import annotations

from typing import Any

from mien.web.app import make_app


def test_every_refusal_has_one_shape(client: Any) -> None:
    for answer in (client.get("/nothing"), client.put("/v1/analyze"), client.get("/v1/jobs/x"), client.get("/docs")):
        assert 400 <= answer.status_code < 500
        assert list(answer.json()) == ["error"]
        assert ";" in answer.json()["error"]


def test_a_bug_is_an_answer_without_its_words(client: Any, service: Any, photo: bytes, monkeypatch: Any) -> None:
    def fail(image: Any) -> None:
        raise RuntimeError("secret place in the code")

    monkeypatch.setattr(service.inference, "faces", fail)
    answer = client.post("/v1/analyze", content=photo)
    assert (answer.status_code, "secret" in answer.text) == (500, False)


def test_openapi_names_the_routes_and_their_refusals(client: Any) -> None:
    told = client.get("/openapi.json").json()
    assert {"/v1/analyze", "/v1/jobs", "/v1/jobs/{job}", "/v1/jobs/{job}/rows", "/v1/jobs/{job}/table.csv", "/v1/edit",
            "/v1/edit/space", "/v1/models", "/healthz", "/metrics"} == set(told["paths"])  # fmt: skip
    post = told["paths"]["/v1/analyze"]["post"]
    assert {"200", "413", "415", "422", "429"} <= set(post["responses"])
    assert post["responses"]["422"]["content"]["application/json"]["schema"]["$ref"].endswith("/Problem")
    assert "multipart/form-data" in post["requestBody"]["content"]


def test_pages_elsewhere_may_ask_only_when_allowed(service: Any, client: Any) -> None:
    from dataclasses import replace

    from starlette.testclient import TestClient

    asked = {"origin": "https://lab.example.org", "access-control-request-method": "POST"}
    assert "access-control-allow-origin" not in client.get("/healthz", headers=asked).headers
    before, service.settings = service.settings, replace(service.settings, allow_origins=("https://lab.example.org",))
    try:
        allowed = TestClient(make_app(service), base_url="http://localhost")
        assert allowed.options("/v1/analyze", headers=asked).headers["access-control-allow-origin"] == asked["origin"]
        other = allowed.get("/healthz", headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers
    finally:
        service.settings = before
