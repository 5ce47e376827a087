"""What somebody may have meant."""

from __future__ import annotations

import pytest

from skysail.telling.nearest import did_you_mean, nearest, spoken

KNOWN = ["GetInstances", "GetInstance", "StopInstance", "location.regionName", "get-it"]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("getinstances", ["GetInstances", "GetInstance", "StopInstance"]),
        ("get_it", ["get-it"]),
        ("regionname", ["location.regionName"]),
        ("xyzzy", []),
        ("re", []),
    ],
)
def test_the_nearest_come_first_and_spelling_does_not_count(word, found):
    assert nearest(word, KNOWN)[: len(found) or None] == found


@pytest.mark.parametrize(
    ("word", "count", "question"),
    [("GetInstancs", 1, "did you mean GetInstances?"), ("StopInstanc", 2, "did you mean StopInstance or GetInstance?"),
     ("xyzzy", 3, None)],
)  # fmt: skip
def test_the_question_names_them(word, count, question):
    assert did_you_mean(word, KNOWN, count) == question


def test_words_are_spoken_as_a_list():
    assert [spoken(["a"]), spoken(["a", "b"]), spoken(["a", "b", "c"])] == ["a", "a or b", "a, b or c"]
