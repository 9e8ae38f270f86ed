"""``sagemaker-api demo``: shows all steps from a call to an open notebook, on this machine only."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from http import HTTPStatus
from http.client import HTTPConnection

from sigv4.claim import Verified
from sigv4.errors import VerificationError
from sigv4.explanation import Explanation
from sigv4.network.time_limits import TimeLimits
from sigv4.request import Request, Response
from sigv4.scope import parse_timestamp
from sigv4.signer import Signer
from sigv4.target import split_url

from ..client import SageMaker
from ..errors import ProtocolError
from ..transports.stdlib import StdlibTransport

NAME = "demo"
SUMMARY = "request and open a URL at a local endpoint, and show every step"
DESCRIPTION = """\
Starts a local SageMaker on a free port, asks it for a URL, shows each step of the signature and of the
exchange, then opens the URL. Uses AWS's documented example credentials; nothing leaves this machine."""
EXAMPLE = """\
example:
  python3 -m sagemaker_api demo"""

_REGION = "us-east-1"


class _Recorder(StdlibTransport):
    """A transport that records requests and responses."""

    def __init__(self) -> None:
        super().__init__()
        self.exchanges: list[tuple[Request, Response]] = []

    def send(self, request: Request, limits: TimeLimits) -> Response:
        response = super().send(request, limits)
        self.exchanges.append((request, response))
        return response


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--notebook-instance-name", default="my-notebook", metavar="NAME")


def run(options: Namespace) -> int:
    from ..local import (
        EXAMPLE as CREDENTIALS,  # loaded here, so that other verbs start faster
        LocalSageMaker,
    )
    from .serving import verdict_text

    verdicts: list[Verified | VerificationError] = []
    name = options.notebook_instance_name
    with LocalSageMaker({name: "InService"}, region=_REGION, on_verdict=verdicts.append) as local:
        recorder = _Recorder()
        with (
            recorder,
            SageMaker(
                region_name=_REGION, endpoint_url=local.url, credentials=CREDENTIALS, transport=recorder
            ) as client,
        ):
            url = client.create_presigned_notebook_instance_url(
                NotebookInstanceName=name, SessionExpirationDurationInSeconds=3600
            )["AuthorizedUrl"]
        request, response = recorder.exchanges[-1]
        explanation = _explain(request)
        print(f"A local SageMaker listens on {local.url}; it shares no state with the client.")
        _section("1  Canonical request", explanation.canonical_request)
        _section("2  String to sign", explanation.string_to_sign)
        _section("3  The request, signed by the client (Authorization is one line)", _request_text(request))
        _section("4  The endpoint's verifier", verdict_text(verdicts[-1]))
        _section("5  The answer", _response_text(response))
        _section("6  The URL: a password, valid for 5 minutes", str(url))
        _section("7  The URL, opened", _opened(url))
    return 0


def _explain(request: Request) -> Explanation:
    """The steps for the request that was sent: its headers are signed again with its time.

    Raises ProtocolError if they do not give the Authorization header that was sent.
    """
    from ..local import EXAMPLE as CREDENTIALS

    sent = {name.lower(): value for name, value in request.headers}
    names = str(sent["authorization"]).partition("SignedHeaders=")[2].partition(",")[0].split(";")
    signed = {name: sent[name] for name in names}
    at = parse_timestamp(str(sent["x-amz-date"]))
    explanation = Signer("sagemaker", _REGION, CREDENTIALS).explain(
        request.method, request.url, signed, request.body, at=at
    )
    if explanation.authorization != sent["authorization"]:
        raise ProtocolError(
            "the steps of the signature do not lead to the Authorization header that was sent"
        )
    return explanation


def _request_text(request: Request) -> str:
    head = [f"{request.method} {split_url(request.url).path} HTTP/1.1"]
    for name, value in request.headers:
        shown = str(value).replace(" ", "\n  ") if name == "Authorization" else value
        head.append(f"{name}: {shown!s}")
    return "\n".join([*head, "", request.body.decode("utf-8")])


def _response_text(response: Response) -> str:
    head = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    head += [f"{name}: {value!s}" for name, value in response.headers]
    return "\n".join([*head, "", response.body.decode("utf-8").replace('":"', '":\n  "')])


def _opened(url: str) -> str:
    """Opens the URL as a browser does: follows the redirect, keeps the cookie, reads the page."""
    parts = split_url(url)
    connection = HTTPConnection(parts.host, parts.port, timeout=5)
    try:
        connection.request("GET", parts.target)
        first = connection.getresponse()
        first.read()
        location, cookie = first.headers["Location"], first.headers["Set-Cookie"]
        connection.request("GET", location, headers={"Cookie": cookie.partition(";")[0]})
        second = connection.getresponse()
        page = second.read().decode("utf-8")
    finally:
        connection.close()
    name, _, flags = cookie.partition("=")
    flags = flags.partition("; ")[2]
    return (
        f"GET with the token   {first.status}, to {location}\n"
        f"                     sets the cookie {name}\n"
        f"                     {flags}\n"
        f"GET with the cookie  {second.status}\n\n{page.rstrip()}"
    )


def _section(title: str, text: str) -> None:
    print(f"\n{title}\n")
    for line in text.split("\n"):
        print(f"    {line}".rstrip())
