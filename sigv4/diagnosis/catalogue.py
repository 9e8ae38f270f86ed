"""The known causes of wrong signatures, as data: the FAIL ids of docs/protocol.md, each with its fix."""

from __future__ import annotations

from .refusals import REFUSALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .refusals import Cause

CAUSES: Mapping[str, Cause] = {
    "FAIL-01": (
        "the path was encoded once where this service wants it encoded again",
        "escape the wire path once more in the canonical request, so that '%3A' becomes '%253A'",
        "CR-PATH-2",
    ),
    "FAIL-02": (
        "the path or query was escaped again between signing and sending",
        "give the HTTP library a URL that it does not change, and sign that URL",
        "CR-PATH-1",
    ),
    "FAIL-03": (
        "the path was encoded twice, and S3 wants it encoded once",
        "for S3 escape each byte of the key once, and sign the path as sent",
        "CR-PATH-4",
    ),
    "FAIL-04": (
        "an escaped slash '%2F' within a segment became '/', or the reverse",
        "keep the path as it is on the request line; never decode it with a URL parser",
        "CR-PATH-1",
    ),
    "FAIL-05": (
        "reserved characters were not escaped in the signed text",
        "escape every byte but A-Z a-z 0-9 - . _ ~",
        "CR-PATH-6",
    ),
    "FAIL-06": ("'~' was escaped as '%7E'", "leave '~' as it is: it is unreserved", "CR-PATH-6"),
    "FAIL-07": (
        "the hex digits of the escapes were in the wrong case",
        "write escapes with upper-case digits: '%3A'; and sign a non-S3 path as it was sent",
        "CR-PATH-2",
    ),
    "FAIL-08": ("a space was signed as '+'", "send and sign a space as '%20'", "CR-QUERY-3"),
    "FAIL-09": (
        "a literal plus was lost or read as a space",
        "send and sign a plus as '%2B', never raw",
        "CR-QUERY-3",
    ),
    "FAIL-10": (
        "the query parameters were in another order",
        "sort by name, then value, of the encoded text, as pairs and not as joined strings",
        "CR-QUERY-2",
    ),
    "FAIL-11": (
        "parameters without a value, or repeated ones, were dropped or left without '='",
        "sign every parameter that is sent, each as 'name=value', an empty one as 'name='",
        "CR-QUERY-1",
    ),
    "FAIL-12": (
        "'/', ':', '=' or the like was raw, or escaped twice, in a query value",
        "escape every byte of names and values but the unreserved, once",
        "CR-QUERY-1",
    ),
    "FAIL-13": (
        "dot segments or empty segments of the path were treated in another way",
        "for S3 keep them; elsewhere drop them from the canonical path, and send the path without them",
        "CR-PATH-3",
    ),
    "FAIL-14": (
        "the host was signed with another port",
        "sign the Host header as sent: no ':80' for http, no ':443' for https, any other port kept",
        "CR-HDR-6",
    ),
    "FAIL-15": (
        "the host that was signed is not the host of the request",
        "sign the host that the server sees; a proxy must pass the Host header on unchanged",
        "CR-HDR-6",
    ),
    "FAIL-16": (
        "a header that was signed is changed or removed on the way",
        "do not sign headers that proxies and libraries rewrite",
        "CR-HDR-5",
    ),
    "FAIL-17": (
        "Expect was signed, and the first server that answers 100 Continue removes it",
        "leave 'expect' out of SignedHeaders",
        "CR-HDR-5",
    ),
    "FAIL-18": (
        "Content-Length was signed and Transfer-Encoding replaced it, or the reverse",
        "sign neither, or send a body of known length",
        "CR-HDR-5",
    ),
    "FAIL-19": (
        "Content-Type was changed between signing and sending",
        "set Content-Type before signing, to what the HTTP library will send, its charset included",
        "CR-HDR-2",
    ),
    "FAIL-20": (
        "white space in a header value was not trimmed or collapsed",
        "trim the value and make every run of spaces one, quoted text included",
        "CR-HDR-2",
    ),
    "FAIL-21": (
        "the values of a repeated header were joined in another way",
        "join them with only ',', in the order in which they are sent",
        "CR-HDR-2",
    ),
    "FAIL-22": (
        "a header value outside ASCII was signed as other bytes than were sent",
        "send ASCII only, or sign the very bytes that are sent",
        "CR-HDR-8",
    ),
    "FAIL-23": (
        "the session token is missing, or was added after signing",
        "add X-Amz-Security-Token before signing, and sign it",
        "TOKEN-1",
    ),
    "FAIL-24": (
        "the session token was signed, but the service removes it before it checks the signature",
        "sign without the token, and append it last",
        "TOKEN-2",
    ),
    "FAIL-25": (
        "another secret access key was used than the right one",
        "compare its length and both ends: white space, quotes, '+', '/' and '\\' are often lost",
        "KEY-1",
    ),
    "FAIL-26": (
        "the access key id has white space in it",
        "strip the access key id",
        "AUTHZ-1",
    ),
    "FAIL-27": (
        "the region in the credential scope is wrong",
        "sign for the region of the endpoint",
        "STS-4",
    ),
    "FAIL-28": (
        "the service in the credential scope is wrong",
        "sign with the signing name, which is not always the first label of the host",
        "STS-4",
    ),
    "FAIL-29": (
        "the clock of the request is not the clock of the server",
        "set the clock (NTP), in UTC, and sign each attempt again",
        "VERIFY-18",
    ),
    "FAIL-30": (
        "the day of the credential scope is not the day of X-Amz-Date",
        "take both, and the signing key, from one reading of the clock",
        "STS-2",
    ),
    "FAIL-31": (
        "the signing key was derived, or applied, in another way",
        "chain raw 32-byte HMACs: 'AWS4' + secret, day, region, service, 'aws4_request'; hex at the end",
        "KEY-1",
    ),
    "FAIL-32": (
        "the body that was hashed is not the body that was sent",
        "serialize once; hash and send the same bytes",
        "PAYLOAD-1",
    ),
    "FAIL-33": (
        "a body of GET, HEAD or DELETE was hashed as empty, or dropped after signing",
        "hash the body that is sent, for every method",
        "PAYLOAD-1",
    ),
    "FAIL-34": (
        "X-Amz-Content-SHA256 and the payload line disagree",
        "put the same lower-case hex SHA-256 of the body in both",
        "PAYLOAD-2",
    ),
    "FAIL-35": (
        "a hash was used where the service requires UNSIGNED-PAYLOAD, or the reverse",
        "use UNSIGNED-PAYLOAD only if the service accepts it, and send it as X-Amz-Content-SHA256",
        "PAYLOAD-5",
    ),
    "FAIL-36": (
        "X-Amz-Content-SHA256 is missing, and the service requires it",
        "send it, and sign it",
        "PAYLOAD-4",
    ),
    "FAIL-37": (
        "the names in SignedHeaders were not lower-case, sorted and joined with ';'",
        "lower-case the names, sort them by bytes, join them with ';' and nothing at the end",
        "CR-HDR-1",
    ),
    "FAIL-38": (
        "the parts of the credential scope had another order or form",
        "write day/region/service/aws4_request, without the access key id in the string to sign",
        "STS-2",
    ),
    "FAIL-39": (
        "a line of the canonical request or string to sign was missing, extra or ended in another way",
        "join the six parts with LF, one empty line after the headers, and nothing at the end",
        "CR-FORMAT",
    ),
    "FAIL-40": (
        "the presigned URL was not used as it was signed",
        "use the URL byte for byte, with its method, the headers that were signed and no other x-amz-*",
        "URL-4",
    ),
    "FAIL-41": (
        "the request is signed twice, in the Authorization header and in the query",
        "keep one: send a presigned URL without an Authorization header",
        "AUTHZ-2",
    ),
    "FAIL-42": (
        "a redirect was followed with the signature of the first request",
        "sign the request to the new place again",
        "CR-HDR-6",
    ),
    "FAIL-43": (
        "another time was signed than the one that was sent as X-Amz-Date",
        "send the X-Amz-Date of the string to sign",
        "STS-3",
    ),
    "FAIL-44": (
        "a stage or base path was added to the path or removed from it on the way",
        "sign the path that the service sees behind its custom domain",
        "CR-PATH-1",
    ),
    "FAIL-45": (
        "the endpoint serves many regions, and requires Signature Version 4A",
        "sign with AWS4-ECDSA-P256-SHA256 and a region set",
        "V4A-1",
    ),
    "FAIL-46": (
        "the text was not encoded as UTF-8 before hashing",
        "encode the canonical request and the string to sign as UTF-8",
        "CR-FORMAT",
    ),
    "FAIL-47": (
        "derived credentials (an SMTP password) were used as an access key",
        "use the access key and secret of an IAM identity",
        "KEY-1",
    ),
    "FAIL-48": (
        "Content-Length was signed as something else than the length that was sent",
        "leave 'content-length' out of SignedHeaders, or sign what is sent",
        "CR-HDR-7",
    ),
    "FAIL-49": (
        "a chunk of the body is signed wrongly",
        "sign each chunk with the signature of the previous one; make all chunks but the last 8 KiB or more",
        "CHUNK-3",
    ),
    "FAIL-50": (
        "the request has no signature",
        "check that credentials are loaded, and that the signer runs for this request",
        "AUTHZ-1",
    ),
    "FAIL-51": (
        "the request is signed with an older version of AWS's signatures, not with Version 4",
        "sign with Signature Version 4: set signature_version to 's3v4' or 'v4', or use a newer SDK",
        "AUTHZ-1",
    ),
    "FAIL-52": (
        "the request has a token, or the signature of another scheme, but no AWS signature",
        "send it where that scheme is checked, or sign the request with Signature Version 4 instead",
        "AUTHZ-1",
    ),
    "FAIL-53": (
        "the form of a browser upload does not fit its own POST policy",
        "give the policy a condition for every field except the signature, the file and x-ignore-…",
        "AUTHZ-1",
    ),
    "FAIL-54": (
        "CloudFront signs the request for the origin, and needs the hash of the body from the caller",
        "send x-amz-content-sha256 with the SHA-256 of the body for PUT and POST; sign nothing yourself",
        "PAYLOAD-4",
    ),
    "FAIL-55": (
        "it is a CORS preflight, which a browser never signs",
        "answer OPTIONS without authorization: enable CORS on the bucket, the API or the proxy",
        "AUTHZ-1",
    ),
    "FAIL-56": (
        "the capture does not contain everything that was sent",
        "capture again with the Authorization header and the body: Chrome leaves the header out of a HAR "
        "unless that is exported with sensitive data; curl -v leaves out the body",
        "AUTHZ-1",
    ),
    "FAIL-57": (
        "API Gateway has no such route or method, and answers as if the signature were malformed",
        "compare method, stage and path with the deployed API, and deploy it; then look at the signature",
        "AUTHZ-1",
    ),
    "FAIL-58": (
        "the server received another request than the one that was sent",
        "log the request as it arrives at the server, and compare it with this one line by line",
        "CR-HDR-5",
    ),
    "FAIL-59": (
        "the client adds a checksum to uploads, and the server does not support checksums in a trailer",
        "set request_checksum_calculation (AWS_REQUEST_CHECKSUM_CALCULATION) to 'when_required', or update "
        "the server: SDKs of 2025 and later add it by default",
        "TRAILER-1",
    ),
    "FAIL-60": (
        "a query parameter was added or removed between signing and sending",
        "add parameters before signing, and send the URL as it was signed",
        "CR-QUERY-1",
    ),
    **REFUSALS,
    "unexplained": (
        "no known fault gives this signature",
        "compare the canonical request of the signer with 'sigv4 explain', line by line",
        "VERIFY-15",
    ),
}
