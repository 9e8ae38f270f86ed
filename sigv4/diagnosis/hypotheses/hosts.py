"""Other hosts that may have been signed, with the path if it changes too: FAIL-14, 15, 42."""

from __future__ import annotations

from ...canonical import canonical_path
from ...errors import SigningError
from ...signing_names import HOST_LABELS
from ...target import cut_url, split_host, split_target
from .hypothesis import Hypothesis

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..signature_inputs import Draft
    from .hypothesis import Evidence, LeftOut

_PORTS = ("443", "80", "8080", "8443", "9000", "9443", "3000", "8000")
_LOCAL = (
    "localhost", "127.0.0.1", "localhost:4566", "localhost:8080", "localhost:8000", "localhost:9000",
    "127.0.0.1:9000", "minio", "minio:9000", "s3:9000", "rustfs:9000", "seaweedfs:8333", "garage:3900",
    "localstack:4566", "host.docker.internal:9000", "host.docker.internal:4566",
)  # fmt: skip
# Headers in which proxies and browsers repeat the host of the request.
_TELL_HOST = (
    "x-forwarded-host",
    "x-original-host",
    "x-host",
    "x-forwarded-server",
    "forwarded",
    "origin",
    "referer",
)
_TELL_PATH = ("x-original-uri", "x-original-url", "x-rewrite-url", "x-envoy-original-path", "x-forwarded-uri")
_S3_ENDPOINTS = (
    "s3.{}.amazonaws.com", "s3.amazonaws.com", "s3-{}.amazonaws.com", "s3.dualstack.{}.amazonaws.com",
    "s3-fips.{}.amazonaws.com", "s3-fips.dualstack.{}.amazonaws.com", "s3-external-1.amazonaws.com",
    "s3.{}.amazonaws.com.cn",
)  # fmt: skip
_S3_GLOBAL = ("s3-accelerate.amazonaws.com", "s3-accelerate.dualstack.amazonaws.com")
_ENDPOINTS = (
    "{}.{}.amazonaws.com", "{}-fips.{}.amazonaws.com", "{}.{}.api.aws", "{}-fips.{}.api.aws",
    "{}-{}.amazonaws.com", "fips.{}.{}.amazonaws.com", "{}.{}.amazonaws.com.cn", "{}.us-east-1.amazonaws.com",
)  # fmt: skip


def host_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis | LeftOut]:
    """Other hosts, with the path if it changes too."""
    host = dict(draft.headers).get("host")
    if host is None:
        return
    for other in _with_ports(host):
        yield _changed("FAIL-14", f"the host is {other!r}", draft, other)
    told = list(_told(evidence))
    yield from evidence.beyond(told, "the hosts in other headers")
    for other in told[: evidence.most_parts]:
        yield _changed("FAIL-15", f"the host is {other!r}", draft, other)
    labels = host.split(".")
    yield from evidence.beyond(labels, "the labels of the host")
    for label in labels[: evidence.most_parts]:
        if label.count("-") >= 2 and label != evidence.region and evidence.region:
            other = host.replace(label, evidence.region)
            yield _changed(
                "FAIL-42", f"the host is {other!r}", draft, other
            )  # S3 redirects to another region
            yield _changed("FAIL-15", f"the host is {other!r}", draft, other)
    yield from _of_called_url(evidence, draft, host)
    if evidence.service.startswith("s3"):
        yield from _s3_addressing(evidence, draft, host)
    else:
        for other in _endpoints(evidence, host):
            yield _changed("FAIL-15", f"the host is {other!r}", draft, other)
    for other in (host.lower(), *_LOCAL):
        yield _changed("FAIL-15", f"the host is {other!r}", draft, other)


def _changed(
    id: str, words: str, draft: Draft, host: str, path: str | None = None, fix: str = ""
) -> Hypothesis:
    headers = tuple((name, host if name == "host" else value) for name, value in draft.headers)
    if path is None:
        return Hypothesis(id, words, fix, headers=headers)
    return Hypothesis(id, words, fix, headers=headers, path=path)


def _with_ports(host: str) -> Iterator[str]:
    bare = split_host(host)[0]
    yield bare
    for port in _PORTS:
        yield f"{bare}:{port}"


def _told(evidence: Evidence) -> Iterator[str]:
    """Hosts that are named in other headers of the request."""
    for name in _TELL_HOST:
        for text in evidence.lines.get(name, "").replace(";", ",").split(","):
            text = text.strip().removeprefix("host=").removeprefix("Host=").strip('"')
            text = cut_url(text)[1] or text
            if text and "=" not in text and " " not in text:
                yield text


def _of_called_url(evidence: Evidence, draft: Draft, host: str) -> Iterator[Hypothesis]:
    """The URL that the client called, and paths that proxies repeat in headers."""
    called = [evidence.called] if evidence.called else []
    for url in (*called, *(evidence.lines.get(name, "") for name in _TELL_PATH)):
        try:
            other, path, _ = split_target(url)
            path = canonical_path(path, evidence.dialect)
        except SigningError:
            continue
        other = other or host
        if path == draft.path:
            yield _changed("FAIL-15", f"the host is {other!r}", draft, other)
        elif other == host:
            yield Hypothesis("FAIL-44", f"the path is {path!r}", path=path)
        else:
            yield _changed("FAIL-15", f"the host is {other!r} and the path {path!r}", draft, other, path)
            yield _changed("FAIL-15", f"the host is {other!r}", draft, other)


def _s3_addressing(evidence: Evidence, draft: Draft, host: str) -> Iterator[Hypothesis]:
    """The bucket in the host instead of the path or the reverse, with every endpoint of S3."""
    bare, path = split_host(host)[0], draft.path
    port = host[len(bare) :]
    endpoints = [each.format(evidence.region) for each in _S3_ENDPOINTS]
    bucket = _bucket(bare)
    if bucket:
        rest = bare[len(bucket) + 1 :]
        fix = "sign the address that is sent: the bucket in the host, or in the path, in both"
        for other in dict.fromkeys([rest, *endpoints]):
            longer = f"/{bucket}{path}" if path != "/" else f"/{bucket}"
            for each in (longer, f"/{bucket}/" if path == "/" else longer):
                yield _changed(
                    "FAIL-15",
                    f"the bucket is in the path, the host {other + port!r}",
                    draft,
                    other + port,
                    each,
                    fix,
                )
        for other in (*endpoints, *_S3_GLOBAL):
            yield _changed("FAIL-15", f"the host is '{bucket}.{other}'", draft, f"{bucket}.{other}")
    for other in endpoints:
        yield _changed("FAIL-15", f"the host is {other!r}", draft, other)
    first, _, rest_of_path = path[1:].partition("/")
    if first:
        fix = "sign the address that is sent: the bucket in the path, or in the host, in both"
        for other in dict.fromkeys([bare, *endpoints, *_S3_GLOBAL]):
            virtual = f"{first}.{other}{port if other == bare else ''}"
            yield _changed(
                "FAIL-15", f"the bucket is in the host, {virtual!r}", draft, virtual, f"/{rest_of_path}", fix
            )
            yield _changed("FAIL-15", f"the host is {virtual!r}", draft, virtual)


def _bucket(host: str) -> str:
    """The bucket in a virtual-hosted address; for a host that is not AWS's, its first label."""
    for mark in (".s3.", ".s3-"):
        at = host.find(mark)
        if at > 0:
            return host[:at]
    if host.startswith(("s3.", "s3-")) or host.replace(".", "").isdigit() or host.count(".") < 2:
        return ""
    return host.partition(".")[0]


def _endpoints(evidence: Evidence, host: str) -> Iterator[str]:
    """The endpoints of a service, by the host labels that are signed with its name."""
    service, region = evidence.service, evidence.region
    labels = [service, *(label for label, name in HOST_LABELS.items() if name == service)]
    prefix = host.partition(f".{service}")[0] if f".{service}" in host else ""
    for label in labels:
        names = [form.format(label, region) for form in _ENDPOINTS]
        for name in (*names, f"{label}.amazonaws.com"):
            yield name
            if prefix:
                yield f"{prefix}.{name}"
