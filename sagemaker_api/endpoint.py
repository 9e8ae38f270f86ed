"""The SageMaker endpoint of a region.

Source: the endpoint rules published with the SageMaker service model.
"""

from __future__ import annotations

from sigv4.config.service_endpoints import SAGEMAKER, endpoint_of
from sigv4.record import Record

SIGNING_NAME = "sagemaker"


class Endpoint(Record):
    """An endpoint: its ``url``, and the region and service name that a request to it is signed for."""

    url: str
    signing_region: str
    signing_name: str = SIGNING_NAME


def resolve(
    region: str | None,
    *,
    use_fips: bool = False,
    use_dualstack: bool = False,
    endpoint_url: str | None = None,
) -> Endpoint:
    """The endpoint of SageMaker in ``region``.

    ``region`` is a region name, or ``fips-REGION`` or ``REGION-fips`` for the region with FIPS on.
    ``endpoint_url`` is used unchanged, also with ``http``, because the caller chose it. The signing region is
    still ``region``, or ``""`` without one (then nothing can be signed). Raises ConfigError with the texts of
    the endpoint rules.

    >>> resolve("eu-west-1").url
    'https://api.sagemaker.eu-west-1.amazonaws.com'
    """
    found = endpoint_of(
        SAGEMAKER, region, use_fips=use_fips, use_dualstack=use_dualstack, endpoint_url=endpoint_url
    )
    return Endpoint(found.url, found.region)
