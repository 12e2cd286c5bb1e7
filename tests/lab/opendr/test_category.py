from __future__ import annotations

import pytest

from mien.lab.opendr.category import AFFECTNET, WORDS, Category, word
from mien.labels import emotion


def test_words_mean_the_classes_of_their_numbers() -> None:
    assert [emotion(one) for one in WORDS] == list(AFFECTNET)
    assert word(1) == "Happy"


@pytest.mark.parametrize(
    ("category", "text"),
    [
        (Category(3), "Class 3"),
        (Category(1, "Happy"), "Class 1 (Happy)"),
        (Category(1, confidence=0.5, description="Happy"), "Class 1 (Happy) with confidence 0.5"),
    ],
)
def test_what_a_category_says(category: Category, text: str) -> None:
    assert str(category) == text


def test_the_names_of_opendr() -> None:
    made = Category(prediction=2, confidence=0.9, description="Sad")
    assert (made.data, made.description, made.confidence) == (2, "Sad", 0.9)
