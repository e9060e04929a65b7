"""Names of saved pictures: readable, and safe whatever the prompt says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen.media.filenames import SLUG_BYTES, ascii_slug, attachment, file_name, slug


def test_a_name_tells_prompt_and_seed() -> None:
    assert file_name("A red fox, in snow!", 42, "png") == "a-red-fox-in-snow-42.png"
    assert attachment("A red fox", 42, "jpeg") == 'attachment; filename="a-red-fox-42.jpeg"'


def test_other_scripts_keep_their_letters_and_have_a_plain_name_beside() -> None:
    assert file_name("Café 고양이", 7, "webp") == "café-고양이-7.webp"
    told = attachment("Café 고양이", 7, "webp")
    assert told.startswith("attachment; filename=\"cafe-7.webp\"; filename*=UTF-8''caf%C3%A9-%EA%B3%A0")
    assert file_name("हिन्दी", 1, "png") == "हिन्दी-1.png", "vowel signs belong to the word"


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows\\system32", "c-windows-system32"),
        ('a"b\r\nSet-Cookie: x', "a-b-set-cookie-x"),
        ("\u202egnp.exe", "gnp-exe"),
        ("...", "picture"),
        ("🦊", "picture"),
        ("con", "con"),
    ],
)
def test_what_could_mean_something_to_a_disk_or_a_header_is_left_out(prompt: str, expected: str) -> None:
    assert slug(prompt) == expected
    assert ascii_slug(prompt) == expected


@pytest.mark.parametrize("prompt", ["word " * 3000, "고양이 " * 3000, "x" * 9000, "高" * 9000])
def test_a_long_prompt_is_cut_to_what_disks_take(prompt: str) -> None:
    name = file_name(prompt, 2**31 - 1, "jpeg")
    assert SLUG_BYTES / 2 < len(slug(prompt).encode()) <= SLUG_BYTES
    assert len(name.encode()) < 200
    assert not slug(prompt).endswith("-")


@given(st.text(max_size=300))
def test_no_prompt_makes_a_name_that_is_a_path_or_breaks_a_header(prompt: str) -> None:
    assert re.fullmatch(r"[^\W_A-Z](?:[\w-]|[^\x00-\x7f])*-1\.png", file_name(prompt, 1, "png"))
    assert re.fullmatch(
        r'attachment; filename="[a-z0-9-]+-1\.png"(; filename\*=UTF-8\'\'[A-Za-z0-9._~%-]+)?',
        attachment(prompt, 1, "png"),
    )
