"""What OpenDR's server hands out: a few prepared faces, weights, a picture, a video; fetched when somebody asks."""

from __future__ import annotations

import contextlib
import http.client
import shutil
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import NamedTuple

from mien.digest import digest_of
from mien.errors import MienError
from mien.runtime.fetch import TIMEOUT

SERVER = "ftp://opendrdata.csd.auth.gr/perception/facial_emotion_estimation"


class Offer(NamedTuple):
    """A file on the server and here, and the folder that is in it."""

    remote: str
    local: str
    folder: str = ""


MODES = {
    "data": Offer("data/AffectNet_micro.zip", "data/AffectNet_micro.zip", "AffectNet_micro"),
    "pretrained": Offer("pretrained/esr_9.zip", "pretrained/esr_9.zip", "esr_9"),
    "demo_image": Offer("demo/sheldon.jpg", "demo/sheldon.jpg"),
    "demo_video": Offer("demo/big_bang.mp4", "demo/big_bang.mp4"),
}


def download(path: Path, mode: str, url: str = SERVER, sha256: str = "", timeout: float = TIMEOUT) -> Path:
    """Have one of these below `path`; a file that is there already is not fetched again.

    OpenDR publishes no digests, so that what arrives is held against one only where the caller gives it.

    Args:
        path: folder, made where it is missing.
        mode: data | pretrained | demo_image | demo_video.
        url: ftp, http or https address of the folder that holds data/, pretrained/ and demo/.
        sha256: of the file, in hexadecimal; "" where it is not known.
        timeout: seconds that the server may be silent.

    Returns:
        the file, or the folder that was in it.

    Raises:
        MienError: another mode, no network, another content, or no such folder in the file.
    """
    if mode not in MODES:
        raise MienError(f"mode {mode!r}: one of {', '.join(MODES)}")
    offer = MODES[mode]
    file = path / offer.local
    if not file.is_file():
        _fetch(f"{url.rstrip('/')}/{offer.remote}", file, timeout)
    if sha256 and digest_of(file) != sha256.lower():
        raise MienError(f"{file}: sha256 {digest_of(file)[:12]}..., expected {sha256.lower()[:12]}...; remove it")
    if not offer.folder:
        return file
    unpacked = file.parent / offer.folder
    if not unpacked.is_dir():
        _unpack(file, offer.folder)
    return unpacked


def _fetch(url: str, file: Path, timeout: float) -> None:
    """A whole file or none."""
    part = file.with_name(file.name + ".part")
    print(f"mien: fetching {url}", file=sys.stderr)  # noqa: T201
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        request = urllib.request.Request(url, headers={"User-Agent": "mien"})
        # an opener of its own: urlopen() keeps the proxies of the process's first call
        with urllib.request.build_opener().open(request, timeout=timeout) as answer, part.open("wb") as writing:
            shutil.copyfileobj(answer, writing)
            told = answer.headers.get("Content-Length") or ""
        if told.isdigit() and part.stat().st_size != int(told):
            raise MienError(f"{url}: cut off after {part.stat().st_size:,} of {int(told):,} bytes; try again")
        part.replace(file)
    except urllib.error.HTTPError as error:
        raise MienError(f"{url}: the server says {error.code} {error.reason}; check the address") from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError, EOFError) as error:
        reason = getattr(error, "reason", None) or str(error) or type(error).__name__
        raise MienError(
            f"{url}: no connection ({reason}); check the network and the proxy, name another place by url=, or fetch"
            f" the file elsewhere and put it at {file}"
        ) from error
    except ValueError as error:  # an address of no known kind
        raise MienError(f"{url}: {error}; give an ftp, http or https address") from error
    except OSError as error:
        raise MienError(f"{file}: {error.strerror or error}; name a folder that can be written by path=") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _unpack(file: Path, folder: str) -> None:
    """The folder in a ZIP file, whole or not at all."""
    part = file.parent / f".{folder}.part"
    shutil.rmtree(part, ignore_errors=True)
    try:
        with zipfile.ZipFile(file) as packed:
            packed.extractall(part)  # which leaves out .. and absolute paths
        if not (part / folder).is_dir():
            raise MienError(f"{file}: no folder {folder} in it; not the file that is meant, remove it")
        (part / folder).rename(file.parent / folder)
    except zipfile.BadZipFile as error:
        raise MienError(f"{file}: not a whole ZIP file ({error}); remove it and fetch it again") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
