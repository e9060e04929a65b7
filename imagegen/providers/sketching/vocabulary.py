"""The words of a prompt: what it is about, and in what style. Families and manners are found by them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

_Name = TypeVar("_Name", bound=str)
_STYLE, _AVOID = "style: ", "avoid: "
_KOREAN = {
    "우주": "space",
    "행성": "planet",
    "은하": "galaxy",
    "도시": "city",
    "서울": "seoul",
    "초상": "portrait",
    "인물": "portrait",
    "얼굴": "face",
    "여자": "woman",
    "여성": "woman",
    "남자": "man",
    "남성": "man",
    "꽃병": "vase",
    "제품": "product",
    "화장품": "cosmetic",
    "과일": "fruit",
    "커피": "coffee",
    "정물": "still life",
    "추상": "abstract",
    "무늬": "pattern",
    "꽃": "flower",
    "대리석": "marble",
    "바다": "sea",
    "호수": "lake",
    "설산": "alps",
    "산맥": "mountains",
    "사막": "desert",
    "숲": "forest",
    "겨울": "winter",
    "눈 ": "snow",
    "안개": "mist",
    "새벽": "dawn",
    "아침": "morning",
    "노을": "sunset",
    "저녁": "evening",
    "밤": "night",
    "가을": "autumn",
    "봄": "spring",
    "빨간": "red",
    "파란": "blue",
    "초록": "green",
    "노란": "yellow",
    "보라": "purple",
    "분홍": "pink",
    "수채화": "watercolor",
    "만화": "cartoon",
}
"""Korean stems, which may stand inside a longer word, and the word that they are looked up as."""


@dataclass(frozen=True)
class Words:
    """Single words and pairs of neighbours, in small letters. What is to be avoided is in neither set."""

    subject: frozenset[str]
    style: frozenset[str]

    @cached_property
    def all(self) -> frozenset[str]:
        """Those of the subject and those of the style."""
        return self.subject | self.style

    def has(self, vocabulary: str) -> bool:
        """Whether any word of the vocabulary occurs at all."""
        return among(self.all, vocabulary)


def words_of(prompt: str) -> Words:
    """The words of a composed prompt, whose paragraphs may begin with `Style:` or `Avoid:`."""
    paragraphs = prompt.lower().split("\n\n")
    style = [each for each in paragraphs if each.startswith(_STYLE)]
    subject = [each for each in paragraphs if not each.startswith((_STYLE, _AVOID))]
    return Words(_terms(subject), _terms(each.removeprefix(_STYLE) for each in style))


def among(words: frozenset[str], vocabulary: str) -> bool:
    """Whether any of the words stands in the vocabulary: terms divided by spaces, pairs joined by `+`."""
    return count(words, vocabulary) > 0


def count(words: frozenset[str], vocabulary: str) -> int:
    """How many of the words stand in the vocabulary."""
    return len(words.intersection(term.replace("+", " ") for term in vocabulary.split()))


def first(choices: Mapping[_Name, str], words: frozenset[str], otherwise: _Name) -> _Name:
    """The first choice of which a word occurs."""
    return next((name for name, vocabulary in choices.items() if among(words, vocabulary)), otherwise)


def _terms(texts: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for text in texts:
        words = re.findall(r"[a-z]+", text)
        found.update(words)
        found.update(f"{one} {next_one}" for one, next_one in pairwise(words))
        found.update(word for stem, word in _KOREAN.items() if stem in text)
    return frozenset(found)
