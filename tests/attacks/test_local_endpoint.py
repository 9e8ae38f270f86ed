"""Attacks on the local SageMaker: forged headers behind a proxy, names that differ only in case, and one-time URLs that are used up."""

from __future__ import annotations

import pytest

from sagemaker_api.local import Policy
from sigv4 import Request, Response

from ..sagemaker_api.local.without_sockets import AUTHORITY, Desk, cookie_of

PROXY = "10.0.0.9"
FROM_THE_VPC = Policy.parse(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        },
    },
    "vpc",
)
OVER_TLS = Policy.parse(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    },
    "tls",
)


def opened(desk: Desk, url: str, *headers: tuple[str, str]) -> Response:
    """Opens the URL through a proxy that appends X-Forwarded-For and forwards its client's headers."""
    given = [("Host", AUTHORITY), *headers, ("X-Forwarded-For", "198.51.100.1")]
    request = Request("GET", url, given)
    return desk.service.answer(request, desk.local.proxies.client(request, PROXY))


@pytest.mark.parametrize(
    ("policy", "kind", "forged"),
    [
        (FROM_THE_VPC, "vpc", ("X-Vpc-Endpoint-Id", "vpce-1")),
        (OVER_TLS, "scheme", ("X-Forwarded-Proto", "https")),
    ],
)
def test_a_client_can_forge_headers_that_its_proxy_does_not_set(
    policy: Policy, kind: str, forged: tuple[str, str]
) -> None:
    others = [each for each in ("scheme", "vpc") if each != kind]
    for forwarded in ([], others):
        desk = Desk(trusted_proxies=[PROXY], forwarded=forwarded)
        url = desk.mint()
        desk.local.set_policies([policy])
        assert opened(desk, url, forged).status == 403
    desk = Desk(trusted_proxies=[PROXY], forwarded=[kind])
    url = desk.mint()
    desk.local.set_policies([policy])
    assert opened(desk, url, forged).status == 302


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE"])
def test_a_request_that_only_looks_at_a_url_does_not_use_it_up(method: str) -> None:
    """A link checker or a mail filter sends HEAD, a browser OPTIONS."""
    desk = Desk(single_use=True)
    url = desk.mint()
    for _ in range(2):
        seen = desk.service.answer(Request(method, url, {"Host": AUTHORITY}), desk.client)
        assert (seen.status, seen.header("set-cookie")) == (302, "")
    assert cookie_of(desk.get(url))
    assert desk.get(url).header("location") == "/sign-in"
    late = desk.service.answer(Request(method, url, {"Host": AUTHORITY}), desk.client)
    assert late.header("location") == "/sign-in"
