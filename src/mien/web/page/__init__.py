"""The page that `mien serve` shows: files as they are, made by no build step and asking nothing from elsewhere.

`index.html` is served at `/`, the rest at `/page/...`. No script, style or handler stands inside the HTML, so that
a content security policy of `POLICY` holds. Emotions are named in `palette.css` alone, which a test holds against
`labels.py` and `runtime/palette.py`; the scripts read them from there.
"""

from __future__ import annotations

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The strictest Content-Security-Policy under which the page works; blob: and data: are its own pictures."""
