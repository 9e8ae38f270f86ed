"""--service, --region, --algorithm: what to sign for; defaults come from the host or the environment."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from ..authorization import V4, V4A
from ..config.partitions import partition_of
from ..config.settings import REGION_VARIABLES, text
from ..errors import SigningError
from ..hosts import names_of_host
from ..target import check_url, cut_url, encode_path, split_target, without_user_info

_ALGORITHMS = {"v4": V4, "v4a": V4A}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--service", help="the signing name, such as sagemaker; by default the one in the host"
    )
    parser.add_argument(
        "--region",
        help="the signing region, such as us-east-1; by default the one in the host, or else AWS_REGION or "
        "AWS_DEFAULT_REGION; with v4a a region set, such as '*'",
    )
    parser.add_argument("--algorithm", choices=_ALGORITHMS, default="v4", help="by default v4")


def algorithm(options: Namespace) -> str:
    return _ALGORITHMS[str(options.algorithm)]


def resolve_url(options: Namespace) -> None:
    """Puts the URL to sign, service and region into ``options``. Raises SigningError.

    ``s3://bucket/key``, its key in plain text as for the AWS CLI, becomes the https URL of the object.
    """
    scheme, bucket, _ = cut_url(options.url)
    if scheme != "s3":
        check_url(options.url)
        split_target(options.url)
        resolve(options, without_user_info(bucket))
        return
    if bucket.startswith("arn:"):
        raise SigningError(
            f"{bucket[:80]!r} is an ARN, not a bucket: give the access point's alias, or its https URL"
        )
    if not bucket:
        raise SigningError(f"the URL is {options.url!r}: expected s3://bucket/key")
    options.region = options.region or _region_of_environment()
    if not options.region:
        raise SigningError("s3:// names no region: give --region, or set AWS_REGION")
    key = options.url[len("s3://") + len(bucket) :].removeprefix("/")
    domain = partition_of(options.region).dns_suffix
    name, _, zone = bucket.removesuffix("--x-s3").rpartition("--")
    if bucket.endswith("--x-s3") and name:
        options.service = options.service or "s3express"
        host = f"{bucket}.s3express-{zone}.{options.region}.{domain}"
    elif "." in bucket or bucket != bucket.lower():  # no certificate covers dots; hosts have no capitals
        host, key = f"s3.{options.region}.{domain}", f"{bucket}/{key}"
    else:
        host = f"{bucket}.s3.{options.region}.{domain}"
    options.service = options.service or "s3"
    options.url = f"https://{host}{encode_path('/' + key)}"


def resolve(options: Namespace, host: str) -> None:
    """Puts service and region into ``options`` if the flags do not give them. Raises SigningError."""
    region, services = names_of_host(host)
    unproved = "the URL has no host (expected 'https://host/path'), so it does not show"
    if host:
        unproved = f"the host {host[:120]!r} does not show"
    if not options.service:
        if len(services) != 1:
            found = f": it may be {' or '.join(sorted(services))}" if services else ""
            raise SigningError(f"{unproved} the service{found}: give --service")
        (options.service,) = services
    options.region = options.region or region or _region_of_environment()
    if not options.region:
        raise SigningError(f"{unproved} the region: give --region, or set AWS_REGION")


def _region_of_environment() -> str:
    return str(text("region", {}, os.environ, *REGION_VARIABLES).value or "")
