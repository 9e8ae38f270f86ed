"""An explanation for people: each line with its rules, what is sent unsigned with its reason, and no secret."""

from __future__ import annotations

import pytest

from sigv4 import Credentials, Signer
from tests.sigv4.signed import KEY_ID, NOW, SECRET

TOKEN = "TOKEN/+=="
TEMPORARY = Credentials(KEY_ID, SECRET, TOKEN)


def test_what_is_sent_and_not_signed_is_listed_with_its_reason() -> None:
    signer = Signer("sagemaker", "us-east-1", TEMPORARY)
    made = signer.explain("GET", "https://h.example/", {"User-Agent": "x"}, at=NOW)
    assert list(made.unsigned) == ["User-Agent"]
    assert str(made).endswith(f"\n\nSent, not signed\n\n  User-Agent: {made.unsigned['User-Agent']}")
    assert "Sent, not signed" not in str(signer.explain("GET", "https://h.example/", at=NOW))


def test_a_token_that_is_added_after_signing_has_that_reason() -> None:
    made = Signer("iotdevicegateway", "us-east-1", TEMPORARY).explain("GET", "https://h.example/", at=NOW)
    assert made.unsigned == {"X-Amz-Security-Token": "added once all else is signed (TOKEN-2)"}


def test_the_payload_header_of_s3_has_its_rule() -> None:
    made = Signer("s3", "us-east-1", TEMPORARY).explain("GET", "https://h.example/", at=NOW)
    rules = {line.text.partition(":")[0]: line.rules for line in made.steps()[0].lines}
    assert rules["x-amz-content-sha256"] == "CR-HDR-2, PAYLOAD-2"
    assert rules["host"] == "CR-HDR-2, CR-HDR-6"
    assert rules["x-amz-security-token"] == "TOKEN-1"
    assert rules["x-amz-date"] == "CR-HDR-2"


@pytest.mark.parametrize("service", ["sagemaker", "s3", "s3express", "iot"])
def test_the_token_of_a_url_is_shown_to_its_owner_alone(service: str) -> None:
    signer = Signer(service, "us-east-1", TEMPORARY)
    made = signer.explain("GET", "https://h.example/?a=b", at=NOW, expires=60)
    for text in (str(made), str(made.as_dict()), repr(made), str(made.steps())):
        assert "TOKEN" not in text.replace("X-Amz-Security-Token=***", "")
    for shown in (made.text(TEMPORARY), str(made.as_dict(TEMPORARY))):
        assert "TOKEN%2F%2B%3D%3D" in shown
    assert made.as_dict(TEMPORARY)["url"] == str(made.url)
    assert "Token=***&" in made.text() or made.text().count("Token=***")
