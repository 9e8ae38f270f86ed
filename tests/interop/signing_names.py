"""The table of ``sigv4/signing_names.py``, made from botocore's models: ``python -m tests.interop.signing_names``.

It prints the strings of the table; ``--write`` puts them into the module. What is in no model (``queue`` for
``sqs``, ``lambda-url`` for ``lambda``) is kept by hand in the module, in a table of its own.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

from sigv4.signing_names import squeezed

MODULE = Path(__file__).parents[2] / "sigv4" / "signing_names.py"
_SUFFIXES = (
    "amazonaws.com.cn", "api.amazonwebservices.com.cn", "amazonaws.com", "api.aws", "amazonaws.eu",
    "api.amazonwebservices.eu", "c2s.ic.gov", "api.aws.ic.gov", "sc2s.sgov.gov", "api.aws.scloud",
    "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "csp.hci.ic.gov", "api.aws.hci.ic.gov",
)  # fmt: skip
_PARAMETERS = {
    "AccountId": "111122223333", "AccountIdEndpointMode": "disabled", "ApiType": "control-plane",
    "UseGlobalEndpoint": False, "UseS3ExpressControlEndpoint": False,
}  # fmt: skip


class Endpoint(NamedTuple):
    client: str
    region: str  # the region that was requested
    host: str
    service: str  # the signing name
    signing_region: str


class Models(NamedTuple):
    signing_names: set[str]
    names: dict[str, str]  # client names and endpoint prefixes that are not signing names, and the right ones
    regions: set[str]


def models() -> Models:
    """The names in botocore's service models and endpoint rules."""
    from botocore.session import get_session

    session = get_session()
    loader = session.get_component("data_loader")
    found: list[tuple[tuple[str, ...], str]] = []
    signing_names: set[str] = set()
    for client in session.get_available_services():
        metadata = session.get_service_model(client).metadata
        prefix = metadata["endpointPrefix"]
        name = metadata.get("signingName", prefix)
        # How the SDKs for JavaScript, Go, Rust and Java name the client.
        of_other_sdks = re.sub("[^A-Za-z0-9]+", "-", metadata["serviceId"]).lower()
        found.append(((client, prefix, of_other_sdks), name))
        signing_names.add(name)
        text = json.dumps(loader.load_service_model(client, "endpoint-rule-set-1"))
        signing_names.update(re.findall(r'"signingName": "([A-Za-z0-9-]+)"', text))
    names = {other: name for others, name in found for other in others if other not in signing_names}
    # Names of a client that are, since 2026, also the signing name of another service.
    names["cloudwatch"] = "monitoring"
    regions = {
        region
        for partition in loader.load_data("partitions")["partitions"]
        for region in partition["regions"]
        if not region.endswith("-global")
    }
    return Models(signing_names, names, regions)


# Regions of every partition.
_SAMPLE = (
    "us-east-1", "us-west-2", "aws-global", "cn-north-1", "aws-cn-global", "eusc-de-east-1", "us-iso-east-1",
    "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1",
    "us-isof-east-1", "us-gov-west-1", "aws-us-gov-global",
)  # fmt: skip


def endpoints() -> Iterator[Endpoint]:
    """The endpoint of every client in regions of every partition, with and without FIPS and dual stack."""
    from botocore.endpoint_provider import EndpointProvider
    from botocore.exceptions import BotoCoreError
    from botocore.regions import EndpointResolver
    from botocore.session import get_session

    session = get_session()
    loader = session.get_component("data_loader")
    resolver = EndpointResolver(loader.load_data("endpoints"))
    partitions = loader.load_data("partitions")
    for client in session.get_available_services():
        metadata = session.get_service_model(client).metadata
        name = metadata.get("signingName", metadata["endpointPrefix"])
        rules = loader.load_service_model(client, "endpoint-rule-set-1")
        provider = EndpointProvider(rules, partitions)
        for region in _SAMPLE:
            for variant in range(4):
                asked: dict[str, Any] = {
                    **_PARAMETERS, "Region": region, "UseFIPS": bool(variant & 1), "UseDualStack": variant > 1,
                }  # fmt: skip
                if client == "s3control":
                    asked["RequiresAccountId"] = True
                given = {key: value for key, value in asked.items() if key in rules["parameters"]}
                try:
                    answer = provider.resolve_endpoint(**given)
                except BotoCoreError:
                    continue
                scheme = (answer.properties.get("authSchemes") or [{}])[0]
                host = answer.url.partition("://")[2].partition("/")[0]
                signed = (
                    scheme.get("signingName", name),
                    scheme.get("signingRegion", _scope(resolver, metadata["endpointPrefix"], asked)),
                )
                yield Endpoint(client, region, host, *signed)


def _scope(resolver: Any, prefix: str, asked: dict[str, Any]) -> str:
    """The region that a client signs for if the rules name none: a global service has one for each partition."""
    from botocore.exceptions import BotoCoreError

    region: str = asked["Region"]
    try:
        known = resolver.construct_endpoint(
            prefix,
            region,
            use_fips_endpoint=asked["UseFIPS"],
            use_dualstack_endpoint=asked["UseDualStack"],
        )
    except BotoCoreError:  # the service has no such variant
        return region
    return str((known or {}).get("credentialScope", {}).get("region", region))


def host_names(regions: set[str], every: list[Endpoint]) -> dict[str, set[str]]:
    """The labels of hosts that name a service, and the names that requests to them are signed with."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in every:
        suffix = next((suffix for suffix in _SUFFIXES if each.host.endswith(f".{suffix}")), None)
        if suffix is None:
            continue
        labels = each.host.removesuffix(f".{suffix}").split(".")
        skipped = regions | {"dualstack", "global", "us-gov", "cn", "fips", _PARAMETERS["AccountId"]}
        kept = [
            label.removesuffix("-fips")
            for label in labels
            if label not in skipped and not label.endswith("-global")
        ]
        found[".".join(kept)].add(each.service)
    return dict(found)


def table(found: Models, every: list[Endpoint]) -> dict[str, str]:
    """The strings, by the names that they have in the module."""
    by_label = host_names(found.regions, every)
    hosts: dict[str, set[str]] = defaultdict(set)
    for label, names in by_label.items():
        for name in names - {label}:
            hosts[name].add(label)
    clients: dict[str, set[str]] = defaultdict(set)
    # Names that differ from the right one only by hyphens are found without the table.
    known = {squeezed(name): name for name in sorted(found.signing_names)}
    for other, name in sorted(found.names.items()):
        if other not in by_label and known.get(squeezed(other)) != name:
            known[squeezed(other)] = name
            clients[name].add(other)
    return {
        "_SIGNING_NAMES": _lines(sorted(found.signing_names)),
        "_HOST_LABELS": _groups(hosts),
        "_CLIENT_NAMES": _groups(clients),
        "_REGIONS": _lines(sorted(found.regions)),
    }


def _groups(groups: dict[str, set[str]]) -> str:
    words = []
    for name, others in sorted(groups.items()):
        ordered = sorted(others)
        words += [f"{name}={','.join(ordered[start : start + 2])}" for start in range(0, len(ordered), 2)]
    return _lines(words)


def _lines(words: list[str]) -> str:
    return fill(" ".join(words), 155, initial_indent="", break_long_words=False, break_on_hyphens=False)


def written(source: str, strings: dict[str, str]) -> str:
    for name, text in strings.items():
        source, count = re.subn(rf'(?ms)^{name} = """\\\n.*?"""$', f'{name} = """\\\\\n{text}\n"""', source)
        if count != 1:
            raise SystemExit(f"{MODULE}: no {name}")
    return source


if __name__ == "__main__":
    strings = table(models(), list(endpoints()))
    if "--write" in sys.argv:
        MODULE.write_text(written(MODULE.read_text("utf-8"), strings), "utf-8")
    else:
        for name, text in strings.items():
            sys.stdout.write(f"{name}\n{text}\n\n")
