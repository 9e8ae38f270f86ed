"""STS-4: the names that are accepted for a service, and refusals that give the right name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sigv4 import DEFAULT, S3, V4A, Signer, SigningError, Verifier
from sigv4.dialects import check_region_name
from sigv4.scope import is_aws_region
from sigv4.signing_names import (
    _pairs,
    check_region,
    check_service,
    right_region,
    right_service,
    services_of_label,
)

from .signed import CREDENTIALS


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("email", "ses"),
        ("api.sagemaker", "sagemaker"),
        ("runtime.sagemaker", "sagemaker"),
        ("featurestore-runtime.sagemaker", "sagemaker"),
        ("sagemaker-runtime", "sagemaker"),
        ("bedrock-agent", "bedrock"),
        ("memory-db", "memorydb"),
        ("query.timestream", "timestream"),
        ("cloudwatch", "monitoring"),
        ("stepfunctions", "states"),
        ("elbv2", "elasticloadbalancing"),
        ("eventbridge", "events"),
        ("s3-control", "s3"),
        ("queue", "sqs"),
        ("lambda-url", "lambda"),
        ("S3", "s3"),
        ("SageMaker", "sagemaker"),
        ("execute_api", "execute-api"),
        ("Sagemaker_Runtime", "sagemaker"),
        ("iotsecuredtunneling", "IoTSecuredTunneling"),
        ("s3.amazonaws.com", "s3"),
        ("sqs.us-east-1", "sqs"),
        ("api.sagemaker.us-east-1", "sagemaker"),
        ("query.timestream.eu-west-1.amazonaws.com", "timestream"),
        ("cloudwatch-logs", "logs"),
        ("CloudWatchLogs", "logs"),
        ("cognito-identity-provider", "cognito-idp"),
        ("costexplorer", "ce"),
        ("sfn", "states"),
        ("Secrets-Manager", "secretsmanager"),
        ("transcribe-streaming", "transcribe"),
        ("sqs-fips", "sqs"),
        ("api.sagemaker-fips", "sagemaker"),
        ("sqs.us-east-1.api.aws", "sqs"),
        ("com.amazonaws.us-east-1.sqs", "sqs"),
        ("com.amazonaws.eu-west-1.ecr.api", "ecr"),
        ("cn.com.amazonaws.cn-north-1.email", "ses"),
        ("aws.sqs", "sqs"),
        ("AWSGlue", "glue"),
        ("AmazonSQS", "sqs"),
        ("aws-glue", "glue"),
        ("certificate-manager", "acm"),
        ("Simple-Queue-Service", "sqs"),
        ("parameter_store", "ssm"),
        ("RDS-DB", "rds-db"),
        ("kafka_cluster", "kafka-cluster"),
        ("IotDeviceGateway", "iotdevicegateway"),
    ],
)
def test_a_name_that_aws_does_not_sign_for_is_refused_with_the_right_one(name: str, right: str) -> None:
    assert right_service(name) == right
    with pytest.raises(SigningError, match=f"signed for '{right}'"):
        Signer(name, "us-east-1", CREDENTIALS)
    with pytest.raises(SigningError, match=f"signed for '{right}'"):
        Verifier(name, "us-east-1", lambda claim: None)
    assert Signer(name, "us-east-1", CREDENTIALS, dialect=DEFAULT).service == name


@pytest.mark.parametrize(
    "name",
    [
        "my-service",
        "aws-proxy",
        "com.example.sqs2",
        "aws-marketplace",
        "sagemaker",
        "s3",
        "rds-db",
        "kafka-cluster",
        "sso",
        "iotdevicegateway",
        "MyStore",
        "x.y",
    ],
)
def test_a_signing_name_and_a_name_that_aws_does_not_know_pass(name: str) -> None:
    assert right_service(name) == ""
    assert Signer(name, "us-east-1", CREDENTIALS).service == name


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("US-EAST-1", "us-east-1"),
        ("us_east_1", "us-east-1"),
        ("us.east.1", "us-east-1"),
        ("us_east_1a", "us-east-1"),
        ("us-west-2.amazonaws.com", "us-west-2"),
        ("cnnw1-az1", "cn-northwest-1"),
        ("usw2-laz1-az1", "us-west-2"),
        ("us-east-1-az1", "us-east-1"),
        ("us-east-1a", "us-east-1"),
        ("us-gov-west-1b", "us-gov-west-1"),
        ("use1-az4", "us-east-1"),
        ("apse2-az1", "ap-southeast-2"),
        ("us-west-2-lax-1", "us-west-2"),
        ("us-west-2-lax-1a", "us-west-2"),
        ("us-east-1-wl1-bos-wlz-1", "us-east-1"),
        ("fips-us-east-1", "us-east-1"),
        ("us-gov-west-1-fips", "us-gov-west-1"),
        ("aws-global", "us-east-1"),
        ("useast1", "us-east-1"),
        ("EU_WEST_2", "eu-west-2"),
        ("us-gov-west1", "us-gov-west-1"),
        ("s3.us-west-2", "us-west-2"),
        ("usw2-lax1-az1", "us-west-2"),
        ("eu-west-2-wl2-man-wlz-1", "eu-west-2"),
        ("aws-us-gov-global", "us-gov-west-1"),
        ("aws-iso-global", "us-iso-east-1"),
        ("EU", "eu-west-1"),
        ("us-est-1", "us-west-1 or us-east-1"),
        ("us-eats-1", "us-east-1"),
        ("ap-southest-2", "ap-southeast-2"),
        ("us-gov-wst-1", "us-gov-west-1 or us-gov-east-1"),
        ("us-isof-soth-1", "us-isof-south-1"),
        ("EUSC-DE-EAST-1", "eusc-de-east-1"),
        ("eu-west_1", "eu-west-1"),
        ("us-east.1", "us-east-1"),
        ("u-east-1", "us-east-1"),
    ],
)
def test_a_misspelt_region_and_a_zone_are_refused_with_the_right_one(name: str, right: str) -> None:
    assert right_region(name) == right
    with pytest.raises(SigningError, match=f"AWS spells it '{right}'"):
        Signer("sagemaker", name, CREDENTIALS)
    with pytest.raises(SigningError, match=f"AWS spells it '{right}'"):
        Verifier("sagemaker", name, lambda claim: None)
    assert Signer("s3", name, CREDENTIALS, dialect=S3).region == name


@pytest.mark.parametrize(
    "name",
    [
        "us-east-1",
        "us-gov-west-1",
        "ap-southeast-19",
        "eusc-de-east-1",
        "RegionOne",
        "garage",
        "auto",
        "us-east1",
        "me-central1",
        "eu",
        "fr-par",
        "us-west-004",
        "us-ord-1",
        "us-iad-1",
        "us-ashburn-1",
        "eu-zurich-1",
        "ap-tokyo-1",
        "us-chicago-1",
        "gb-lon-1",
        "us-north-1",
        "xx-est-1",
        "us-east-1-my-own-store",
        "use1-ab1",
        "us-east-1-wlx",
    ],
)
def test_a_region_that_aws_does_not_have_passes(name: str) -> None:
    assert right_region(name) == ""
    assert Signer("s3", name, CREDENTIALS).region == name


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("us-east1", "us-east-1"),
        ("useast-1", "us-east-1"),
        ("us-east11", "us-east-1"),
        ("us-eastx1", "us-east-1"),
        ("eu-west1", "eu-west-1"),
        ("me-central1", "me-central-1"),
        ("global", "us-east-1"),
        ("us-standard", "us-east-1"),
    ],
)
def test_names_of_other_clouds_are_refused_if_aws_alone_has_the_service(name: str, right: str) -> None:
    for service in ("sqs", "kafka-cluster"):
        with pytest.raises(SigningError, match=f"AWS spells it '{right}'"):
            Signer(service, name, CREDENTIALS)
        with pytest.raises(SigningError, match=f"AWS spells it '{right}'"):
            Verifier(service, name, lambda claim: None)
    for service in ("s3", "my-service"):
        assert Signer(service, name, CREDENTIALS).region == name


@pytest.mark.parametrize("region", ["us-east-1", "ap-northeast-2", "us-gov-west-1"])
def test_the_fast_check_of_a_region_agrees_with_the_table(region: str) -> None:
    passed = 0
    for place in range(len(region)):
        for char in ("-", "_", ".", "x", "1", ""):
            name = region[:place] + char + region[place + 1 :]
            right = right_region(name, "sqs")
            if right:
                with pytest.raises(SigningError, match=f"AWS spells it '{right}'"):
                    check_region_name(name, "sqs")
            else:
                check_region_name(name, "sqs")
                passed += 1
    assert 0 < passed < 6 * len(region)


def test_v4a_1_every_region_of_a_set_is_checked() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    assert Signer("s3", "us-east-1,us-*", CREDENTIALS, algorithm=V4A).region == "us-east-1,us-*"
    with pytest.raises(SigningError, match="AWS spells it 'us-west-2'"):
        Signer("s3", "us-east-1,US-WEST-2", CREDENTIALS, algorithm=V4A)


@pytest.mark.parametrize("service", ["sagemaker", "s3", "sts", "execute-api"])
def test_the_table_is_not_loaded_for_usual_names(service: str) -> None:
    program = (
        f"import sys, sigv4; sigv4.Signer({service!r}, 'us-east-1', sigv4.Credentials('A', 'b')); "
        "print('sigv4.signing_names' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    "name", ["xx-north-9", "xxxx-west-10", "xx-gov-southeast-1", "xx-x-central-2", "us-northwest-1"]
)
def test_a_region_of_the_future_is_known_by_its_spelling(name: str) -> None:
    assert is_aws_region(name)
    assert right_region(f"{name}c") == name


@pytest.mark.parametrize(
    "name",
    [
        "north-1",
        "xx-a-b-north-1",
        "x-north-1",
        "xxxxx-north-1",
        "xx-up-1",
        "xx-north-x",
        "xx-north-100",
        "x1-north-1",
        "xx-1x-north-1",
        "XX-north-1",
        "xx north 1",
        "north-xx-1",
        "1-north-xx",
        "xx-north",
    ],
)
def test_a_misspelt_name_is_not_an_aws_region(name: str) -> None:
    assert not is_aws_region(name)


def test_the_rest_of_the_names_that_a_configuration_may_hold() -> None:
    assert right_region("aws-cn-global") == "cn-north-1"
    assert right_region("usw2-az1") == "us-west-2"
    assert right_region("usgw1-az1") == "us-gov-west-1"
    assert right_region("us-west-2-lax-x") == right_region("us-west-2-laxx-1") == ""
    assert right_region("us-west-2-l1x-1") == ""
    assert right_service("sqs.amazonaws.com.cn") == "sqs"
    assert right_service("S3-Control") == right_service("s3_control") == "s3"
    assert _pairs("a=b,c d=e") == {"b": "a", "c": "a", "e": "d"}
    assert services_of_label("not-a-service") == frozenset()
    assert services_of_label("iot") == {"iot", "iotdata", "iotdevicegateway"}


def test_a_refusal_ends_with_what_to_do() -> None:
    with pytest.raises(SigningError) as caught:
        check_service("email")
    assert str(caught.value).endswith(
        "(STS-4). Use that; for a service of your own with this name, pass dialect=DEFAULT in Python"
    )
    with pytest.raises(SigningError) as caught:
        check_region("US-EAST-1")
    assert str(caught.value).endswith(
        "Use that; for a region of your own with this name, in Python pass dialect=DEFAULT, or dialect=S3 for a store"
    )
