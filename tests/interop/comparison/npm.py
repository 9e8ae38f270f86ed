"""Signers from npm: one Node process signs all inputs, and Python sends the signed requests to ``origin``."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

from tests.interop import node
from tests.interop.comparison.inputs import INPUTS, Input
from tests.interop.comparison.judge import KEY_ID, REGION, SECRET
from tests.interop.comparison.sending import NotApplicable, host_of, send_exactly, unique_headers

Question = Callable[[Input, str], dict[str, Any]]  # makes a question to tests/interop/node/bridge.mjs


def _keys(input_: Input) -> dict[str, str]:
    keys = {"accessKeyId": KEY_ID, "secretAccessKey": SECRET}
    return keys | ({"sessionToken": input_.token} if input_.token else {})


@cache
def _node_answers(question: Question, origin: str) -> dict[str, dict[str, Any]]:
    """The results of a signer from npm for all inputs that it accepts, by id, from one Node process."""
    asked: dict[str, dict[str, Any]] = {}
    for input_ in INPUTS:
        with suppress(NotApplicable):
            asked[input_.id] = question(input_, origin)
    return dict(zip(asked, node.ask(asked.values()), strict=True))


def _node_answer(question: Question, input_: Input, origin: str) -> dict[str, Any]:
    answer = _node_answers(question, origin).get(input_.id)
    if answer is None:
        question(input_, origin)  # says why it is not applicable
        raise LookupError(f"{input_.id} is not one of INPUTS")
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer


def _aws4_question(input_: Input, origin: str) -> dict[str, Any]:
    if input_.body_kind in ("file", "generator") or (input_.body and not _is_text(input_.body)):
        raise NotApplicable("a body is text")
    path = input_.target.partition("#")[0]
    if input_.expires is not None:
        path += f"{'&' if '?' in path else '?'}X-Amz-Expires={input_.expires}"
    return {
        "op": "aws4.sign",
        "service": input_.service,
        "region": REGION,
        "credentials": _keys(input_),
        "method": input_.method,
        "host": host_of(origin),
        "path": path,
        "headers": unique_headers(input_),
        "body": (input_.body or b"").hex(),
        "signQuery": input_.expires is not None,
    }


def aws4(input_: Input, origin: str) -> None:
    answer = _node_answer(_aws4_question, input_, origin)
    headers = [(name, str(value)) for name, value in answer["headers"].items()]
    send_exactly(origin, input_.method, answer["path"], headers, input_.body or b"")


def _smithy_question(input_: Input, origin: str) -> dict[str, Any]:
    if input_.body_kind in ("file", "generator"):
        raise NotApplicable("a body is bytes")
    path, _, query_text = input_.target.partition("#")[0].partition("?")
    query: dict[str, list[str] | str] = {}
    for part in query_text.split("&"):
        if part:
            name, _, value = part.partition("=")
            known = query.setdefault(unquote(name), [])
            assert isinstance(known, list)
            known.append(unquote(value))
    query = {name: values[0] if len(values) == 1 else values for name, values in query.items()}
    s3 = input_.service == "s3"
    headers = {
        "host": host_of(origin),
        **{name.lower(): value for name, value in unique_headers(input_).items()},
    }
    if s3 and input_.expires is not None:
        headers["X-Amz-Content-Sha256"] = "UNSIGNED-PAYLOAD"  # its S3 presigner does the same
    return {
        "op": "smithy.sign" if input_.expires is None else "smithy.presign",
        "service": input_.service,
        "region": REGION,
        "credentials": _keys(input_),
        "date": int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000),
        "method": input_.method,
        "host": host_of(origin),
        "path": path,
        "query": query,
        "headers": headers,
        "body": (input_.body or b"").hex(),
        "s3": s3,
        "expires": input_.expires,
    }


def smithy(input_: Input, origin: str) -> None:
    answer = _node_answer(_smithy_question, input_, origin)
    if "query" in answer:
        path = input_.target.partition("#")[0].partition("?")[0]
        pairs = list(_flat(answer["query"]))
        target = path + "?" + "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in pairs)
        send_exactly(origin, input_.method, target, [("host", host_of(origin))], b"")
        return
    send_exactly(
        origin, input_.method, input_.target.partition("#")[0], answer["headers"].items(), input_.body or b""
    )


def _flat(query: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, values in query.items():
        for value in values if isinstance(values, list) else [values]:
            yield name, str(value)


def _escaped(text: str) -> str:
    """A parameter in the form that @smithy/querystring-builder writes."""
    return quote(text, safe="-._~")


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
