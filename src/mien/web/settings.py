"""What a server allows: the numbers that stand between it and strangers' files."""

from __future__ import annotations

from dataclasses import dataclass

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Settings:
    """How one server runs; sizes in bytes, times in seconds unless said otherwise."""

    model: str = "small"
    detector: str = "auto"
    generator: str = ""  # name or file of a generator; "": the packaged one, "none": no editing
    host: str = "127.0.0.1"
    token: str = ""  # "": everyone who reaches the port may ask
    allow_hosts: tuple[str, ...] = ()  # names by which the server is reached, besides loopback and addresses
    allow_origins: tuple[str, ...] = ()  # pages of other servers that may ask, e.g. https://lab.example.org
    max_upload: int = 500_000_000  # of one file
    max_picture: int = 50_000_000  # of a picture's file, which is held in memory
    max_pixels: int = 25_000_000  # of a picture, or of a frame
    max_duration: float = 3600  # of a video
    max_frames: int = 200_000  # of a video
    max_spool: int = 4_000_000_000  # of all uploads together
    concurrency: int = 4  # pictures that are decoded or analysed at once
    waiting: int = 64  # requests that wait for their turn; more are told to come again
    uploads: int = 128  # bodies that are read at once
    sockets: int = 64  # live sockets at once
    jobs: int = 1  # videos that are analysed at once
    jobs_waiting: int = 8
    jobs_kept: int = 64  # finished ones, the oldest go first
    timeout: float = 5  # for decoding one picture
    stall: float = 30  # without a frame after which a video's process is ended
    read_timeout: float = 10  # without a byte of a body, or of a request's head
    least_rate: int = 8_000  # bytes a second of a body, from `read_timeout` on
    send_timeout: float = 30  # for a client to take what it asked for
    workers: int = 2  # processes that decode pictures
    memory: int = 1 << 30  # address space of a process that decodes
    keep: float = 3600  # until a finished job's rows are deleted

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK or self.host.startswith("127.")
