"""A Ray cluster: actors hold the model, this process hands out files and takes the rows; needs the extra `ray`."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any

from mien.errors import MienError, needing
from mien.runtime import catalog
from mien.runtime.engines.blocks import Answer
from mien.runtime.engines.handout import Handout
from mien.runtime.engines.local import STARTS, SURROUNDINGS, surroundings
from mien.runtime.engines.work import Piece, Settings
from mien.runtime.engines.worker import Facts, Worker

TICK = 0.5
START = 180.0
"""Seconds that the first worker may take to be ready."""
STORE = 200_000_000
"""Bytes of Ray's object store where this process starts Ray itself: answers are small."""


def go(
    settings: Settings,
    kind: str,
    handout: Handout,
    workers: int | None,
    expected: Facts,
    take: Callable[[Answer], None],
    give_up: Callable[[Piece], Answer],
    tick: Callable[[], None],
    *,
    address: str | None = None,
    watch: Callable[[Facts], None] | None = None,
) -> int:
    """Do all that is left of the handout, as `local.go` does.

    Args:
        workers: actors; None for as many as the cluster has processors.
        address: of a cluster; None uses Ray where it runs in this process, and else starts it on this machine.
        watch: gets the facts of every actor that is ready.

    Returns:
        Workers that were lost.

    Raises:
        MienError: no such cluster, no room in it, or workers that are not like this process.
        MissingExtraError: ray is not installed.
    """
    with needing("--engine ray", "ray", "ray"):
        import ray as installed
    ray: Any = installed
    with _cluster(ray, workers, address):
        count = workers or max(int(ray.cluster_resources().get("CPU", 1)), 1)
        shipped = None if settings.model in catalog.bundled() else ray.put(catalog.find(settings.model).read_bytes())
        yours = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(Worker)
        crew = Crew(ray, lambda: yours.remote(settings, kind, shipped), expected, watch)
        try:
            for _ in range(min(count, handout.left)):
                crew.hire()
            while handout.left:
                crew.give(handout)
                for chunk, answer in crew.wait():
                    if answer is not None:
                        handout.done(answer)
                        take(answer)
                        continue
                    for piece in handout.lost(chunk):
                        given = give_up(piece)
                        handout.done(given)
                        take(given)
                tick()
        finally:
            crew.dismiss()
        return crew.lost


class Crew:
    """The actors, and what each was asked last."""

    def __init__(
        self, ray: Any, make: Callable[[], Any], expected: Facts, watch: Callable[[Facts], None] | None
    ) -> None:
        self._ray = ray
        self._make = make
        self._expected = expected
        self._watch = watch
        self._asked: dict[Any, tuple[Any, tuple[Piece, ...]]] = {}  # reference -> actor and chunk; none for facts
        self._free: list[Any] = []
        self._started = monotonic()
        self._early = 0
        self._ready = 0
        self.lost = 0

    def hire(self) -> None:
        """One actor more; it is asked for its facts first."""
        actor = self._make()
        self._asked[actor.facts.remote()] = (actor, ())

    def give(self, handout: Handout) -> None:
        """Work for those who are free."""
        while self._free and (chunk := handout.next()):
            actor = self._free.pop()
            self._asked[actor.answer.remote(chunk)] = (actor, chunk)

    def wait(self) -> list[tuple[tuple[Piece, ...], Answer | None]]:
        """Chunks with their answers as they come, None for one whose actor is lost; nothing after TICK seconds."""
        asked = list(self._asked)
        ready, _ = self._ray.wait(asked, num_returns=1, timeout=TICK) if asked else ([], [])
        if not self._ready and not ready and monotonic() - self._started > START:
            raise MienError(f"--engine ray: no worker was ready in {START:.0f} s; is a processor free in the cluster?")
        found: list[tuple[tuple[Piece, ...], Answer | None]] = []
        for reference in ready:
            actor, chunk = self._asked.pop(reference)
            try:
                said = self._ray.get(reference)
            except self._ray.exceptions.RayError:
                self._replace(actor, chunk)
                if chunk:
                    found.append((chunk, None))
                continue
            if not isinstance(said, Answer):
                self._check(said)
            else:
                found.append((chunk, said))
            self._free.append(actor)
        return found

    def dismiss(self) -> None:
        """End every actor."""
        for actor in {*self._free, *(actor for actor, _ in self._asked.values())}:
            with suppress(Exception):
                self._ray.kill(actor)

    def _replace(self, actor: Any, chunk: tuple[Piece, ...]) -> None:
        self.lost += 1
        self._early = 0 if chunk else self._early + 1
        if self._early >= STARTS:
            raise MienError(
                f"--engine ray: {self._early} workers were lost before they were ready; "
                "is this mien installed on every machine?"
            )
        with suppress(Exception):
            self._ray.kill(actor)
        self.hire()

    def _check(self, said: Facts | str) -> None:
        wrong = said if isinstance(said, str) else said.differs(self._expected)
        if wrong is not None:
            raise MienError(wrong)
        self._ready += 1
        self._early = 0
        if self._watch is not None and isinstance(said, Facts):
            self._watch(said)


@contextmanager
def _cluster(ray: Any, workers: int | None, address: str | None) -> Any:
    """Ray, connected or started if it is not yet, and in that case left again at the end."""
    if ray.is_initialized():
        yield
        return
    words: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    if address is None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
        words |= {"address": "local", "num_cpus": workers, "object_store_memory": STORE, "include_dashboard": False}
    else:
        words |= {"address": address, "runtime_env": {"env_vars": {**SURROUNDINGS, **_imports()}}}
    try:
        with surroundings():
            ray.init(**words)
    except (ConnectionError, ValueError, RuntimeError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise MienError(f"--engine ray: {address or 'Ray'} does not answer ({reason}); check --address") from error
    try:
        yield
    finally:
        ray.shutdown()


def _imports() -> dict[str, str]:
    """Where actors on this machine find mien, if it is not installed but on PYTHONPATH."""
    path = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join(str(Path(p).absolute()) for p in path.split(os.pathsep) if p)} if path else {}
