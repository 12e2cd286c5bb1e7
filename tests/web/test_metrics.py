from __future__ import annotations

import re

from mien.web.metrics import Metrics


def test_text_is_what_prometheus_reads() -> None:
    metrics = Metrics()
    metrics.request("/v1/analyze", "POST", 200, 0.03)
    metrics.request("/v1/analyze", "POST", 200, 20)
    metrics.request("other", "GET", 404, 0.001)
    metrics.add("faces", 3)
    metrics.add("faces", 2)
    assert metrics.get("faces") == 5
    text = metrics.text({"live_sockets": 2})
    lines = text.splitlines()
    assert 'mien_requests_total{route="/v1/analyze",method="POST",status="200"} 2' in lines
    assert 'mien_request_seconds_bucket{route="/v1/analyze",le="0.025"} 0' in lines
    assert 'mien_request_seconds_bucket{route="/v1/analyze",le="0.05"} 1' in lines
    assert 'mien_request_seconds_bucket{route="/v1/analyze",le="+Inf"} 2' in lines
    assert 'mien_request_seconds_sum{route="/v1/analyze"} 20.030000' in lines
    assert "mien_faces_total 5" in lines
    assert "mien_live_sockets 2" in lines
    line = re.compile(r'# TYPE mien_\w+ \w+|mien_\w+(\{\w+="[^"\n]*"(,\w+="[^"\n]*")*\})? [0-9.e+-]+')
    assert all(line.fullmatch(each) for each in lines)
    assert text.endswith("\n")
