"""@smithy/signature-v4 and aws4 sign generated requests as this package does, in headers and in URLs."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sigv4 import DEFAULT, S3, Credentials, Signer
from tests.interop import generate, node
from tests.interop.referees import Case

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(node.missing() is not None, reason=node.missing() or ""),
]

CASES = 2_000  # of each form
# The headers that these signers never sign; smithy also omits all that begin with proxy- and sec-.
SMITHY_NEVER_SIGNED = frozenset(
    "authorization cache-control connection expect from keep-alive max-forwards pragma referer te trailer "
    "transfer-encoding upgrade user-agent x-amzn-trace-id".split()
)
AWS4_NEVER_SIGNED = frozenset(
    "authorization connection x-amzn-trace-id user-agent expect presigned-expires range".split()
)


def _dialect(s3: bool, never_signed: frozenset[str]) -> Any:
    names = dict.fromkeys(never_signed | {"authorization"}, "this implementation does not sign it")
    return (S3 if s3 else DEFAULT).replace(never_signed=names)


def _unique(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers without repeated names: both signers take an object."""
    return list({name.lower(): (name, value) for name, value in headers}.values())


def _question(op: str, case: Case, s3: bool) -> dict[str, Any]:
    keys = {"accessKeyId": case.access_key_id, "secretAccessKey": case.secret_access_key}
    if case.session_token:
        keys["sessionToken"] = case.session_token
    return {
        "op": op,
        "service": case.service,
        "region": case.region,
        "credentials": keys,
        "date": case.epoch * 1000,
        "method": case.method,
        "host": case.host,
        "path": case.path,
        "query": case.params,
        "headers": {"host": case.host, **{name.lower(): value for name, value in case.headers}},
        "body": case.body.hex(),
        "s3": s3,
    }


def _ours(case: Case, dialect: Any, expires: int | None = None) -> Any:
    keys = Credentials(case.access_key_id, case.secret_access_key, case.session_token)
    headers = [(name, value if value.isascii() else value.encode()) for name, value in case.headers]
    signer = Signer(case.service, case.region, keys, dialect=dialect)
    return signer.explain(case.method, case.url, headers, case.body, at=case.epoch, expires=expires)


def _smithy_cases(s3: bool) -> list[Case]:
    cases = []
    for seed in range(CASES):
        case = generate.case(Random(seed), s3=s3, encodes=True, never_signed=SMITHY_NEVER_SIGNED)
        kept = [pair for pair in _unique(case.headers) if not pair[0].lower().startswith(("proxy-", "sec-"))]
        cases.append(case._replace(headers=kept))
    return cases


@pytest.mark.parametrize("s3", [False, True], ids=["default", "s3"])
def test_smithy_s_authorization(s3: bool) -> None:
    cases, dialect = _smithy_cases(s3), _dialect(s3, SMITHY_NEVER_SIGNED)
    answers = node.ask(_question("smithy.sign", case, s3) for case in cases)
    for case, answer in zip(cases, answers, strict=True):
        assert answer["headers"]["authorization"] == _ours(case, dialect).authorization, case


@pytest.mark.parametrize("s3", [False, True], ids=["default", "s3"])
def test_smithy_s_presigned_signature(s3: bool) -> None:
    """The cases have no x-amz-* headers, because smithy moves these into the query (URL-4)."""
    dialect = _dialect(s3, SMITHY_NEVER_SIGNED)
    cases = []
    for case in _smithy_cases(s3):
        headers = [pair for pair in case.headers if not pair[0].lower().startswith("x-amz-")]
        params = {**case.params, "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"} if s3 else case.params
        body = b"" if s3 else case.body
        cases.append(case._replace(headers=headers, params=params, query=generate.encoded(params), body=body))
    questions = []
    for number, case in enumerate(cases):
        question = _question("smithy.presign", case, s3) | {"expires": 1 + number * 120}
        if s3:  # as its S3 presigner calls it: the literal is in the headers, and is moved into the query
            question["query"] = {k: v for k, v in case.params.items() if k != "X-Amz-Content-Sha256"}
            question["headers"]["X-Amz-Content-Sha256"] = "UNSIGNED-PAYLOAD"
        questions.append(question)
    for number, (case, answer) in enumerate(zip(cases, node.ask(questions), strict=True)):
        keys = Credentials(case.access_key_id, case.secret_access_key, case.session_token)
        signer = Signer(case.service, case.region, keys, dialect=dialect)
        given = [(name, value if value.isascii() else value.encode()) for name, value in case.headers]
        asked = None if s3 else case.body
        made = signer.explain(case.method, case.url, given, asked, at=case.epoch, expires=1 + number * 120)
        assert answer["query"]["X-Amz-Signature"] == made.signature, case


def _aws4_case(seed: int, s3: bool) -> Case:
    """A case for which aws4 follows the same rules: no dots, double slashes or empty names in the target; the
    body is text and has a Content-Type."""
    random = Random(seed)
    case = generate.case(random, s3=s3, encodes=True, never_signed=AWS4_NEVER_SIGNED)
    segments = [
        "".join(random.choices("abcXYZ019-_~", k=random.randint(1, 9))) for _ in range(random.randint(0, 4))
    ]
    params = {name: value for name, value in case.params.items() if name}
    headers = [pair for pair in _unique(case.headers) if pair[0].lower() != "content-type"]
    return case._replace(
        path="/" + "/".join(segments),
        params=params,
        query=generate.encoded(params),
        headers=[*headers, ("Content-Type", "text/plain")],
        body=random.choice((b"", b"{}", "ü".encode() * random.randint(1, 50))),
    )  # fmt: skip


@pytest.mark.parametrize("sign_query", [False, True], ids=["header", "query"])
@pytest.mark.parametrize("s3", [False, True], ids=["default", "s3"])
def test_aws4_s_signature(s3: bool, sign_query: bool) -> None:
    cases = [_aws4_case(seed, s3) for seed in range(CASES)]
    questions = []
    for number, case in enumerate(cases):
        expires = 1 + number * 120
        date = _ours(case, DEFAULT).headers["X-Amz-Date"]
        headers = {"Host": case.host, **dict(case.headers)}
        path = case.target
        if sign_query:
            path += f"{'&' if case.query else '?'}X-Amz-Date={date}&X-Amz-Expires={expires}"
        else:
            headers["X-Amz-Date"] = date
            if case.body:
                headers["Content-Length"] = str(len(case.body))
        question = _question("aws4.sign", case, s3) | {
            "path": path,
            "headers": headers,
            "signQuery": sign_query,
        }
        del question["query"], question["date"], question["s3"]
        questions.append(question)
    dialect = _dialect(s3, AWS4_NEVER_SIGNED)
    for number, (case, question, answer) in enumerate(
        zip(cases, questions, node.ask(questions), strict=True)
    ):
        keys = Credentials(case.access_key_id, case.secret_access_key, case.session_token)
        signer = Signer(case.service, case.region, keys, dialect=dialect)
        given = [
            (name, value if value.isascii() else value.encode())
            for name, value in question["headers"].items()
            if name not in ("Host", "X-Amz-Date")
        ]
        life = 1 + number * 120 if sign_query else None
        asked = None if s3 and sign_query else case.body
        made = signer.explain(case.method, case.url, given, asked, at=case.epoch, expires=life)
        if sign_query:
            theirs = parse_qs(urlsplit(answer["path"]).query)["X-Amz-Signature"][0]
        else:
            theirs = answer["headers"]["Authorization"].rpartition("=")[2]
        assert theirs == made.signature, f"{case}\n{answer}\n{made.canonical_request}"
