"""Runs every input with one signer, and checks the captured request."""

from __future__ import annotations

from typing import NamedTuple

from tests.capture import OK, Captured, CapturingServer
from tests.interop.comparison.inputs import INPUTS, Input
from tests.interop.comparison.judge import by_awscrt, by_verifier
from tests.interop.comparison.sending import NotApplicable, Peer


class Verdict(NamedTuple):
    """The result of one input with one signer: the ``mark`` in the table, and ``why`` as text."""

    mark: str
    why: str


RIGHT, REWRITTEN, WRONG, REFUSED, SPLIT, NOT_APPLICABLE = "ok", "ok*", "wrong", "refused", "split", "n/a"


def verdicts(peer: Peer) -> dict[str, Verdict]:
    with CapturingServer(_answer) as server:
        return {input_.id: _verdict(peer, input_, server) for input_ in INPUTS}


def _answer(captured: Captured) -> bytes:
    return OK


def _verdict(peer: Peer, input_: Input, server: CapturingServer) -> Verdict:
    server.captured.clear()
    try:
        peer(input_, server.origin)
    except NotApplicable as error:
        return Verdict(NOT_APPLICABLE, str(error))
    except Exception as error:  # noqa: BLE001 (the other signer may raise anything)
        if not server.captured:
            return Verdict(REFUSED, f"{type(error).__name__}: {error}"[:200])
    if not server.captured:
        return Verdict(REFUSED, "nothing was sent")
    return judged(input_, server.captured[0])


def judged(input_: Input, captured: Captured) -> Verdict:
    verifier, awscrt = by_verifier(input_, captured), by_awscrt(input_, captured)
    if verifier and awscrt == "":
        return Verdict(SPLIT, f"awscrt makes this signature; Verifier: {verifier}")
    if verifier:
        return Verdict(WRONG, f"Verifier: {verifier}; awscrt: {awscrt or 'cannot say'}")
    if awscrt:
        return Verdict(SPLIT, f"Verifier accepts it; awscrt: {awscrt}")
    asked = input_.target.partition("#")[0]
    same = captured.target == asked or (input_.expires is not None and _begins_as(captured.target, asked))
    if not same or captured.body != (input_.body or b""):
        return Verdict(REWRITTEN, f"sent {captured.target[:120]}")
    return Verdict(RIGHT, "")


def _begins_as(target: str, asked: str) -> bool:
    """Whether a presigned target has the path and every parameter of the input."""
    path, _, query = asked.partition("?")
    sent_path, _, sent_query = target.partition("?")
    sent = sent_query.split("&")
    return path == sent_path and all(part in sent for part in query.split("&") if part)
