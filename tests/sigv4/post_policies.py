"""A POST policy that AWS published, with its signer and the time of its signature."""

from __future__ import annotations

from sigv4 import Credentials, Signer

B = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
AT = 1451347200  # 2015-12-29T00:00:00Z
# Amazon S3 API Reference, sigv4-post-example; its lines end in CRLF.
DOCUMENT = """{ "expiration": "2015-12-30T12:00:00.000Z",
  "conditions": [
    {"bucket": "sigv4examplebucket"},
    ["starts-with", "$key", "user/user1/"],
    {"acl": "public-read"},
    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
    ["starts-with", "$Content-Type", "image/"],
    {"x-amz-meta-uuid": "14365123651274"},
    {"x-amz-server-side-encryption": "AES256"},
    ["starts-with", "$x-amz-meta-tag", ""],

    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
    {"x-amz-date": "20151229T000000Z" }
  ]
}""".replace("\n", "\r\n")


def signer(credentials: Credentials = B) -> Signer:
    return Signer("s3", "us-east-1", credentials)


B_AND_K = [{"bucket": "b"}, {"key": "k"}]
