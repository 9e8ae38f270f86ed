"""The errors: their texts, and that each can be copied and pickled, as between the processes of a pool."""

from __future__ import annotations

import pytest

from sigv4 import (
    ConfigError,
    CredentialsError,
    MissingDependency,
    SigningError,
    SigV4Error,
    VerificationError,
)
from sigv4.errors import MISMATCH, escaped, mismatch, printable, repr_of
from sigv4.providers.fetch import Unreachable
from sigv4.replay import StoreFull, StoreUnavailable
from sigv4.streaming.chunk_signatures import StreamError
from tests.error_copies import assert_copies_are_equal, classes_below

EACH = [
    SigV4Error("text"),
    SigningError("text"),
    ConfigError("text"),
    VerificationError("VERIFY-1", "Code", "text", 400, (("Name", "value"),)),
    StreamError("chunk 2", "CHUNK-3", "Code", "text", 400),
    StoreUnavailable("text"),
    StoreFull("text"),
    CredentialsError("text", ("a source", "another")),
    Unreachable("text", ("a source",)),
    MissingDependency("httpx", "local"),
]


@pytest.mark.parametrize("error", EACH, ids=lambda error: type(error).__name__)
def test_an_error_can_be_copied_and_pickled(error: SigV4Error) -> None:
    assert_copies_are_equal(error)


def test_every_error_of_the_tree_is_tested_here() -> None:
    assert {kind for kind in classes_below(SigV4Error) if kind.__module__.startswith("sigv4.")} == {
        *map(type, EACH)
    }


def test_a_missing_dependency_names_its_package_and_its_extra() -> None:
    error = MissingDependency("httpx", "local")
    assert str(error) == "this needs the package 'httpx': pip install 'sigv4-reference[local]'"
    assert (error.package, error.extra) == ("httpx", "local")


def test_in_a_copy_without_extras_the_package_is_named_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sigv4.errors._DISTRIBUTION", "")
    assert str(MissingDependency("httpx", "local")) == "this needs the package 'httpx': pip install httpx"


def test_credentials_errors_have_what_was_tried() -> None:
    assert CredentialsError("none").tried == ()
    error = CredentialsError("none", ("the environment: not set",))
    assert (str(error), error.message, error.tried) == ("none", "none", ("the environment: not set",))


def test_a_refusal_has_the_rule_the_code_and_the_status() -> None:
    error = VerificationError("VERIFY-7", "Code", "text")
    assert (error.stage, error.code, error.message, error.status, error.details) == (
        "VERIFY-7", "Code", "text", 403, (),
    )  # fmt: skip
    assert str(error) == "Code: text"
    assert str(VerificationError("VERIFY-7", "Code", "")) == "Code"


def test_a_mismatch_has_awss_text_unless_another_is_given() -> None:
    error = mismatch("VERIFY-15")
    assert (error.stage, error.code, error.message) == ("VERIFY-15", "SignatureDoesNotMatch", MISMATCH)
    assert (error.status, error.details) == (403, ())
    other = mismatch("VERIFY-10", "text", (("Name", "value"),))
    assert (other.stage, other.message, other.details) == ("VERIFY-10", "text", (("Name", "value"),))


def test_untrusted_text_is_shown_without_what_a_terminal_acts_on() -> None:
    assert printable("a\x1b[1mb\r\nä\u202e c") == "a[1mbä c"
    assert printable("a\x1bb", "?") == "a?b"


def test_untrusted_text_is_shown_with_escapes() -> None:
    assert escaped("a\x1b[1m b\r\n\u202e\\ä") == "a\\x1b[1m b\\r\\n\\u202e\\ä"


def test_a_number_too_long_for_python_to_show_has_a_name() -> None:
    assert repr_of("a") == "'a'"
    assert repr_of(10**5000) in ("a very long number", f"1{'0' * 5000}")  # Python 3.10 has no such limit
