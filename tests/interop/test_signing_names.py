"""STS-4: the table of names is made from botocore's models, and names of hosts agree with botocore's endpoint rules."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

import pytest

from sigv4 import Credentials, Request, Signer, SigningError
from sigv4.auditing.audit import audit
from sigv4.dialects import SERVICES
from sigv4.hosts import names_of_host
from sigv4.signing_names import right_region, right_service
from tests.interop import signing_names

pytestmark = pytest.mark.interop
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
REGIONS = ("us-east-1", "cn-north-1", "us-gov-west-1")


@pytest.fixture(scope="module")
def models() -> signing_names.Models:
    pytest.importorskip("botocore")
    return signing_names.models()


@pytest.fixture(scope="module")
def endpoints() -> list[signing_names.Endpoint]:
    pytest.importorskip("botocore")
    return list(signing_names.endpoints())


def test_sts_4_the_table_is_that_of_the_models(
    models: signing_names.Models, endpoints: list[signing_names.Endpoint]
) -> None:
    source = signing_names.MODULE.read_text("utf-8")
    written = signing_names.written(source, signing_names.table(models, endpoints))
    assert source == written, "run: python -m tests.interop.signing_names --write"


def test_sts_4_every_name_of_the_models_is_accepted_or_refused_with_the_right_one(
    models: signing_names.Models,
) -> None:
    found = models
    for name, right in found.names.items():
        assert right_service(name) == right
        with pytest.raises(SigningError, match=f"signed for '{right}'"):
            Signer(name, "us-east-1", KEYS)
    for name in found.signing_names - found.names.keys():
        assert right_service(name) == ""
        Signer(name, "us-east-1", KEYS)
        if name.upper() != name:
            assert right_service(name.upper()) == name
    for region in found.regions:
        assert right_region(region) == ""
        for misspelt in (region.upper(), region.replace("-", "_"), f"{region}a", f"{region}-lax-1a"):
            assert right_region(misspelt) == region
            with pytest.raises(SigningError, match=f"AWS spells it '{region}'"):
                Signer("sagemaker", misspelt, KEYS)


def test_sts_4_hosts_prove_what_the_endpoint_rules_say(endpoints: list[signing_names.Endpoint]) -> None:
    named = 0
    for each in endpoints:
        region, services = names_of_host(each.host)
        assert region in ("", each.signing_region), each
        assert not services or each.service in services, each
        named += bool(services)
    assert named > 5000


def test_payload_5_services_with_unsigned_bodies_have_a_dialect_that_accepts_them() -> None:
    session = pytest.importorskip("botocore.session").get_session()
    for client in session.get_available_services():
        model = session.get_service_model(client)
        operations = [model.operation_model(name) for name in model.operation_names]
        if any(each.auth_type == "v4-unsigned-body" or each.unsigned_payload for each in operations):
            assert "UNSIGNED-PAYLOAD" in SERVICES[model.signing_name].payload_literals, client
        if any(each.has_event_stream_input for each in operations):
            literals = SERVICES[model.signing_name].payload_literals
            assert "STREAMING-AWS4-HMAC-SHA256-EVENTS" in literals, client


@pytest.mark.slow
def test_audit_finds_nothing_wrong_with_the_names_in_a_request_of_any_client() -> None:
    """One request of every botocore client in each of three partitions, signed and sent by it; nothing leaves the machine."""
    boto3 = pytest.importorskip("boto3")
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    session = boto3.session.Session(KEYS.access_key_id, KEYS.secret_access_key)  # it reads each model once
    sent: list[AWSPreparedRequest] = []

    def keep(request: AWSPreparedRequest, **_: Any) -> None:
        sent.append(request)
        raise _Kept

    config = Config(parameter_validation=False, retries={"max_attempts": 0})
    exchanges = []
    for name, region in product(session.get_available_services(), REGIONS):
        client = session.client(name, region_name=region, config=config)
        client.meta.events.register("before-send", keep)
        model = client.meta.service_model
        for operation in sorted(model.operation_names, key=lambda each: len(_required(model, each))):
            sent.clear()
            try:
                client._make_api_call(operation, dict.fromkeys(_required(model, operation), "x"))
            except (_Kept, BotoCoreError, ClientError, AttributeError, TypeError, ValueError):
                pass
            if sent and b"AWS4-HMAC" in sent[0].headers.get("Authorization", b""):
                exchanges.append((name, region, _request(sent[0])))
                break
    assert min(Counter(region for _, region, _ in exchanges)[each] for each in REGIONS) > 400
    found = audit([(request, None) for _, _, request in exchanges])
    wrong = [
        (name, region, finding)
        for (name, region, _), findings in zip(exchanges, found, strict=True)
        for finding in findings
        if finding.id in ("FAIL-27", "FAIL-28", "FAIL-45")
    ]
    assert wrong == []


class _Kept(Exception):
    """Raised after the request was recorded, so that it is not sent."""


def _required(model: Any, operation: str) -> list[str]:
    shape = model.operation_model(operation).input_shape
    return list(shape.required_members) if shape else []


def _request(sent: Any) -> Request:
    target = "/" + sent.url.partition("://")[2].partition("/")[2]
    host = sent.url.partition("://")[2].partition("/")[0]
    headers = [("Host", host), *((name, value) for name, value in sent.headers.items() if name != "host")]
    body = sent.body if isinstance(sent.body, bytes) else b""
    return Request(sent.method, target, headers, body)
