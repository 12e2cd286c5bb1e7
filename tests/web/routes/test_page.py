from __future__ import annotations

from typing import Any

from mien.web.routes import page


def test_every_file_of_the_page_is_served_under_its_type(client: Any) -> None:
    assert "index.html" in page.files()
    for name, path in page.files().items():
        answer = client.get(f"/page/{name}")
        assert answer.status_code == 200, name
        assert answer.content == path.read_bytes()
    index = client.get("/")
    assert index.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in index.headers["content-security-policy"]
    assert index.headers["cache-control"] == "no-store"


def test_nothing_else_is(client: Any) -> None:
    for name in ("__init__.py", "../app.py", "..%2fapp.py", "%2e%2e/app.py", "/etc/passwd", "index.html/..", "a%00b"):
        answer = client.get(f"/page/{name}")
        assert answer.status_code == 404, name
        assert list(answer.json()) == ["error"]
