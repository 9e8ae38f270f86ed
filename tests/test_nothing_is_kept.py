"""The arguments of a call are freed after the call: no module keeps them."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Callable

import pytest

from sigv4 import Credentials, Signer, Verifier, diagnose
from tests.test_architecture import MODULES

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
URL = "https://h.example/"
BODY = b'{"a": "' + b"b" * 1000 + b'"}\n'
SIGNED = Signer("sagemaker", "us-east-1", KEYS).sign("POST", URL, {}, BODY)
WRONG = {**SIGNED, "Authorization": SIGNED["Authorization"][:-4] + "0000"}
VERIFIER = Verifier("sagemaker", "us-east-1", lambda claim: KEYS)

# Functions whose results Python keeps, each for values that are not a user's: parsers without input, and
# the syntax tree of one file of this package.
CACHED = {
    ("sigv4.cli", "_parser"),
    ("sagemaker_api.cli", "_parser"),
    ("sigv4.vendoring.dead_code", "_facts_of"),
}


def test_no_function_or_module_keeps_what_it_was_given() -> None:
    cached, rebound = set(), set()
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                names = " ".join(map(ast.unparse, node.decorator_list))
                if "cache" in names:
                    cached.add((module, node.name))
            elif isinstance(node, ast.Global):
                rebound.add(module)
    assert cached == CACHED
    assert rebound == {"sigv4.scope"}  # the last timestamp, of 16 characters, and its day


@pytest.mark.parametrize(
    "call",
    [
        lambda body: diagnose("POST", URL, WRONG, body, credentials=KEYS),
        lambda body: diagnose("POST", URL, SIGNED, body, credentials=KEYS),
        lambda body: Signer("sagemaker", "us-east-1", KEYS).explain("POST", URL, {}, body),
        lambda body: VERIFIER.verify("POST", URL, SIGNED, body),
    ],
    ids=["diagnose, wrong", "diagnose, right", "explain", "verify"],
)
def test_a_body_is_free_after_the_call(call: Callable[[bytes], object]) -> None:
    body = BODY[:-1] + b"\n"
    before = sys.getrefcount(body)
    call(body)
    gc.collect()
    assert sys.getrefcount(body) == before
