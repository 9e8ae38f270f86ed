"""What each hypothesis about the host changes it to, and the path with it."""

from __future__ import annotations

import pytest

from tests.sigv4.diagnosis.tried import Tried, changes, examined, of_header

LOCAL = (
    "localhost 127.0.0.1 localhost:4566 localhost:8080 localhost:8000 localhost:9000 127.0.0.1:9000 minio minio:9000 "
    "s3:9000 rustfs:9000 seaweedfs:8333 garage:3900 localstack:4566 host.docker.internal:9000 host.docker.internal:4566"
).split()
PORTS = "443 80 8080 8443 9000 9443 3000 8000".split()
OF_S3 = (
    "s3.us-east-1.amazonaws.com s3.amazonaws.com s3-us-east-1.amazonaws.com s3.dualstack.us-east-1.amazonaws.com "
    "s3-fips.us-east-1.amazonaws.com s3-fips.dualstack.us-east-1.amazonaws.com s3-external-1.amazonaws.com "
    "s3.us-east-1.amazonaws.com.cn"
).split()
ACCELERATED = ["s3-accelerate.amazonaws.com", "s3-accelerate.dualstack.amazonaws.com"]


def hosts(url: str, service: str = "lambda", *, called: str = "", **told: str) -> Tried:
    added = [(name.replace("_", "-"), value) for name, value in told.items()]
    found = of_header(examined(service, url, added=added, called=called), "host")
    return [
        each for each in found if each[0] in ("FAIL-14", "FAIL-15", "FAIL-42") and "header" not in each[1]
    ]


def as_hosts(id: str, names: list[str]) -> Tried:
    return [(id, f"the host is {name!r}", name) for name in names]


@pytest.mark.parametrize("port", ["", ":8080"])
def test_other_hosts_of_a_service(port: str) -> None:
    """Here two labels are signed as ``lambda``: its own name, and that of function URLs."""
    ports = ([] if not port else [""]) + [f":{each}" for each in PORTS if f":{each}" != port]
    endpoints = [
        form.format(label)
        for label in ("lambda", "lambda-url")
        for form in (
            "{}.us-east-1.amazonaws.com", "{}-fips.us-east-1.amazonaws.com", "{}.us-east-1.api.aws",
            "{}-fips.us-east-1.api.aws", "{}-us-east-1.amazonaws.com", "fips.{}.us-east-1.amazonaws.com",
            "{}.us-east-1.amazonaws.com.cn", "{}.amazonaws.com",
        )
    ]  # fmt: skip
    assert hosts(f"h.example{port}/a") == [
        *as_hosts("FAIL-14", [f"h.example{each}" for each in ports]),
        *as_hosts("FAIL-15", [*endpoints, *LOCAL]),
    ]
    prefixed = [name for each in endpoints for name in (each, f"x.{each}")]
    assert hosts("x.lambda.example/a")[8:] == as_hosts("FAIL-15", [*prefixed, *LOCAL])


def test_hosts_that_other_headers_repeat() -> None:
    told = hosts(
        "h.example/a",
        X_Forwarded_Host="a.example, b.example",
        X_Original_Host="c.example",
        X_Host="d.example:1",
        X_Forwarded_Server="e.example",
        Forwarded='for=1;host="f.example:2", for=2;Host=g.example',
        Origin="https://i.example",
        Referer="https://j.example/k?l=m",
    )
    names = "a.example b.example c.example d.example:1 e.example f.example:2 g.example i.example j.example".split()
    assert told[8 : 8 + len(names)] == as_hosts("FAIL-15", names)


@pytest.mark.parametrize(
    "name", ["X-Original-URI", "X-Original-URL", "X-Rewrite-URL", "X-Envoy-Original-Path", "X-Forwarded-URI"]
)
def test_paths_that_other_headers_repeat(name: str) -> None:
    request = examined("lambda", "h.example/a", added=[(name, "/base/a")])
    assert ("FAIL-44", "the path is '/base/a'", "/base/a") in changes(request, "path")


def test_the_url_that_was_called() -> None:
    assert ("FAIL-15", "the host is 'i.example'", "i.example") in hosts(
        "h.example/a", called="https://i.example/a"
    )
    request = examined("lambda", "h.example/a", called="https://i.example/b")
    both = [each for each in changes(request, "path", alone=False) if each[0] == "FAIL-15"]
    assert both == [("FAIL-15", "the host is 'i.example' and the path '/b'", "/b")]
    assert ("FAIL-15", "the host is 'i.example'", "i.example") in of_header(request, "host")
    only = examined("lambda", "h.example/a", called="https://h.example/b")
    assert ("FAIL-44", "the path is '/b'", "/b") in changes(only, "path")


def test_a_redirect_to_the_bucket_s_region() -> None:
    """FAIL-42: the request was signed for the region of its Credential and repeated at another."""
    moved = hosts("b.s3.eu-west-3.amazonaws.com/k", "s3")
    assert moved[8:10] == [
        (id, "the host is 'b.s3.us-east-1.amazonaws.com'", "b.s3.us-east-1.amazonaws.com")
        for id in ("FAIL-42", "FAIL-15")
    ]
    assert not [each for each in hosts("b.s3.us-east-1.amazonaws.com/k", "s3") if each[0] == "FAIL-42"]


def addressed(url: str) -> list[tuple[str, str, str | None]]:
    """Words, path and host of each hypothesis that moves the bucket."""
    request = examined("s3", url)
    found = zip(changes(request, "path", alone=False), changes(request, "path", alone=False), strict=True)
    paths = [(words, path) for (id, words, path), _ in found if id == "FAIL-15" and "the bucket is" in words]
    headers = [
        dict(value)["host"] for id, words, value in changes(request, "headers", alone=False)
        if id == "FAIL-15" and "the bucket is" in words
    ]  # fmt: skip
    return [(words, path, host) for (words, path), host in zip(paths, headers, strict=True)]


def test_the_bucket_in_the_path_or_in_the_host() -> None:
    assert addressed("b.c.s3.eu-west-3.amazonaws.com/k/l") == [
        *((f"the bucket is in the path, the host {other!r}", "/b.c/k/l", other) for other in ["s3.eu-west-3.amazonaws.com", *OF_S3]),
        *(
            (f"the bucket is in the host, {'k.' + other!r}", "/l", f"k.{other}")
            for other in ["b.c.s3.eu-west-3.amazonaws.com", *OF_S3, *ACCELERATED]
        ),
    ]  # fmt: skip
    rest = ["s3-eu-west-3.amazonaws.com", *OF_S3]
    assert addressed("b.s3-eu-west-3.amazonaws.com/") == [
        (f"the bucket is in the path, the host {other!r}", path, other)
        for other in rest
        for path in ("/b", "/b/")
    ]
    minio = addressed("store.a.example:9000/")
    assert minio[:2] == [("the bucket is in the path, the host 'a.example:9000'", path, "a.example:9000") for path in ("/store", "/store/")]  # fmt: skip


@pytest.mark.parametrize("host", ["s3.us-east-1.amazonaws.com", "s3-eu-west-1.amazonaws.com", "10.0.0.1", "minio.example", "minio"])  # fmt: skip
def test_a_host_without_a_bucket(host: str) -> None:
    assert not [each for each in addressed(f"{host}/k") if "in the path" in each[0]]
    expected = [("the bucket is in the host, 'k." + host + "'", "/", f"k.{host}")]
    assert addressed(f"{host}/k")[:1] == expected


def test_the_same_bucket_at_another_endpoint() -> None:
    found = hosts("b.s3.eu-west-3.amazonaws.com/", "s3")
    for other in [*OF_S3, *ACCELERATED]:
        assert ("FAIL-15", f"the host is 'b.{other}'", f"b.{other}") in found
    for other in OF_S3:
        assert ("FAIL-15", f"the host is {other!r}", other) in found
    bucket_first = hosts("s3.eu-west-3.amazonaws.com:1/k/l", "s3")
    assert (
        "FAIL-15",
        "the host is 'k.s3.eu-west-3.amazonaws.com:1'",
        "k.s3.eu-west-3.amazonaws.com:1",
    ) in bucket_first
