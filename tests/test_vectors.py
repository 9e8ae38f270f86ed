"""The vectors in fixtures/vectors: each is well-formed, and the package reproduces all its values."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest

from sigv4 import Credentials, CredentialsError, Signer, SigningError, VerificationError, Verifier
from sigv4.dialects import dialect_of
from sigv4.scope import Scope, parse_timestamp
from sigv4.v4 import derive
from tests import stream_plans
from tests.plan import Plan
from tests.vector_index import INDEX, index
from tests.vectors import (
    FOLDER,
    REQUEST_FILES,
    SIGNING_FILES,
    Vector,
    credentials_of,
    is_received,
    presigning_vectors,
    read,
    received_vectors,
    signing_vectors,
)

KINDS = {"published", "agreed", "negative"}
FLAGS = KINDS | {"path", "query", "header", "host", "body", "token", "key", "sagemaker"}
INPUT = {
    "method", "url", "headers", "body", "service", "region",
    "access_key_id", "secret_access_key", "session_token", "at",
}  # fmt: skip
RECEIVED = {
    "of", "method", "target", "headers", "body", "service", "region", "now",
    "access_key_id", "secret_access_key", "session_token",
}  # fmt: skip
STAGES = ["canonical_request", "canonical_request_sha256", "string_to_sign", "signature"]
REPAIRED = {
    "method": "GET",
    "url": "https://example.amazonaws.com/",
    "headers": [],
    "service": "iam",
    "region": "us-east-1",
    "expires": 60,
    "access_key_id": "AKIDEXAMPLE",
    "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}

ALL = [(file.name, data) for file in sorted(FOLDER.glob("*.json")) for data in read(file.name)]
POSITIVE = [vector for vector in signing_vectors() if "negative" not in vector.flags]
NEGATIVE = [vector for vector in signing_vectors() if "negative" in vector.flags]
PRESIGNED = [vector for vector in presigning_vectors() if "negative" not in vector.flags]
NOT_PRESIGNED = [vector for vector in presigning_vectors() if "negative" in vector.flags]
BY_ID = {data["id"]: data for _, data in ALL}


def test_there_are_as_many_as_promised_and_a_third_of_them_negative() -> None:
    negative = [data for _, data in ALL if "negative" in data["flags"]]
    assert len(ALL) >= 300
    assert 3 * len(negative) >= len(ALL)


def test_ids_are_unique() -> None:
    ids = [data["id"] for _, data in ALL]
    assert sorted(set(ids)) == sorted(ids)


def test_the_readme_names_every_flag_and_file() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    assert [flag for flag in FLAGS if f"`{flag}`" not in text] == []
    assert [path.name for path in FOLDER.glob("*.json") if f"`{path.name}`" not in text] == []


def test_the_index_by_rule_is_as_its_tool_writes_it() -> None:
    assert INDEX.read_text("utf-8") == index()


@pytest.mark.parametrize("name", [path.name for path in sorted(FOLDER.glob("*.json"))])
def test_files_are_in_their_one_layout(name: str) -> None:
    text = (FOLDER / name).read_bytes().decode("utf-8")
    data = json.loads(text)
    assert list(data) == ["schema", "vectors"]
    assert data["schema"] == 1
    assert text == json.dumps(data, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", sorted({file for file, _ in ALL}))
def test_every_vector_of_a_file_is_well_formed(name: str) -> None:
    for file, data in ALL:
        if file == name:
            try:
                _assert_well_formed(file, data)
            except AssertionError as wrong:
                raise AssertionError(f"{data.get('id')} of {file}") from wrong


def _assert_well_formed(file: str, data: dict[str, Any]) -> None:
    assert list(data) == ["id", "flags", "notes", "source", "input", "expect"]
    assert re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", data["id"])
    assert set(data["flags"]) <= FLAGS
    assert len(KINDS.intersection(data["flags"])) == 1
    assert data["notes"].endswith(".")
    assert data["source"]
    if file not in REQUEST_FILES:
        return
    if is_received(data):
        taken = "negative" not in data["flags"]
        assert set(data["input"]) - {"token_name"} | ({"of"} if taken else set()) == RECEIVED
        assert data["expect"] == {"accepted": True} or list(data["expect"]["error"]) == [
            "stage",
            "code",
            "status",
        ]
        assert ("error" in data["expect"]) != taken
        return
    assert set(data["input"]) - {"token_name"} == INPUT | (
        {"expires"} if file == "presigning.json" else set()
    )
    assert re.fullmatch(r"\d{8}T\d{6}Z", data["input"]["at"])
    if "negative" in data["flags"]:
        assert list(data["expect"]) == ["error"]
        assert list(data["expect"]["error"]) == ["stage", "text"]
        assert data["expect"]["error"]["stage"] in REPAIRED
        return
    last = "authorization" if file in SIGNING_FILES else "url"
    assert [stage for stage in data["expect"] if stage != "signing_key"] == [*STAGES, last]
    _assert_stages_follow_from_each_other(data["input"], data["expect"])


def _assert_stages_follow_from_each_other(given: dict[str, Any], expect: dict[str, Any]) -> None:
    """Checks that each expected value follows from the one before it, which finds typing errors."""
    digest = hashlib.sha256(expect["canonical_request"].encode("utf-8")).hexdigest()
    assert digest == expect["canonical_request_sha256"]
    names = expect["canonical_request"].split("\n")[-2]
    scope = f"{given['at'][:8]}/{given['region']}/{given['service']}/aws4_request"
    assert expect["string_to_sign"] == f"AWS4-HMAC-SHA256\n{given['at']}\n{scope}\n{digest}"
    if "url" in expect:
        assert f"&X-Amz-Signature={expect['signature']}" in expect["url"]
        return
    assert expect["authorization"] == (
        f"AWS4-HMAC-SHA256 Credential={given['access_key_id']}/{scope}, SignedHeaders={names}, "
        f"Signature={expect['signature']}"
    )


@pytest.mark.parametrize("vector", POSITIVE, ids=repr)
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


@pytest.mark.parametrize("vector", POSITIVE, ids=repr)
def test_a_reproduced_request_verifies(vector: Vector) -> None:
    method, url, _, body = vector.request
    headers = vector.signer().sign(*vector.request, at=vector.at)
    given = vector.input
    verifier = Verifier(
        given["service"], given["region"], lambda claim: vector.credentials, clock=lambda: vector.at
    )
    if vector.id == "DECLARED-HASH-ALONE":
        body = b"sent by somebody else"
    if vector.id == "HOST-GIVEN":
        url = "/"  # the absolute form of a URL for a proxy is not the target
    if vector.id == "PATH-ABOVE-ROOT":  # signers normalize it, and servers refuse it
        with pytest.raises(VerificationError, match="BadRequest"):
            verifier.verify(method, url, headers, body)
        return
    assert verifier.verify(method, url, headers, body).access_key_id == given["access_key_id"]


@pytest.mark.parametrize(
    "data",
    [data for _, data in ALL if "canonical_request" in data["expect"] and "method" in data["input"]],
    ids=lambda data: data["id"],
)
def test_the_oracle_of_the_tests_finds_the_same_canonical_request(data: dict[str, Any]) -> None:
    plan = Plan(data["input"])
    assert plan.canonical_request().decode("utf-8") == data["expect"]["canonical_request"]
    assert plan.string_to_sign() == data["expect"]["string_to_sign"]
    if plan.region_set is None:
        assert plan.signature() == data["expect"]["signature"]


@pytest.mark.parametrize(
    "data",
    [data for _, data in ALL if "request" in data["input"] and "error" not in data["expect"]],
    ids=lambda data: data["id"],
)
def test_the_oracle_of_the_tests_finds_the_same_streams(data: dict[str, Any]) -> None:
    given, expect = data["input"], data["expect"]
    if "events" in given:
        assert stream_plans.events(given) == expect
        return
    found = stream_plans.chunked({**given, "public_key": expect.get("public_key")}, expect["payload"])
    if (
        data["id"] == "EX-S3-6B"
    ):  # the request did not announce its trailers: its Content-Length does not count them
        del found["content_length"], found["body_sha256"]
    assert found == expect


@pytest.mark.parametrize("vector", PRESIGNED, ids=repr)
def test_every_stage_of_a_presigned_url_is_reproduced(vector: Vector) -> None:
    expires, expect = vector.input["expires"], vector.expect
    explanation = vector.signer().explain(*vector.request, at=vector.at, expires=expires)
    assert explanation.canonical_request == expect["canonical_request"]
    assert explanation.string_to_sign == expect["string_to_sign"]
    assert explanation.signature == expect["signature"]
    url = vector.signer().presign(*vector.request, expires=expires, at=vector.at)
    assert url == expect["url"]
    assert url.expires_at == vector.at + expires
    life = dialect_of(vector.input["service"]).url_life or expires
    verifier = _verifier(vector.input, vector.at + life)
    sent = [("Host", Plan(vector.input).host), *url.headers_to_send.items()]
    target = "/" + url.partition("#")[0].split("//", 1)[1].partition("/")[2]
    body = b"sent by somebody else" if vector.id == "PRESIGN-S3-DECLARED" else vector.body
    verified = verifier.verify(vector.input["method"], target, sent, body)
    assert verified.access_key_id == vector.input["access_key_id"]


@pytest.mark.parametrize("vector", NOT_PRESIGNED, ids=repr)
def test_a_request_that_cannot_be_presigned_is_refused_only_for_its_stage(vector: Vector) -> None:
    error = vector.expect["error"]
    with pytest.raises((SigningError, CredentialsError)) as caught:
        vector.signer().presign(*vector.request, expires=vector.input["expires"], at=vector.at)
    assert error["text"] in str(caught.value)
    repaired = Vector({**vector.data, "input": {**vector.input, error["stage"]: REPAIRED[error["stage"]]}})
    assert repaired.signer().presign(*repaired.request, expires=repaired.input["expires"], at=vector.at)


def _verifier(given: dict[str, Any], now: int) -> Verifier:
    on_file = credentials_of(given)
    return Verifier(
        given["service"],
        given["region"],
        lambda claim: on_file if claim.access_key_id == on_file.access_key_id else None,
        clock=lambda: now,
    )


def _valid(data: dict[str, Any]) -> dict[str, Any]:
    """The signed request of a vector as a verifier receives it, made only from the vector."""
    given, expect, plan = data["input"], data["expect"], Plan(data["input"])
    named = {name.lower() for name, _ in plan.headers}
    headers = [*([] if "host" in named else [["Host", plan.host]]), *map(list, plan.headers)]
    declared = (
        [["X-Amz-Content-SHA256", plan.declared]]
        if plan.declared and "x-amz-content-sha256" not in named
        else []
    )
    if "url" in expect:
        headers += declared
        target = "/" + expect["url"].partition("#")[0].split("//", 1)[1].partition("/")[2]
    else:
        token = [[plan.token_name, given["session_token"]]] if given["session_token"] else []
        headers += [
            ["X-Amz-Date", given["at"]],
            *declared,
            *token,
            ["Authorization", expect["authorization"]],
        ]
        target = f"{plan.path}?{plan.query}" if plan.query else plan.path
    kept = ("method", "body", "service", "region", "access_key_id", "secret_access_key", "session_token")
    return {
        **{name: given[name] for name in (*kept, "token_name") if name in given},
        "target": target,
        "headers": headers,
        "now": given["at"],
    }


def _judge(given: dict[str, Any]) -> None:
    headers = [
        (name, value if value.isascii() else value.encode("utf-8")) for name, value in given["headers"]
    ]
    verifier = _verifier(given, parse_timestamp(given["now"]))
    verifier.verify(given["method"], given["target"], headers, given["body"])


REFUSED = [data for data in received_vectors() if "error" in data["expect"]]
TAKEN = [data for data in received_vectors() if "error" not in data["expect"]]


@pytest.mark.parametrize("data", TAKEN, ids=lambda data: data["id"])
def test_a_received_request_that_is_right_is_accepted(data: dict[str, Any]) -> None:
    _judge(data["input"])


@pytest.mark.parametrize("data", REFUSED, ids=lambda data: data["id"])
def test_a_received_request_is_refused_for_the_one_thing_that_is_wrong(data: dict[str, Any]) -> None:
    valid = _valid(BY_ID[data["input"]["of"]])
    _judge(valid)
    assert len([name for name in valid if valid[name] != data["input"][name]]) == 1
    with pytest.raises(VerificationError) as caught:
        _judge(data["input"])
    error = caught.value
    assert {"stage": error.stage, "code": error.code, "status": error.status} == data["expect"]["error"]


@pytest.mark.parametrize("data", read("post_policy.json"), ids=lambda data: data["id"])
def test_a_post_policy_is_signed_as_it_is_or_refused(data: dict[str, Any]) -> None:
    given, expect = data["input"], data["expect"]
    keys = Credentials(given["access_key_id"], given["secret_access_key"], given["session_token"])
    signer = Signer("s3", given["region"], keys)
    if "error" in expect:
        with pytest.raises(SigningError, match=re.escape(expect["error"]["text"])):
            signer.post_policy(given["policy"], at=parse_timestamp(given["at"]))
        return
    fields = signer.post_policy(given["policy"], at=parse_timestamp(given["at"]))
    assert fields["policy"] == expect["string_to_sign"]
    assert fields["x-amz-signature"] == expect["signature"]
    assert fields.get("x-amz-security-token") == given["session_token"]


@pytest.mark.parametrize("vector", NEGATIVE, ids=repr)
def test_a_negative_vector_is_refused_only_for_its_stage(vector: Vector) -> None:
    error = vector.expect["error"]
    with pytest.raises((SigningError, CredentialsError)) as caught:
        vector.signer().sign(*vector.request, at=vector.at)
    assert error["text"] in str(caught.value)
    repaired = Vector({**vector.data, "input": {**vector.input, error["stage"]: REPAIRED[error["stage"]]}})
    assert "Authorization" in repaired.signer().sign(*repaired.request, at=vector.at)


@pytest.mark.parametrize("data", read("signing_key.json"), ids=lambda data: data["id"])
def test_every_intermediate_key_is_reproduced(data: dict[str, Any]) -> None:
    given, expect = data["input"], data["expect"]
    keys = derive(given["secret_access_key"], Scope(given["date"], given["region"], given["service"]))
    assert [key.hex() for key in keys] == [
        expect[name] for name in ("k_date", "k_region", "k_service", "k_signing")
    ]
