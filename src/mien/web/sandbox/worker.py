"""A process that decodes: `python -m mien.web.sandbox.worker`, spoken to over its standard input and output."""

from __future__ import annotations

import os
import sys

from mien.web.sandbox import confine, messages

MOST = 1 << 30
"""Bytes of a message's body; the server holds clients to much less."""
GRACE = 1.0
"""Seconds by which the system's alarm comes after the server's own."""


def main(memory: int) -> None:
    """Serve until the server closes the pipe."""
    out = os.fdopen(confine.private_output(), "wb")
    source = sys.stdin.buffer
    import cv2

    from mien.web.sandbox import decode

    cv2.setNumThreads(1)
    confine.limit(memory)
    messages.write(out, {"ready": True})
    while True:
        try:
            task, body = messages.read(source, MOST)
        except EOFError:
            return
        confine.alarm(float(task["timeout"]) + GRACE)
        head, pixels = decode.done(task, bytes(body))
        confine.alarm(0)
        del body
        messages.write(out, head, pixels)
        if head.get("spent"):
            return  # its heap is in pieces; a fresh one takes over
        del pixels


if __name__ == "__main__":
    main(int(sys.argv[1]))
