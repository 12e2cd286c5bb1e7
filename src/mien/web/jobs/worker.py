"""The process of one video: `python -m mien.web.jobs.worker`; a line of JSON in, rows as lines of JSON out."""

from __future__ import annotations

import json
import os
import sys
import threading
from functools import partial
from pathlib import Path
from typing import IO, Any

from mien.web.sandbox import confine

LEAST = 128 << 20
"""Bytes that a video may take in any case."""


def main() -> None:
    """Analyse the video that the first line of standard input names; end when the server closes that pipe."""
    out = os.fdopen(confine.private_output(), "w", encoding="utf-8")
    task = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    try:
        _work(task, out)
    except MemoryError:
        _say(out, {"error": "needs too much memory; shrink the video"})
    except BrokenPipeError:
        os._exit(0)
    os._exit(0)  # decoding threads may hang; what was to be said is said


def _work(task: dict[str, Any], out: IO[str]) -> None:
    import cv2

    from mien.errors import MienError
    from mien.runtime.analyzer import Analyzer
    from mien.web.jobs.video_rows import VideoOptions, video_rows

    cv2.setNumThreads(1)
    try:
        analyzer = Analyzer(task["model"], task["detector"], threads=1, max_pixels=task["options"]["max_pixels"])
        _say(out, {"open": True})
        _open_only_as(task["container"])
        # what the model takes is known and ours; the limit is for the stranger's video
        # what is mapped and not touched yet may still become memory: a quarter is left for that
        confine.limit(confine.address_space() + max(task["memory"] - confine.resident_of_self(), LEAST))
        for faces in video_rows(analyzer, Path(task["path"]), VideoOptions(**task["options"])):
            rows = [{**row, "input": task["name"]} for row in faces.rows()]
            _say(out, {"frame": faces.frame, "rows": rows})
    except MienError as error:
        _say(out, {"error": str(error).removeprefix(f"{task['path']}: ").replace(task["path"], "the video")})
        return
    _say(out, {"end": True})


def _open_only_as(container: str) -> None:
    """In this process FFmpeg opens files, as one kind, and no addresses, whatever a file asks for."""
    import av

    one_kind = {"format": container, "options": {"protocol_whitelist": "file"}}
    setattr(av, "open", partial(av.open, **one_kind))  # noqa: B010 - a module's function, which mypy holds fixed


def _say(out: IO[str], event: dict[str, Any]) -> None:
    out.write(json.dumps(event, allow_nan=False, ensure_ascii=True) + "\n")
    out.flush()


def _end_with_the_server() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
