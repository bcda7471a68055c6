"""The choice of a language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.view.rendering.languages import languages, negotiate, translations


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("en", "en"),
        ("ko", "ko"),
        ("Ko-kr", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("en-US,en;q=0.9,ko;q=0.8", "en"),
        ("en;q=0.5,ko;q=0.9", "ko"),
        ("fr, de;q=0.9, ko;q=0.1", "ko"),
        ("en;q=0, ko;q=0.1", "ko"),
        ("ko;q=0", "en"),
        ("ko;q=,en;q=0.1", "en"),
        (",,;;q=1,===,%%", "en"),
        ("fr," * 40 + "ko", "en"),
    ],
)
def test_negotiate(header: str, language: str) -> None:
    """The preferred language that exists is chosen, or else English."""
    assert negotiate(header) == language


@given(st.text(max_size=60) | st.text("koen-KR;q=.,* 019", max_size=40))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_any_header_has_a_language(header: str) -> None:
    """Any header gives a language that exists."""
    assert negotiate(header) in languages()


def test_languages_name_themselves() -> None:
    """Languages have their own names."""
    assert languages() == {"en": "English", "ko": "한국어"}


def test_the_source_is_english() -> None:
    """English needs no catalog, and Korean has one."""
    assert translations("en").gettext("the output layer") == "the output layer"
    assert translations("ko").gettext("the output layer") == "출력층"
