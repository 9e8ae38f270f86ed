"""Loads the vectors of ``fixtures/vectors``; the README there describes them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import sigv4
from sigv4.scope import parse_timestamp

FOLDER = Path(__file__).parents[1] / "fixtures" / "vectors"
SIGNING_FILES = ("signing.json", "signing_s3.json")
REQUEST_FILES = (*SIGNING_FILES, "presigning.json")


class Vector:
    """One vector of a request; its input is in the form of arguments for ``Signer``, ``sign`` or ``presign``."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.id: str = data["id"]
        self.flags: list[str] = data["flags"]
        self.input: dict[str, Any] = data["input"]
        self.expect: dict[str, Any] = data["expect"]

    def __repr__(self) -> str:
        return self.id

    @property
    def at(self) -> int:
        return parse_timestamp(self.input["at"])

    @property
    def credentials(self) -> sigv4.Credentials:
        return credentials_of(self.input)

    @property
    def headers(self) -> list[tuple[str, str | bytes]]:
        return [
            (name, value if value.isascii() else value.encode("utf-8"))
            for name, value in self.input["headers"]
        ]

    @property
    def body(self) -> bytes | str | None:
        body = self.input["body"]
        return base64.b64decode(body["base64"]) if isinstance(body, dict) else body

    @property
    def request(self) -> tuple[str, str, list[tuple[str, str | bytes]], bytes | str | None]:
        return self.input["method"], self.input["url"], self.headers, self.body

    def signer(self) -> sigv4.Signer:
        return sigv4.Signer(self.input["service"], self.input["region"], self.credentials)


def credentials_of(given: dict[str, Any]) -> sigv4.Credentials:
    return sigv4.Credentials(
        given["access_key_id"],
        given["secret_access_key"],
        given["session_token"],
        token_name=given.get("token_name", "X-Amz-Security-Token"),
    )


def read(file: str) -> list[dict[str, Any]]:
    vectors: list[dict[str, Any]] = json.loads((FOLDER / file).read_text("utf-8"))["vectors"]
    return vectors


def is_received(data: dict[str, Any]) -> bool:
    """Whether the vector is a received request, which a verifier must refuse or accept."""
    return "target" in data["input"]


def signing_vectors() -> list[Vector]:
    return [Vector(data) for file in SIGNING_FILES for data in read(file) if not is_received(data)]


def presigning_vectors() -> list[Vector]:
    return [Vector(data) for data in read("presigning.json") if not is_received(data)]


def received_vectors() -> list[dict[str, Any]]:
    return [data for file in REQUEST_FILES for data in read(file) if is_received(data)]
