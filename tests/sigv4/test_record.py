"""``Record``: fields are declared once; records are immutable, and can be compared, hashed, copied, pickled and shown."""

from __future__ import annotations

import copy
import importlib
import pickle
import traceback
from pathlib import Path
from typing import Any

import pytest

import sigv4
from sigv4 import Credentials, CredentialsError, Payload, Request, Response, Signer, SigningError
from sigv4.claim import Claim, Verified
from sigv4.diagnosis.evidence import examine
from sigv4.dialects import S3
from sigv4.record import Record
from sigv4.scope import Scope
from sigv4.streaming.event_frames import STRING, Frame, Header
from sigv4.streaming.event_stream import SignedEvent


class Point(Record):
    _masked = ("secret",)

    x: int
    y: int = 0
    secret: str | None = None

    def _check(self) -> None:
        if self.x < 0:
            raise ValueError("x is negative")


class Named(Point):
    name: str = "p"


KEYS = Credentials("AKIDEXAMPLE", "s" * 40)
SCOPE = Scope("20150830", "us-east-1", "iam")
RECORDS = (
    Point(1, 2, "s"),
    Named(1, name="q"),
    SCOPE,
    Claim("AKIDEXAMPLE", "token", SCOPE),
    Verified("AKIDEXAMPLE", SCOPE, 0, ("host",), "UNSIGNED-PAYLOAD"),
    Request("GET", "/", {"Host": "h"}, b""),
    Response(200, [("A", "b")], b"{}"),
    Credentials("AKIDEXAMPLE", "secret", "token", 1.5),
    Payload.sha256(bytes(32)),
    S3,
    Header("a", STRING, "b"),
    Frame([Header("a", STRING, "b")], b"x"),
    SignedEvent(0, b"x"),
)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_is_copied_and_pickled_and_hashed_and_cannot_change(record: Record) -> None:
    for again in (
        copy.copy(record),
        copy.deepcopy(record),
        record.replace(),
        *(pickle.loads(pickle.dumps(record, protocol)) for protocol in range(2, 6)),
    ):
        assert again == record
        assert hash(again) == hash(record)
        assert type(again) is type(record)
    name, other = type(record).field_names[0], "other"
    with pytest.raises(AttributeError, match="is immutable: make a new one instead of changing"):
        setattr(record, name, None)
    with pytest.raises(AttributeError, match="is immutable: make a new one instead of changing"):
        delattr(record, name)
    with pytest.raises(AttributeError):
        setattr(record, other, 1)
    assert not hasattr(record, "__dict__")
    assert record != record._fields()


def test_fields_are_given_by_place_or_by_name() -> None:
    assert Point(1, 2, "s") == Point(x=1, y=2, secret="s") == Point(1, secret="s", y=2)
    assert Point(1) == Point(1, 0, None) != Point(1, 1)
    assert Named(1, 2, None, "q")._fields() == (1, 2, None, "q")
    assert Named(1) != Point(1)
    assert Point(1).replace(y=5) == Point(1, 5)


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [
        ((1, 2, "s", 4), {}, "Point takes x, y, secret: got no more after 4 values"),
        ((1,), {"x": 1}, "Point takes x, y, secret: got x after 1 values"),
        ((1,), {"z": 1}, "Point takes x, y, secret: got z after 1 values"),
        ((), {"y": 1}, "Point takes x, y, secret: got y after 0 values"),
    ],
)
def test_other_arguments_are_refused(values: Any, named: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        Point(*values, **named)
    assert str(caught.value) == message


def test_replace_accepts_only_fields() -> None:
    with pytest.raises(TypeError, match=r"Point takes x, y, secret: got b, a after 0 values"):
        Point(1).replace(b=1, a=1)


def test_the_check_holds_for_replace_and_pickles_as_well() -> None:
    with pytest.raises(ValueError, match="x is negative"):
        Point(-1)
    with pytest.raises(ValueError, match="x is negative"):
        Point(1).replace(x=-1)
    with pytest.raises(SigningError, match="the payload line is"):
        Payload.sha256(bytes(32)).replace(line="A")


def test_repr_masks_what_the_class_says() -> None:
    assert repr(Point(1, 2, "s")) == "Point(x=1, y=2, secret='***')".replace("'***'", "***")
    assert repr(Point(1)) == "Point(x=1, y=0, secret=None)"
    assert repr(object.__new__(Point)) == "Point(x=None, y=None, secret=None)"


def test_no_frame_of_a_refused_record_shows_its_fields() -> None:
    with pytest.raises(CredentialsError) as caught:
        Credentials("AKIDEXAMPLE", "a secret with\nbreaks")
    error = caught.value
    assert error.__traceback__ is not None
    inner = error.__traceback__.tb_next  # the frames below this test's own
    shown = "".join(traceback.TracebackException(type(error), error, inner, capture_locals=True).format())
    assert "_check" in shown
    assert "breaks" not in shown


def test_an_unpacked_request_is_the_four_values_and_a_response_the_three() -> None:
    method, url, headers, body = Request("GET", "/", {"Host": "h"}, b"x")
    assert (method, url, headers, body) == ("GET", "/", (("Host", "h"),), b"x")
    status, pairs, content = Response(200, {"A": "b"}, b"x")
    assert (status, pairs, content) == (200, (("A", "b"),), b"x")


def test_a_scope_and_a_claim_do_not_unpack() -> None:
    record: Any
    for record in (SCOPE, Claim("AKIDEXAMPLE", None, SCOPE)):
        with pytest.raises(TypeError):
            iter(record)


def test_records_with_other_fields_or_of_other_types_have_other_hashes() -> None:
    class One(Record):
        value: int

    class Two(Record):
        value: int

    assert hash(One(1)) == hash(One(1))
    assert len({hash(One(1)), hash(One(2)), hash(Two(1))}) == 3


def test_a_field_that_cannot_be_deleted_is_named() -> None:
    class One(Record):
        value: int

    with pytest.raises(AttributeError, match="instead of changing 'value'"):
        del One(1).value


def _all(cls: type[Record]) -> set[type[Record]]:
    below = {each for direct in cls.__subclasses__() for each in _all(direct)}
    return below | set(cls.__subclasses__())


def test_what_is_masked_is_a_field() -> None:
    """A name that is misspelled in ``_masked`` would mask nothing."""
    root = Path(sigv4.__path__[0]).parent
    for file in (*root.glob("sigv4/**/*.py"), *root.glob("sagemaker_api/**/*.py")):
        if "    _masked = (" in file.read_text("utf-8"):
            importlib.import_module(".".join(file.relative_to(root).with_suffix("").parts))
    masking = {cls for cls in _all(Record) if cls._masked and cls.__module__ != __name__}
    assert len(masking) > 8
    assert [cls for cls in masking if not set(cls._masked) <= set(cls.field_names)] == []


def test_parts_of_a_signature_are_not_shown() -> None:
    headers = {"X-Amz-Meta-A": "THE-HEADER", "X-Amz-Security-Token": "THE-TOKEN"}
    pairs = (
        *Signer("s3", "us-east-1", KEYS)
        .sign("PUT", "https://h.example/a?b=THE-QUERY", headers, b"THE-BODY")
        .items(),
    )
    examined = examine("PUT", "/a?b=THE-QUERY", pairs, b"THE-BODY", KEYS, None)
    for shown in map(repr, (examined, examined.draft, examined.evidence)):
        assert "THE-" not in shown
        assert repr(examined.draft.key) not in shown
