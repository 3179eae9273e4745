"""What a password may be."""

from __future__ import annotations

import pytest

from app.accounts.passwords import check_password_strength, hash_password, verify_password
from app.errors import Invalid


@pytest.mark.parametrize(
    "password",
    ["", "short", "password1234", "qwertyuiop12", "aaaaaaaaaaaa", "123456789012", "a" * 257],
)
def test_short_common_and_endless_passwords_are_refused(password: str):
    with pytest.raises(Invalid):
        check_password_strength(password)


def test_a_name_and_an_address_make_no_password():
    with pytest.raises(Invalid):
        check_password_strength("rosalindfranklin", ("Rosalind Franklin", "rosalind@example.org"))


@pytest.mark.parametrize(
    "password", ["four plain purple otters", "ünïcödé wörds äre fïne", "tree lamp seven " * 14]
)
def test_a_few_unrelated_words_or_a_long_one_are_fine(password: str):
    check_password_strength(password + "kgt4")


def test_what_is_kept_is_argon2_and_differs_each_time():
    one, two = hash_password("four plain purple otters"), hash_password("four plain purple otters")
    assert one.startswith("$argon2id$") and one != two
    assert verify_password("four plain purple otters", one)
    assert not verify_password("four plain purple otterS", one)


def test_without_a_kept_hash_nothing_is_right():
    assert not verify_password("nobody has this password", None)
    assert not verify_password("x" * 1_000_000, None)
