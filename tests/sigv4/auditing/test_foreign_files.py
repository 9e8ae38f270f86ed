"""Every kind of file that is given by mistake is called by its name, with what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sigv4.auditing.foreign_files import foreign, foreign_json
from sigv4.auditing.json_stream import json_fault

HAR = "choose 'Copy as cURL', or save a HAR"
FILES = {
    "%PDF-1.7": "a PDF file: it holds no request",
    "PK\x03\x04": "a ZIP file: unpack it; if it holds sessions of Fiddler, Charles or Proxyman, export them as HAR",
    "\x1f\x8b\x08": "a gzip file: unpack it",
    "BZh91AY": "a bzip2 file: unpack it",
    "\xfd7zXZ\0": "an xz file: unpack it",
    "\x28\xb5\x2f\xfd\x24": "a zstd file: unpack it",
    "\x89PNG": "a picture: a picture of a request cannot be read",
    "\xff\xd8\xff\xe0": "a picture: a picture of a request cannot be read",
    "\xd4\xc3\xb2\xa1": "a pcap file: follow its HTTP stream in Wireshark",
    "\n\r\r\n\x1c\0\0\0\x4d\x3c\x2b\x1a": "a pcapng file: follow its HTTP stream in Wireshark",
    "HTTP/1.1 403": "an answer without its request: give the answer with --response",
    "<!DOCTYPE html>": "an HTML page: it holds no request",
    "<html>": "an HTML page: it holds no request",
    "<?charles serialisation": "a session of Charles: export it as HAR",
    "<?xml version='1.0'?><a/>": "an XML document: give the answer of a server with --response",
    "<Error><Code>": "an answer of S3 without its head: give the answer of a server with --response",
    "-----BEGIN RSA": "a key or certificate: it holds no request",
    "[default]": "an AWS configuration file: it holds no request",
    "[profile a]": "an AWS configuration file: it holds no request",
    "aws_access_key_id=A": "credentials: put them into the environment, or use --secret-file",
    "export AWS_ACCESS_KEY_ID=A": "credentials: put them into the environment, or use --secret-file",
    'fetch("https://h")': f"a browser's 'Copy as fetch': {HAR}",
    'await fetch("https://h")': f"a browser's 'Copy as fetch': {HAR}",
    "$session = New-Object": f"a browser's 'Copy as PowerShell': {HAR}",
    "Invoke-WebRequest -Uri": "a command of PowerShell: give what it sent: a HAR of a proxy, or a dump",
    "Invoke-RestMethod -Uri": "a command of PowerShell: give what it sent: a HAR of a proxy, or a dump",
    "wget https://h": "a command of wget: give what it sent: the output of wget -d, its request alone",
    "http GET h": "a command of HTTPie: give what it sent: http --print=HB",
    "https GET h": "a command of HTTPie: give what it sent: https --print=HB",
    "xh get h": "a command of xh: give what it sent: xh --print=HB",
    "aws s3 ls": "a command of the AWS CLI: give what it printed with --debug",
    "== Info: x": "output of curl --trace: use curl -v",
    "=> Send header": "output of curl --trace: use curl -v",
    "type: collection.insomnia.rest/5.0": "an Insomnia export: copy the request from its timeline",
    "s3://b/k": "a name of an S3 object, not a URL: presign it, and give the URL",
    "arn:aws:s3:::b": "an ARN, not a URL: it holds no request",
    "x: An error occurred (A) when": "an error message: give the answer with --response, and the request",
    "DEBUG:urllib3.connectionpool:x": "the log of urllib3, which has no headers: set HTTPConnection.debuglevel",
    '1.2.3.4 "GET / HTTP/1.1" 200': "an access log, which has no headers: log the request with its headers",
    '1.2.3.4 "GET / HTTP/2.0" 200': "an access log, which has no headers: log the request with its headers",
    "05:06 IP a\n\t0x0000:  45": "output of tcpdump: follow the HTTP stream in Wireshark, and save that as raw",
    "<?xml?>\n<charles-session>": "a session of Charles: export it as HAR",
    "<?xml?>\n<!DOCTYPE items [": "items of Burp Suite: copy the request as text",
    '<?xml?>\n<items burpVersion="2">': "items of Burp Suite: copy the request as text",
    "2016:9:websocket;0:~": "flows of mitmproxy: save them as HAR: mitmdump -nr FILE",
    "h/a?x-amz-signature=b": "a URL without its scheme: put https:// before it",
}  # fmt: skip


@pytest.mark.parametrize("text", FILES)
@pytest.mark.parametrize("before", ["", " \r\n\t"])
def test_a_file_is_known_by_its_beginning(text: str, before: str) -> None:
    if before and text.startswith(("\n", "\x1f")):
        return  # blanks are a part of the one, and nobody writes a blank before the other
    found = foreign(f"{before}{text}".encode("latin-1"))
    assert found.startswith(f"looks like {FILES[text]}"), found
    assert "; expected a raw request, an .http file" in found


@pytest.mark.parametrize("text", ["", "x", "a\n%PDF", "GET /a?x-amz-signature=b HTTP/1.1", "/a?x-amz-signature=b", "https://h/?x-amz-signature=b", "a\nAn error occurred (x)"])  # fmt: skip
def test_other_text_is_not_named(text: str) -> None:
    assert foreign(text.encode() or b"x") == ""


DOCUMENTS: dict[str, tuple[str, ...]] = {
    "a Postman collection, which has no signature: copy the request from Postman's console": ("_postman_id", "item"),
    "an Insomnia export, which has no signature: copy the request from its timeline": ("__export_format",),
    "an OpenAPI document: it holds no request": ("openapi", "swagger"),
    "an event of a Lambda function, whose headers API Gateway has changed: give the request": ("requestContext",),
    "an event or a log of CloudTrail, which has no headers: it holds no request": ("Records", "eventVersion"),
    "credentials: put them into the environment": ("AccessKeyId", "SecretAccessKey", "Credentials"),
    "a net log of Chrome: save a HAR from the network panel of its DevTools": ("constants", "polledData"),
    "an error object of axios: give the request as it was sent, from a HAR or a proxy": ("config",),
    "the answer of a server: give it with --response": ("__type", "message", "Message", "errors"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("what", "name"), [(what, name) for what, names in DOCUMENTS.items() for name in names]
)
def test_a_document_is_known_by_a_member(what: str, name: str) -> None:
    for document in ({name: 1}, [{name: 1}, 2], {"info": {name: 1}}):
        assert foreign_json(document).startswith(f"looks like {what}")


@pytest.mark.parametrize("document", [[], {}, 1, [1], {"info": 1}, {"scheme": 1, "host": 1}])
def test_another_document_is_not_named(document: Any) -> None:
    assert foreign_json(document) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [(b"\xff", "it is not UTF-8"), (b"[" * 200_000, "it is nested too deeply"), (b"9" * 5000, "a number has too many digits"), (b"{", "Expecting property name")],
)  # fmt: skip
def test_why_a_text_is_not_json(text: bytes, said: str) -> None:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        found = json_fault(error)
    assert found.startswith(said)
