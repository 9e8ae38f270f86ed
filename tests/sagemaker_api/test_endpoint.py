"""The endpoint of every region, form and override, also compared with botocore's rule engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sagemaker_api import ConfigError, SageMaker
from sagemaker_api.endpoint import resolve
from sigv4 import Credentials
from sigv4.config.partitions import PARTITIONS, partition_of

# partition: dns suffix, dual-stack suffix, regions
TABLE = {
    "aws": (
        "amazonaws.com",
        "api.aws",
        "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 "
        "ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 "
        "ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 "
        "eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 "
        "us-east-2 us-west-1 us-west-2 aws-global us-west-9 xx-fake-1 local us-gov-west-1-x",
    ),
    "aws-cn": (
        "amazonaws.com.cn",
        "api.amazonwebservices.com.cn",
        "cn-north-1 cn-northwest-1 cn-new-7 aws-cn-global",
    ),
    "aws-eusc": ("amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1 eusc-de-west-2"),
    "aws-iso": ("c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1 us-iso-west-1 aws-iso-global"),
    "aws-iso-b": ("sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1 us-isob-west-1 aws-iso-b-global"),
    "aws-iso-e": ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1 aws-iso-e-global"),
    "aws-iso-f": ("csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-east-1 us-isof-south-1 aws-iso-f-global"),
    "aws-us-gov": ("amazonaws.com", "api.aws", "us-gov-east-1 us-gov-west-1 us-gov-new-3 aws-us-gov-global"),
}
ROWS = [
    (name, dns, dual, region) for name, (dns, dual, regions) in TABLE.items() for region in regions.split()
]


@pytest.mark.parametrize(("partition", "dns", "dual", "region"), ROWS, ids=[row[3] for row in ROWS])
def test_each_region_in_each_form(partition: str, dns: str, dual: str, region: str) -> None:
    assert partition_of(region).name == partition
    plain = resolve(region)
    assert (plain.url, plain.signing_region, plain.signing_name) == (
        f"https://api.sagemaker.{region}.{dns}",
        region,
        "sagemaker",
    )
    assert resolve(region, use_dualstack=True).url == f"https://api.sagemaker.{region}.{dual}"
    assert (
        resolve(region, use_fips=True, use_dualstack=True).url
        == f"https://api.sagemaker-fips.{region}.{dual}"
    )
    fips = (
        f"https://api-fips.sagemaker.{region}.amazonaws.com"
        if partition in ("aws", "aws-us-gov")
        else f"https://api.sagemaker-fips.{region}.{dns}"
    )
    assert resolve(region, use_fips=True).url == fips


@pytest.mark.parametrize("pseudo", ["fips-us-east-1", "us-east-1-fips"])
def test_a_pseudo_region_is_the_region_with_fips(pseudo: str) -> None:
    assert resolve(pseudo) == resolve("us-east-1", use_fips=True)
    assert resolve(pseudo).signing_region == "us-east-1"


@pytest.mark.parametrize(
    "region",
    [
        "",
        "x.evil.com",
        "us-east-1/",
        "us-east-1\n",
        "us_east_1",
        "-a",
        "a-",
        "123",
        "é",
        "a" * 64,
        "fips-",
        "a b",
        "a@b",
    ],
)
def test_a_region_must_be_a_host_label(region: str) -> None:
    name = region.removeprefix("fips-")
    with pytest.raises(ConfigError) as raised:
        resolve(region)
    assert str(raised.value) == f"Provided region_name {name!r} doesn't match a supported format."


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "http://vpce-1.api.sagemaker.us-east-1.vpce.amazonaws.com",
        "https://h/prefix/a%20b",
        "https://[::1]:8443/",
        "HTTPS://EXAMPLE.COM.",
    ],
)
def test_a_custom_endpoint_is_used_as_it_is(url: str) -> None:
    endpoint = resolve("eu-west-1", endpoint_url=url)
    assert (endpoint.url, endpoint.signing_region) == (url, "eu-west-1")
    assert resolve(None, endpoint_url=url).url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "foo",
        "//h",
        "http://",
        "https:///path",
        "ftp://h",
        "https://h?x=1",
        "https://h/#f",
        "https://h:0",
        "https://h:65536",
        "https://h:x",
        "https://a b",
        "https://h\r\nX: y",
        "https://exämple.com",
        "https://a_b.c",
        "https://-a.c",
        "https://a..c",
        "https://[::g]",
        "https://[::1",
        "https://[::1]x",
        "https://[]",
        "https://.",
    ],
)
def test_a_custom_endpoint_that_no_request_can_be_sent_to_is_refused(url: str) -> None:
    with pytest.raises(ConfigError) as raised:
        resolve("eu-west-1", endpoint_url=url)
    assert str(raised.value).startswith(f"Invalid endpoint: {url}")


@pytest.mark.parametrize("url", ["https://user:hunter2@h", "https://user:hunter2@h h", "x://user:hunter2@h"])
def test_a_password_in_a_custom_endpoint_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^Invalid endpoint: ") as raised:
        resolve("eu-west-1", endpoint_url=url)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"use_fips": True}, "Invalid Configuration: FIPS and custom endpoint are not supported"),
        (
            {"use_fips": True, "use_dualstack": True},
            "Invalid Configuration: FIPS and custom endpoint are not supported",
        ),
        ({"use_dualstack": True}, "Invalid Configuration: Dualstack and custom endpoint are not supported"),
    ],
)
def test_a_custom_endpoint_has_no_fips_or_dual_stack_form(arguments: dict[str, bool], words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        resolve("us-east-1", endpoint_url="https://h", **arguments)
    assert str(raised.value) == words


def test_a_missing_region_has_the_text_of_the_rules_or_of_the_session() -> None:
    with pytest.raises(ConfigError, match=r"^Invalid Configuration: Missing Region$"):
        resolve(None)
    with pytest.raises(ConfigError, match=r"^You must specify a region\.$"):
        SageMaker(credentials=Credentials("AKIDEXAMPLE", "x"))


@pytest.mark.interop
def test_every_region_and_form_has_the_endpoint_of_botocore() -> None:
    botocore = pytest.importorskip("botocore", reason="botocore is not installed")
    from botocore.endpoint_provider import EndpointProvider
    from botocore.loaders import Loader

    loader = Loader()
    rules = loader.load_service_model("sagemaker", "endpoint-rule-set-1")
    partitions = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())
    provider = EndpointProvider(rules, partitions)
    assert [p["id"] for p in partitions["partitions"]] == [p.name for p in PARTITIONS]
    regions = [region for p in partitions["partitions"] for region in p["regions"]]
    for region in [
        *regions,
        "us-west-9",
        "xx-fake-1",
        "eu-isoe-new-2",
        "us-gov-x-9",
        "eusc-de-a-1",
        "eusc-fr-a-1",
    ]:
        for fips in (False, True):
            for dual in (False, True):
                expected = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual).url
                assert resolve(region, use_fips=fips, use_dualstack=dual).url == expected
