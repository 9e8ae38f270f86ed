"""Answers of servers that refuse: texts that AWS has published, and answers with a canonical request."""

from __future__ import annotations

import hashlib
import json

from .broken_signer import NOW

MISMATCH = "The request signature we calculated does not match the signature you provided."
NO_MATCH = f"{MISMATCH} Check your key and signing method."  # the text of S3
NO_MATCH_IN_FULL = f"{MISMATCH} Check your AWS Secret Access Key and signing method. Consult the service documentation for details."  # of the other services
MALFORMED = "The authorization header is malformed; "


def json_answer(code: str, message: str, date: str = "") -> str:
    body = json.dumps({"__type": code, "message": message})
    dated = f"Date: {date}\n" if date else ""
    return f"HTTP/1.1 400 Bad Request\nContent-Type: application/x-amz-json-1.1\n{dated}\n{body}"


def rest_answer(code: str, message: str) -> str:
    return f"HTTP/1.1 403 Forbidden\nx-amzn-ErrorType: {code}\n\n" + json.dumps({"message": message})


def xml_answer(status: int, code: str, message: str, more: str = "") -> str:
    return f"HTTP/1.1 {status} Refused\nContent-Type: application/xml\n\n<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>"


S3_REFUSED = xml_answer(403, "SignatureDoesNotMatch", NO_MATCH)
REFUSED = rest_answer("InvalidSignatureException", NO_MATCH_IN_FULL)


def resource(path: str) -> str:
    """The answer of S3 and MinIO with the path of the request."""
    return xml_answer(
        403, "SignatureDoesNotMatch", NO_MATCH, f"<Resource>{path}</Resource><RequestId>1</RequestId>"
    )


def echo(canonical: str, style: str) -> str:
    """The answer of a server that calculated ``canonical``."""
    text = f"AWS4-HMAC-SHA256\n{NOW}\n{NOW[:8]}/us-east-1/{{}}/aws4_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    if style == "s3":
        shown = "".join({"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(char, char) for char in canonical)
        raw = " ".join(f"{byte:02x}" for byte in canonical.encode())
        more = f"<StringToSign>{text.format('s3')}</StringToSign><CanonicalRequest>{shown}</CanonicalRequest><CanonicalRequestBytes>{raw}</CanonicalRequestBytes>"
        return xml_answer(403, "SignatureDoesNotMatch", NO_MATCH, more)
    message = (
        f"{NO_MATCH_IN_FULL}\n\nThe Canonical String for this request should have been\n'{canonical}'\n\n"
        f"The String-to-Sign should have been\n'{text.format(style)}'\n"
    )
    answered = json_answer if style == "sagemaker" else rest_answer
    return answered("InvalidSignatureException", message)
