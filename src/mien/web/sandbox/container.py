"""Which kind of video a file is, from its first bytes; the only demuxer that may open it."""

from __future__ import annotations

_EBML = b"\x1aE\xdf\xa3"
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_PICTURES = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"heif", b"hevc")


def container_of(head: bytes) -> str | None:
    """FFmpeg's name of the demuxer for a file that begins so, or None for what is no video.

    Playlists, which name other files and addresses, are not among them.

    Args:
        head: the first 400 bytes or more, or the whole file.
    """
    if head[4:8] == b"ftyp" and head[8:12] not in _PICTURES:
        return "mov"
    if head[4:8] in (b"moov", b"mdat", b"wide"):  # QuickTime without a brand
        return "mov"
    if head.startswith(_EBML):
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if head.startswith(b"FLV\x01"):
        return "flv"
    if head.startswith(b"\0\0\x01\xba"):
        return "mpeg"
    if head.startswith(_ASF):
        return "asf"
    if head[:1] == b"G" and head[188:189] == b"G" and head[376:377] == b"G":
        return "mpegts"
    return None
