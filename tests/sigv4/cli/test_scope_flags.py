"""The command line's service, region, expiry and headers: which follow from the host, and which need flags."""

from __future__ import annotations

import shlex

import pytest

from sigv4 import Credentials, Signer, SigningError
from sigv4.cli import main

KEYS = ("--access-key-id", "AKIDEXAMPLE", "--secret-access-key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
AT = ("--at", "20150830T123600Z")
SIGNER = Signer("s3", "us-east-1", Credentials(KEYS[1], KEYS[3]))


@pytest.fixture(autouse=True)
def _no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main((*arguments, *KEYS, *AT))
    return code, *capsys.readouterr()


def scope(out: str) -> str:
    return out.partition("Credential=AKIDEXAMPLE/20150830/")[2].partition("/aws4_request")[0]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://api.sagemaker.eu-west-1.amazonaws.com/", "eu-west-1/sagemaker"),
        ("https://b.s3.us-gov-west-1.amazonaws.com/k", "us-gov-west-1/s3"),
        ("https://iam.amazonaws.com/?Action=ListUsers", "us-east-1/iam"),
        ("https://abc.execute-api.us-east-1.amazonaws.com/x", "us-east-1/execute-api"),
        ("https://abc.lambda-url.us-east-2.on.aws/", "us-east-2/lambda"),
    ],
)
def test_sts_4_the_host_proves_service_and_region(
    capsys: pytest.CaptureFixture[str], url: str, found: str
) -> None:
    code, out, _ = run(capsys, "sign", url)
    assert (code, scope(out)) == (0, found)


def test_sts_4_what_the_host_does_not_prove_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run(capsys, "sign", "https://h.example/")
    assert code
    assert "does not show the service: give --service" in err
    code, _, err = run(capsys, "sign", "/path")
    assert code
    assert (
        "the URL has no host (expected 'https://host/path'), so it does not show the service: give --service"
        in err
    )
    for url in ("nonsense", "h.example/path?secret", "me:pw@h.example/"):
        for verb in ("sign", "presign", "send"):
            code, _, err = run(capsys, verb, url, "--service", "s3", "--region", "us-east-1")
            assert code
            assert (
                "sigv4: expected a URL such as 'https://host/path' or a target such as '/path', got " in err
            )
            assert "secret" not in err
            assert "pw" not in err
    code, _, err = run(capsys, "sign", "https://x-ats.iot.us-east-1.amazonaws.com/")
    assert code
    assert "it may be iot or iotdata or iotdevicegateway: give --service" in err
    code, _, err = run(capsys, "sign", "https://h.example/", "--service", "mine")
    assert code
    assert "give --region, or set AWS_REGION" in err
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    assert scope(run(capsys, "sign", "https://h.example/", "--service", "mine")[1]) == "eu-west-3/mine"
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert scope(run(capsys, "sign", "https://h.example/", "--service", "mine")[1]) == "eu-west-1/mine"
    assert scope(run(capsys, "sign", "https://sts.us-east-2.amazonaws.com/")[1]) == "us-east-2/sts"
    out = run(capsys, "sign", "https://sts.us-east-2.amazonaws.com/", "--region", "us-west-1")[1]
    assert scope(out) == "us-west-1/sts"


@pytest.mark.parametrize(
    ("url", "https"),
    [
        ("s3://bucket/key", "https://bucket.s3.us-east-1.amazonaws.com/key"),
        (
            "s3://bucket/my files/a+b?#%.txt",
            "https://bucket.s3.us-east-1.amazonaws.com/my%20files/a%2Bb%3F%23%25.txt",
        ),
        ("s3://www.example.com/key", "https://s3.us-east-1.amazonaws.com/www.example.com/key"),
        ("s3://Legacy_Bucket/Key", "https://s3.us-east-1.amazonaws.com/Legacy_Bucket/Key"),
        ("s3://bucket", "https://bucket.s3.us-east-1.amazonaws.com/"),
        ("S3://bucket//a/../b", "https://bucket.s3.us-east-1.amazonaws.com//a/../b"),
    ],
)
def test_s3_urls_are_presigned(capsys: pytest.CaptureFixture[str], url: str, https: str) -> None:
    code, out, _ = run(capsys, "presign", url, "--region", "us-east-1", "--expires", "15m")
    assert code == 0
    assert out.strip() == SIGNER.presign("GET", https, expires=900, at=1440938160)


def test_s3_urls_of_other_partitions_and_of_s3_express(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    assert run(capsys, "presign", "s3://b/k")[1].startswith("https://b.s3.cn-north-1.amazonaws.com.cn/k?")
    out = run(capsys, "presign", "s3://b--usw2-az1--x-s3/k", "--region", "us-west-2")[1]
    assert out.startswith("https://b--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com/k?")
    assert "%2Fs3express%2F" in out
    monkeypatch.delenv("AWS_REGION")
    assert "s3:// names no region: give --region" in run(capsys, "presign", "s3://b/k")[2]
    assert "expected s3://bucket/key" in run(capsys, "presign", "s3:///k")[2]
    arn = "s3://arn:aws:s3:us-west-2:111122223333:accesspoint/ap/k"
    assert "is an ARN, not a bucket" in run(capsys, "presign", arn, "--region", "us-west-2")[2]


@pytest.mark.parametrize("service", ["rds-db", "elasticache", "memorydb", "kafka-cluster"])
def test_url_2_the_service_decides_the_lifetime_of_a_connection_token(
    capsys: pytest.CaptureFixture[str], service: str
) -> None:
    url = "https://h.example:3306/?Action=connect"
    scope_flags = ("--service", service, "--region", "us-east-1")
    assert "&X-Amz-Expires=900&" in run(capsys, "presign", url, *scope_flags)[1]
    assert "&X-Amz-Expires=60&" in run(capsys, "presign", url, *scope_flags, "--expires", "60s")[1]
    code, _, err = run(capsys, "presign", url, *scope_flags, "--expires", "1h")
    assert code
    assert "1 to 900 (the 15 minutes that the service accepts)" in err
    with pytest.raises(SigningError, match="1 to 900"):
        Signer(service, "us-east-1", Credentials("A", "b")).presign("GET", url, expires=901)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), ("12h", 43200), ("7d", 604800)]
)
def test_an_expiry_may_have_a_unit(capsys: pytest.CaptureFixture[str], text: str, seconds: int) -> None:
    out = run(capsys, "presign", "https://b.s3.us-east-1.amazonaws.com/k", "--expires", text)[1]
    assert f"&X-Amz-Expires={seconds}&" in out


@pytest.mark.parametrize("text", ["", "-1", "1.5", "15 m", "m", "1w", "1h30m", "²"])
def test_an_invalid_expiry_is_refused(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with pytest.raises(SystemExit) as caught:
        run(capsys, "presign", "https://b.s3.us-east-1.amazonaws.com/k", f"--expires={text}")
    assert caught.value.code == 2
    assert "expected whole seconds, or such as 15m" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("X-Amz-Expires", "--expires"),
        ("x-amz-date", "--at"),
        ("X-Amz-Security-Token", "--session-token"),
        ("Authorization", "leave it out"),
        ("X-Amz-SignedHeaders", "leave it out"),
        ("X-Amz-Credential", "--access-key-id"),
        ("X-Amz-Region-Set", "--algorithm v4a"),
    ],
)
def test_headers_of_a_signature_are_refused_with_the_flag(
    capsys: pytest.CaptureFixture[str], name: str, fix: str
) -> None:
    for verb in ("sign", "presign"):
        code, out, err = run(capsys, verb, "https://b.s3.us-east-1.amazonaws.com/k", "-H", f"{name}: 60")
        assert code
        assert out == ""
        assert f"the header '{name}' is not given with -H: " in err
        assert fix in err


def test_a_curl_command_for_head_and_for_an_empty_put(capsys: pytest.CaptureFixture[str]) -> None:
    url = "https://b.s3.us-east-1.amazonaws.com/k"
    words = shlex.split(run(capsys, "sign", url, "-X", "HEAD", "--curl")[1])
    assert "--head" in words
    assert "-X" not in words
    for method in ("PUT", "POST", "PATCH"):
        words = shlex.split(run(capsys, "sign", url, "-X", method, "--curl")[1])
        assert "Content-Length: 0" in words
        assert words[words.index("-X") + 1] == method
        assert "Content-Length: 0" in run(capsys, "sign", url, "-X", method)[1].splitlines()
        assert "Content-Length: 0" not in run(capsys, "sign", url, "-X", method, "-d", "x")[1]
    assert "Content-Length" not in run(capsys, "sign", url)[1]
