"""Host names that show a region and a service, and host names that do not."""

from __future__ import annotations

import pytest

from sigv4 import Credentials, Request, Signer, diagnose
from sigv4.auditing.audit import audit
from sigv4.auditing.lint import lint
from sigv4.hosts import names_of_host, takes_only_v4a

from .signed import CREDENTIALS, NOW


@pytest.mark.parametrize(
    ("host", "region", "services"),
    [
        ("api.sagemaker.us-east-1.amazonaws.com:443", "us-east-1", "sagemaker"),
        ("runtime.sagemaker-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", "sagemaker"),
        ("bucket.s3.eu-west-1.amazonaws.com", "eu-west-1", "s3"),
        ("web-app-2.s3.amazonaws.com", "", "s3"),
        ("us-west-2.s3.amazonaws.com", "", "s3"),
        ("us-west-2.s3.eu-west-1.amazonaws.com", "eu-west-1", "s3"),
        ("web-app-2.s3-us-west-2.amazonaws.com", "us-west-2", "s3"),
        ("b.s3-fips.dualstack.us-east-2.amazonaws.com", "us-east-2", "s3"),
        ("b.s3-accelerate.dualstack.amazonaws.com", "", "s3"),
        ("ap-1111.s3-accesspoint.eu-west-1.amazonaws.com", "eu-west-1", "s3"),
        ("b--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com", "us-west-2", "s3express"),
        ("s3express-control.us-west-2.amazonaws.com", "us-west-2", "s3express"),
        ("b.vpce-1a-2b.s3.us-east-1.vpce.amazonaws.com", "us-east-1", "s3"),
        ("abc.lambda-url.us-east-1.on.aws", "us-east-1", "lambda"),
        ("abc.appsync-api.us-east-1.amazonaws.com", "us-east-1", "appsync"),
        ("a1-ats.iot.us-east-1.amazonaws.com", "us-east-1", "iot iotdata iotdevicegateway"),
        ("api.tunneling.iot.us-east-1.amazonaws.com", "us-east-1", "IoTSecuredTunneling"),
        ("data.jobs.iot.eu-west-1.amazonaws.com", "eu-west-1", "iot-jobs-data"),
        ("search-x.us-east-1.es.amazonaws.com", "us-east-1", "es"),
        ("xyz.us-east-1.aoss.amazonaws.com", "us-east-1", "aoss"),
        ("db.xyz.us-east-1.rds.amazonaws.com", "us-east-1", "rds rds-db"),
        ("us-east-1.queue.amazonaws.com", "us-east-1", "sqs"),
        ("us.queue.amazonaws.com", "", "sqs"),
        ("x.execute-api.cn-north-1.amazonaws.com.cn", "cn-north-1", "execute-api"),
        ("sts.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", "sts"),
        ("s3.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", "s3"),
        ("iam.amazonaws.com", "us-east-1", "iam"),
        ("iam.us-gov.amazonaws.com", "", "iam"),
        ("health.cn-north-1.amazonaws.com.cn", "", "health"),  # signed for cn-northwest-1
        ("health.eu-west-1.amazonaws.com", "", "health"),  # signed for us-east-1
        ("savingsplans.us-isof-east-1.csp.hci.ic.gov", "", "savingsplans"),  # signed for us-isof-south-1
        ("billingconductor-fips.us-west-2.amazonaws.com", "", "billingconductor"),  # signed for us-east-1
        ("chime.eu-west-1.api.aws", "", "chime"),  # the same
        ("shield-fips.us-west-2.api.aws", "", "shield"),  # the same
        ("savingsplans.amazonaws.com", "us-east-1", "savingsplans"),
        ("importexport.eu-west-1.amazonaws.com", "", "importexport IngestionService"),
        ("123.dkr.ecr.us-east-1.amazonaws.com", "us-east-1", ""),
        ("new-service.us-east-1.api.aws", "us-east-1", ""),
        ("b.s3-website.eu-central-1.amazonaws.com", "eu-central-1", "s3"),
        ("b.s3-website-us-east-1.amazonaws.com", "us-east-1", "s3"),
        ("b.s3-external-1.amazonaws.com", "", "s3"),
        ("s3-fips-us-gov-west-1.amazonaws.com", "us-gov-west-1", "s3"),
        ("vpce-1.api.tunneling.iot.us-east-1.vpce.amazonaws.com", "us-east-1", "IoTSecuredTunneling"),
        ("us-east-1.amazonaws.com", "us-east-1", ""),
        ("111122223333.control-kinesis.us-west-2.amazonaws.com", "us-west-2", "kinesis"),
        ("ap-1.accesspoint.vpce-1-2.s3.us-east-1.vpce.amazonaws.com", "us-east-1", "s3"),
        ("1111.control.vpce-1-2.s3.us-east-1.vpce.amazonaws.com", "us-east-1", "s3"),
        ("vpce-1-us-east-1a.sqs.us-east-1.vpce.amazonaws.com", "us-east-1", "sqs"),
        ("api1-vpce-2.execute-api.us-east-1.amazonaws.com", "us-east-1", "execute-api"),
        ("a-1.op-01.s3-outposts.us-west-2.amazonaws.com", "us-west-2", "s3-outposts"),
        ("o-1.s3-object-lambda-fips.us-west-2.amazonaws.com", "us-west-2", "s3-object-lambda"),
        ("a--use1-az4--xa-s3.s3express-use1-az4.dualstack.us-east-1.amazonaws.com", "us-east-1", "s3express"),
        ("search-s3.eu-west-1.es.amazonaws.com", "eu-west-1", "es"),
        ("sqs.us-east-2.s3.eu-west-1.amazonaws.com", "eu-west-1", "s3"),
        ("eu-west-1.sqs.s3.amazonaws.com", "", "s3"),
        ("sts.us-east-1.amazonaws.com.", "us-east-1", "sts"),
        ("s3.us-east-1.example.com", "", ""),
        ("localhost:8080", "", ""),
        ("", "", ""),
        ("amazonaws.com", "", ""),
    ],
)
def test_a_host_proves_its_region_and_services_or_nothing(host: str, region: str, services: str) -> None:
    assert names_of_host(host) == (region, frozenset(services.split()))
    assert names_of_host(host.upper()) == (region, frozenset(services.split()))


@pytest.mark.parametrize(
    ("host", "only"),
    [
        ("abcde.veo.endpoint.events.amazonaws.com", True),
        ("abcde.endpoints.email.amazonaws.com", True),
        ("abcde.endpoints.email.global.api.aws", True),
        ("mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com", True),
        ("111122223333.cloudfront-kvs.global.api.aws", True),
        ("events.us-east-1.amazonaws.com", False),
        ("email.us-east-1.amazonaws.com", False),
        ("abcde.endpoint.events.amazonaws.com.example.com", False),
    ],
)
def test_fail_45_hosts_that_accept_only_4a(host: str, only: bool) -> None:
    assert takes_only_v4a(host) is only
    headers = Signer("events", "us-east-1", CREDENTIALS).sign("GET", f"https://{host}/", at=NOW)
    found = diagnose("GET", "/", headers, credentials=CREDENTIALS, now=NOW).findings
    assert ("FAIL-45" in [each.id for each in found]) is only


def test_s3_s_hosts_have_s3_s_dialect_in_lint_and_audit() -> None:
    for host in ("b.s3-accelerate.amazonaws.com", "a.s3-accesspoint.us-east-1.amazonaws.com"):
        found, _, survives = lint(f"https://{host}/a%2fb")
        assert not survives or found
        signed = Signer("iam", "us-east-1", Credentials("A", "b")).sign("GET", f"https://{host}/a=b", at=NOW)
        findings = audit([(Request("GET", "/a=b", list(signed.items())), None)])[0]
        assert [each.severity for each in findings if each.id == "CR-PATH-6"] == ["warning"]
