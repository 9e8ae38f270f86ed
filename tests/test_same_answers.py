"""The same odd value gets the same answer wherever it is given."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from http.client import HTTPMessage
from io import BytesIO
from typing import Any

import pytest

from sagemaker_api import ParamValidationError, SageMaker
from sagemaker_api.cli.parameter_flags import _json
from sagemaker_api.local.iam.policy import Policy
from sagemaker_api.transports.httpx import AsyncHttpxTransport, HttpxTransport
from sagemaker_api.transports.stdlib import AsyncStdlibTransport, StdlibTransport
from sigv4 import ConfigError, Credentials, CredentialsError, SigningError, VerificationError
from sigv4.adapters.asgi_bodies import check_length, check_received
from sigv4.adapters.hop_signer import is_one_of, origin_of, parse_origins
from sigv4.adapters.urllib import SigV4Handler
from sigv4.auditing.captures import captures
from sigv4.cli import main
from sigv4.diagnosis.diagnose import diagnose
from sigv4.headers import length_of
from sigv4.network.connection import check_declared_length
from sigv4.network.deadline_socket import ExchangeError
from sigv4.network.tls import tls_context
from sigv4.payload import Payload
from sigv4.providers.environment import find
from sigv4.request import Request, Response
from sigv4.signer import Signer
from sigv4.target import encode_path, encode_query, split_url
from sigv4.verifier import Verifier

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SIGNER = Signer("s3", "us-east-1", KEYS)
URL = "https://h.example/"


def refused(ask: Callable[[], object]) -> str:
    with pytest.raises((SigningError, ConfigError, ParamValidationError)) as raised:
        ask()
    return str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h.example/",
        "s3://bucket/",
        "https://h.example:0/",
        "https://h.example:99999/",
        "https:///x",
        " https://h.example/",
        r"https://evil.example\@h.example/",
        "https://hü.example/",
    ],
)
def test_what_is_not_a_url_is_refused_with_one_text(url: str) -> None:
    said = refused(lambda: split_url(url))
    assert refused(lambda: SIGNER.sign("GET", url)) == said
    assert refused(lambda: SIGNER.presign("GET", url, expires=1)) == said
    assert refused(lambda: origin_of(url)) == said
    assert refused(lambda: parse_origins(url)) == said
    assert not is_one_of(url, parse_origins(URL))
    assert refused(lambda: SageMaker("us-east-1", endpoint_url=url)) == f"Invalid endpoint (argument): {said}"


def test_a_redirect_of_urllib_to_another_scheme_leaves_the_origin() -> None:
    handler = SigV4Handler(SIGNER)
    first = urllib.request.Request(URL)
    handler.http_request(first)
    hop: Any = handler.redirect_request(first, BytesIO(), 302, "Found", HTTPMessage(), "ftp://h.example/x")
    assert hop.sigv4_left_it


def test_an_origin_with_a_password_is_not_shown() -> None:
    said = refused(lambda: parse_origins("https://user:marker@h.example"))
    assert "marker" not in said
    assert "expected scheme, host and port" in said


@pytest.mark.parametrize("verb", ["sign", "presign", "send"])
@pytest.mark.parametrize("url", ["h.example", "https:h.example/", "javascript:alert(1)", ""])
def test_text_without_a_scheme_is_refused_as_the_signer_refuses_it(
    verb: str, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([verb, url, "--service", "s3", "--region", "us-east-1"]) == 2
    assert capsys.readouterr().err == f"sigv4: {refused(lambda: SIGNER.sign('GET', url))}\n"


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("--data", ""),
        ("--header", "'--' has no colon"),
        ("--expires", "'--': expected whole"),
        ("--algorithm", "choice: '--'"),
    ],
)
def test_two_hyphens_are_a_value_of_a_flag(
    flag: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "secret")):
        monkeypatch.setenv(name, value)
    try:
        code = main(["presign", URL, "--service", "iam", "--region", "us-east-1", f"{flag}=--"])
    except SystemExit as end:
        code = int(str(end.code))
    assert code == (2 if said else 0)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("region", ["useast1", "US-EAST-1", "us-east-1a", "us-west-2-lax-1"])
def test_sts_4_a_misspelt_region_is_refused_by_the_client_as_by_the_signer(region: str) -> None:
    said = refused(lambda: SageMaker(region)).removeprefix("argument: ")
    assert refused(lambda: Signer("sagemaker", region, KEYS)).startswith(f"{said}. Use that; ")


def test_sts_4_a_prefix_alone_is_not_a_region_of_aws() -> None:
    assert Signer("sagemaker", "fips-", KEYS).region == "fips-"


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\r\n", "\xa0"])
def test_white_space_around_a_variable_does_not_count(
    blank: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": KEYS.access_key_id, "AWS_SECRET_ACCESS_KEY": KEYS.secret_access_key}
    assert find({name: f"{blank}{value}{blank}" for name, value in keys.items()}) == KEYS
    for name, value in {**keys, "AWS_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, f"{blank}{value}{blank}")
    assert SageMaker().meta.region_name == "eu-west-1"
    assert main(["sign", URL, "--service", "s3"]) == 0
    assert "/eu-west-1/s3/aws4_request" in capsys.readouterr().out


@pytest.mark.parametrize("value", ["true", "false", 1, 0, "x"])
@pytest.mark.parametrize("name", ["use_fips_endpoint", "use_dualstack_endpoint"])
def test_a_switch_is_true_or_false(name: str, value: Any) -> None:
    said = refused(lambda: SageMaker("us-east-1", **{name: value}))
    assert said == f"{name}={value!r}: expected True, False or None"


@pytest.mark.parametrize("verify", ["", "/no/such/bundle.pem", 0, 1, b"x"])
def test_a_wrong_ca_bundle_has_one_text(verify: Any) -> None:
    said = refused(lambda: tls_context(verify))
    assert refused(lambda: SageMaker("us-east-1", verify=verify)) == said
    for kind in (HttpxTransport, StdlibTransport, AsyncHttpxTransport, AsyncStdlibTransport):
        assert refused(partial(kind, verify=verify)) == said


def test_a_number_of_attempts_has_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refused(lambda: SageMaker("us-east-1", max_attempts=-(10**5000)))
    assert said.startswith("argument: max_attempts is a very long number: expected ")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "0")
    assert (
        refused(lambda: SageMaker("us-east-1")).partition(": expected ")[2]
        == said.partition(": expected ")[2]
    )
    assert "a very long number" in refused(lambda: SageMaker("us-east-1", deadline=10**5000))


NOT_JSON = {
    "nested too deeply": "[" * 100_000 + "]" * 100_000,
    "a number has too many digits": "9" * 5000,
}


@pytest.mark.parametrize(("fault", "text"), NOT_JSON.items())
def test_json_that_python_cannot_read_has_one_text(fault: str, text: str) -> None:
    document = f'{{"log": {{"entries": [{text}]}}}}'
    for raw in (document, f'{{"method": {text}}}'):
        assert fault in refused(partial(list, captures(BytesIO(raw.encode()))))
    assert fault in refused(lambda: Policy.parse(f'{{"Statement": {text}}}'))
    with pytest.raises(ValueError, match=fault):
        _json(text, "--cli-input-json")


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), float("-inf")])
def test_a_clock_without_a_time_signs_nothing_and_accepts_nothing(seconds: float) -> None:
    signed = SIGNER.sign("GET", URL)
    url = SIGNER.presign("GET", URL, expires=60)
    verifier = Verifier("s3", "us-east-1", lambda claim: KEYS, clock=lambda: seconds)
    said = refused(lambda: Signer("s3", "us-east-1", KEYS, clock=lambda: seconds).sign("GET", URL))
    assert said.endswith(" is outside the years 1 to 9999: give epoch seconds")
    for request in (("GET", URL, signed), ("GET", url, {"Host": "h.example"})):
        assert refused(partial(verifier.verify, *request)).endswith(said[-50:])
    if seconds != seconds:
        with pytest.raises(CredentialsError, match="expires_at is epoch seconds or None, not NaN"):
            Credentials("AKID", "secret", expires_at=seconds)


@pytest.mark.parametrize("headers", [5, None, [("x-a", None)], [(1, "b")], {"x-a": 1}, [("x-a",)], dict])
def test_what_cannot_be_headers_is_refused_and_not_a_traceback(headers: Any) -> None:
    assert "header" in refused(lambda: SIGNER.sign("GET", URL, headers))
    assert "header" in refused(lambda: SIGNER.explain("GET", URL, headers))
    assert refused(lambda: Request("GET", URL, headers)) == refused(lambda: Response(403, headers))
    assert refused(lambda: Request("GET", URL, headers)) == refused(lambda: diagnose("GET", URL, headers))
    with pytest.raises(VerificationError, match=r"^BadRequest"):
        Verifier("s3", "us-east-1", lambda claim: KEYS).verify("GET", URL, headers)


HUGE = pytest.param(10**5000, id="huge")  # a number that Python refuses to show


@pytest.mark.parametrize("odd", [None, b"/", 5, HUGE])
def test_a_method_or_url_that_is_not_text_has_one_text(odd: Any) -> None:
    verifier = Verifier("s3", "us-east-1", lambda claim: KEYS)
    for method, url in ((odd, URL), ("GET", odd)):
        said = refused(partial(SIGNER.sign, method, url))
        assert refused(partial(SIGNER.presign, method, url, expires=1)) == said
        assert refused(partial(SIGNER.explain, method, url)) == said
        assert refused(partial(SIGNER.explain, method, url, raw_target=True)) == said
        assert refused(partial(diagnose, method, url, ())) == said
        with pytest.raises(VerificationError, match=r"^BadRequest"):
            verifier.verify(method, url, ())


@pytest.mark.parametrize("odd", [b"s3", 5, HUGE, "s3", {}])
def test_what_is_not_a_dialect_or_credentials_is_refused_by_every_class(odd: Any) -> None:
    said = refused(lambda: Signer("s3", "us-east-1", KEYS, dialect=odd))
    assert said.startswith(f"dialect is {type(odd).__name__}: expected a Dialect")
    assert refused(lambda: Verifier("s3", "us-east-1", lambda claim: KEYS, dialect=odd)) == said
    assert refused(lambda: diagnose("GET", URL, (), dialect=odd)) == said
    for ask in (partial(diagnose, "GET", URL, (), credentials=odd), partial(Signer, "s3", "us-east-1", odd)):
        assert refused(ask).startswith(f"credentials is {type(odd).__name__}: expected Credentials")


@pytest.mark.parametrize("odd", [None, "1", b"1", [], {}])
def test_a_clock_that_returns_no_number_has_one_text(odd: Any) -> None:
    said = refused(lambda: Signer("s3", "us-east-1", KEYS, clock=lambda: odd).sign("GET", URL))
    assert said == f"the clock returned {type(odd).__name__}: expected epoch seconds"
    verifier = Verifier("s3", "us-east-1", lambda claim: KEYS, clock=lambda: odd)
    assert refused(lambda: verifier.verify("GET", URL, SIGNER.sign("GET", URL))) == said


@pytest.mark.parametrize("odd", [5, b"x", [1], HUGE])
def test_an_argument_of_the_client_that_is_not_text_or_an_object_is_refused(odd: Any) -> None:
    client = SageMaker("us-east-1", credentials=KEYS)
    asked: list[Callable[[], object]] = [
        lambda: SageMaker(odd),
        lambda: SageMaker("us-east-1", profile_name=odd),
        lambda: client.call(odd),
        lambda: client.call("ListNotebookInstances", odd),
        lambda: client.get_paginator("list_notebook_instances").paginate(PaginationConfig=odd),
        lambda: Policy.parse(odd),
    ]
    for ask in asked:
        assert refused(ask)


@pytest.mark.parametrize("odd", [5, None, "x", ["x"], [("a", "b", "c")]])
def test_what_cannot_be_trailers_is_refused_and_a_mapping_is_not(odd: Any) -> None:
    assert "trailers are" in refused(lambda: SIGNER.stream("PUT", URL, length=1, trailers=odd))
    for trailers in ({"x-amz-meta-a": "b"}, [("x-amz-meta-a", "b")]):
        upload = SIGNER.stream("PUT", URL, length=1, trailers=trailers)
        assert upload.headers["X-Amz-Trailer"] == "x-amz-meta-a"


@pytest.mark.parametrize("odd", [None, 5, b"\xff", HUGE])
def test_only_text_can_be_escaped(odd: Any) -> None:
    said = refused(lambda: encode_path(odd))
    assert refused(lambda: encode_query({"a": odd})) == refused(lambda: encode_query([(odd, "a")])) == said


@pytest.mark.parametrize("raw", ["GET / HTTP/1.1\r\n\r\n", None, 5])
def test_a_raw_message_is_bytes(raw: Any) -> None:
    said = refused(lambda: Request.parse(raw))
    assert said == refused(lambda: Response.parse(raw))
    assert said == f"the message is {type(raw).__name__}: expected the bytes that were sent"


def test_an_empty_host_has_one_text() -> None:
    said = refused(lambda: SIGNER.sign("GET", URL, {"Host": ""}))
    assert refused(lambda: SIGNER.presign("GET", URL, {"Host": ""}, expires=1)) == said


@pytest.mark.parametrize("path", ["%", "%zz", "%e", "a%%20"])
def test_a_broken_escape_is_refused_when_the_client_is_made(path: str) -> None:
    said = refused(lambda: SIGNER.sign("GET", URL + path))
    assert (
        refused(lambda: SageMaker("us-east-1", endpoint_url=URL + path))
        == f"Invalid endpoint (argument): {said}"
    )


@pytest.mark.parametrize(
    ("text", "length"),
    [("0", 0), ("5", 5), ("0" * 16 + "5", 5), ("9" * 16, 10**16 - 1), ("9" * 5000, 10**18 - 1)]
    + [(text, None) for text in ("", "-1", "+5", "5,5", " 5", "5_0", "0x5", "1e3", "²", "٣", "5²")],
)
def test_a_declared_length_is_read_in_one_way(text: str, length: int | None) -> None:
    assert length_of(text) == length
    too_large = length is not None and length > 10
    for check, error in ((check_declared_length, ExchangeError), (check_length, VerificationError)):
        with pytest.raises(error) if too_large else nullcontext():
            check(text, 10)
    with nullcontext() if length == 5 else pytest.raises(VerificationError):
        check_received(text, 5)
    if text and text.isascii() and text == text.strip():
        literal = Payload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
        named = {"x-amz-decoded-content-length": text}
        verifier = Verifier("s3", "us-east-1", lambda claim: KEYS)
        signed = SIGNER.sign("PUT", URL, named, literal)
        with (
            pytest.raises(VerificationError, match="MissingContentLength")
            if length is None
            else nullcontext()
        ):
            verifier.verify_stream("PUT", URL, signed)
