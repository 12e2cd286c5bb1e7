from __future__ import annotations

from mien.labels import EMOTIONS, SEVEN
from mien.runtime.architectures import architectures


def test_facts_of_two_architectures() -> None:
    facts = architectures()["oshea"]
    assert facts.parameters == 184_110  # the report's layers, added up by hand
    assert facts.input == (1, 48, 48)
    assert facts.heads[0].labels == SEVEN
    assert architectures()["small"].heads[0].labels == EMOTIONS


def test_every_architecture_says_where_it_comes_from() -> None:
    for name, facts in architectures().items():
        assert facts.name == name
        assert facts.paper, name
        assert facts.source.startswith(("mien.lab.models.", "mien.lab.gan.")), name
        assert facts.licence, name
