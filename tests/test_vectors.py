"""The vectors of fixtures/vectors: each is well formed, and the package reproduces every stage of it."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest

from sigv4 import SigningError, Verifier
from sigv4.scope import Scope
from sigv4.v4 import derive
from tests import oracle
from tests.vectors import FOLDER, SIGNING_FILES, Vector, read, signing_vectors

KINDS = {"published", "agreed", "negative"}
FLAGS = KINDS | {"path", "query", "header", "host", "body", "token", "key", "sagemaker"}
INPUT = {
    "method", "url", "headers", "body", "service", "region",
    "access_key_id", "secret_access_key", "session_token", "at",
}  # fmt: skip
STAGES = ["canonical_request", "canonical_request_sha256", "string_to_sign", "signature", "authorization"]
REPAIRED = {
    "method": "GET",
    "url": "https://example.amazonaws.com/",
    "headers": [],
    "service": "iam",
    "region": "us-east-1",
}

ALL = [(file.name, data) for file in sorted(FOLDER.glob("*.json")) for data in read(file.name)]
SIGNING = [pytest.param(vector, id=vector.id) for vector in signing_vectors()]
POSITIVE = [param for param in SIGNING if "negative" not in param.values[0].flags]
NEGATIVE = [param for param in SIGNING if "negative" in param.values[0].flags]


def test_ids_are_unique() -> None:
    ids = [data["id"] for _, data in ALL]
    assert sorted(set(ids)) == sorted(ids)


def test_the_readme_names_every_flag_and_file() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    assert [flag for flag in FLAGS if f"`{flag}`" not in text] == []
    assert [path.name for path in FOLDER.glob("*.json") if f"`{path.name}`" not in text] == []


@pytest.mark.parametrize("name", [path.name for path in sorted(FOLDER.glob("*.json"))])
def test_files_are_in_their_one_layout(name: str) -> None:
    text = (FOLDER / name).read_bytes().decode("utf-8")
    data = json.loads(text)
    assert list(data) == ["schema", "vectors"]
    assert data["schema"] == 1
    assert text == json.dumps(data, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(("file", "data"), ALL, ids=[data["id"] for _, data in ALL])
def test_a_vector_is_well_formed(file: str, data: dict[str, Any]) -> None:
    assert list(data) == ["id", "flags", "notes", "source", "input", "expect"]
    assert re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", data["id"])
    assert set(data["flags"]) <= FLAGS
    assert len(KINDS.intersection(data["flags"])) == 1
    assert data["notes"].endswith(".")
    assert data["source"]
    if file not in SIGNING_FILES:
        return
    assert set(data["input"]) == INPUT
    assert re.fullmatch(r"\d{8}T\d{6}Z", data["input"]["at"])
    if "negative" in data["flags"]:
        assert list(data["expect"]) == ["error"]
        assert list(data["expect"]["error"]) == ["stage", "text"]
        assert data["expect"]["error"]["stage"] in REPAIRED
        return
    assert [stage for stage in data["expect"] if stage != "signing_key"] == STAGES
    _assert_stages_follow_from_each_other(data["input"], data["expect"])


def _assert_stages_follow_from_each_other(given: dict[str, Any], expect: dict[str, Any]) -> None:
    """Each expected stage is the one before it, by the rules; so a typing error in one is found."""
    digest = hashlib.sha256(expect["canonical_request"].encode("utf-8")).hexdigest()
    assert digest == expect["canonical_request_sha256"]
    names = expect["canonical_request"].split("\n")[-2]
    scope = f"{given['at'][:8]}/{given['region']}/{given['service']}/aws4_request"
    assert expect["string_to_sign"] == f"AWS4-HMAC-SHA256\n{given['at']}\n{scope}\n{digest}"
    assert expect["authorization"] == (
        f"AWS4-HMAC-SHA256 Credential={given['access_key_id']}/{scope}, SignedHeaders={names}, "
        f"Signature={expect['signature']}"
    )


@pytest.mark.parametrize("vector", POSITIVE)
def test_every_stage_is_reproduced_in_order(vector: Vector) -> None:
    expect = vector.expect
    explanation = vector.signer().explain(*vector.request, at=vector.at)
    assert explanation.canonical_request_bytes == expect["canonical_request"].encode("utf-8")
    assert explanation.canonical_request == expect["canonical_request"]
    digest = hashlib.sha256(explanation.canonical_request_bytes).hexdigest()
    assert digest == expect["canonical_request_sha256"]
    assert explanation.string_to_sign == expect["string_to_sign"]
    if "signing_key" in expect:
        given = vector.input
        scope = Scope(given["at"][:8], given["region"], given["service"])
        assert derive(given["secret_access_key"], scope)[-1].hex() == expect["signing_key"]
    assert explanation.signature == expect["signature"]
    assert explanation.authorization == expect["authorization"]
    assert vector.signer().sign(*vector.request, at=vector.at) == explanation.headers


@pytest.mark.parametrize("vector", POSITIVE)
def test_a_reproduced_request_verifies(vector: Vector) -> None:
    method, url, _, body = vector.request
    headers = vector.signer().sign(*vector.request, at=vector.at)
    given = vector.input
    verifier = Verifier(
        given["service"], given["region"], lambda claim: vector.credentials, clock=lambda: vector.at
    )
    assert verifier.verify(method, url, headers, body).access_key_id == given["access_key_id"]


@pytest.mark.parametrize("vector", POSITIVE)
def test_the_oracle_of_the_tests_finds_the_same_canonical_request(vector: Vector) -> None:
    headers = [(name.encode(), _bytes(value)) for name, value in _sent(vector)]
    host, _, target = vector.input["url"].split("//", 1)[1].partition("/")
    body = _bytes(vector.body or b"")
    found = oracle.parts(
        vector.input["method"].encode(),
        b"/" + target.encode(),
        headers,
        body,
        s3=vector.input["service"] == "s3",
    )
    assert host == dict(headers)[b"Host"].decode()
    assert found.canonical_request.decode("utf-8") == vector.expect["canonical_request"]


def _sent(vector: Vector) -> list[tuple[str, str | bytes]]:
    """The request as sent, put together from the vector alone."""
    given = vector.input
    sent: list[tuple[str, str | bytes]] = [
        *vector.headers,
        ("Host", given["url"].split("/")[2]),
        ("X-Amz-Date", given["at"]),
        ("Authorization", vector.expect["authorization"]),
    ]
    if given["session_token"]:
        sent.append(("X-Amz-Security-Token", given["session_token"]))
    if given["service"] == "s3":
        sent.append(("X-Amz-Content-SHA256", hashlib.sha256(_bytes(vector.body or b"")).hexdigest()))
    return sent


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8")


@pytest.mark.parametrize("vector", NEGATIVE)
def test_a_negative_is_refused_for_its_stage_alone(vector: Vector) -> None:
    error = vector.expect["error"]
    with pytest.raises(SigningError) as caught:
        vector.signer().sign(*vector.request, at=vector.at)
    assert error["text"] in str(caught.value)
    repaired = Vector({**vector.data, "input": {**vector.input, error["stage"]: REPAIRED[error["stage"]]}})
    assert "Authorization" in repaired.signer().sign(*repaired.request, at=vector.at)


@pytest.mark.parametrize("data", read("signing_key.json"), ids=lambda data: data["id"])
def test_every_key_on_the_way_is_reproduced(data: dict[str, Any]) -> None:
    given, expect = data["input"], data["expect"]
    keys = derive(given["secret_access_key"], Scope(given["date"], given["region"], given["service"]))
    assert [key.hex() for key in keys] == [
        expect[name] for name in ("k_date", "k_region", "k_service", "k_signing")
    ]
