"""Recognises files that hold no request as it was sent, and says what to give instead."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KINDS = (
    "a raw request, an .http file, a HAR file, JSON lines, curl -v's output, a browser's 'Copy as cURL', "
    "a debug log of boto3, the AWS CLI or the AWS SDKs for Go, a dump of requests or httpx, or a presigned "
    "URL"
)
# The beginnings of files that are given by mistake, in lower case; what they are; and what to do, if not
# obvious.
_STARTS = (
    ("%pdf", "a PDF file", ""),
    (
        "pk\x03\x04",
        "a ZIP file",
        "unpack it; if it holds sessions of Fiddler, Charles or Proxyman, export them as HAR instead",
    ),
    ("\x1f\x8b", "a gzip file", "unpack it"),
    ("bzh", "a bzip2 file", "unpack it"),
    ("\xfd7zxz", "an xz file", "unpack it"),
    ("(\xb5/\xfd", "a zstd file", "unpack it"),
    ("\x89png", "a picture", "a picture of a request cannot be read"),
    ("\xff\xd8\xff", "a picture", "a picture of a request cannot be read"),
    ("\xd4\xc3\xb2\xa1", "a pcap file", "follow its HTTP stream in Wireshark, and save that as raw"),
    ("http/", "an answer without its request", "give the answer with --response"),
    ("<!doctype", "an HTML page", ""),
    ("<html", "an HTML page", ""),
    ("<?charles", "a session of Charles", "export it as HAR"),
    ("<?xml", "an XML document", "give the answer of a server with --response"),
    ("<error", "an answer of S3 without its head", "give the answer of a server with --response"),
    ("-----begin", "a key or certificate", ""),
    ("[default]", "an AWS configuration file", ""),
    ("[profile ", "an AWS configuration file", ""),
    ("aws_access_key_id=", "credentials", "put them into the environment, or use --secret-file"),
    ("export aws_", "credentials", "put them into the environment, or use --secret-file"),
    ("fetch(", "a browser's 'Copy as fetch'", "choose 'Copy as cURL', or save a HAR"),
    ("await fetch(", "a browser's 'Copy as fetch'", "choose 'Copy as cURL', or save a HAR"),
    ("$session", "a browser's 'Copy as PowerShell'", "choose 'Copy as cURL', or save a HAR"),
    ("invoke-webrequest", "a command of PowerShell", "give what it sent: a HAR of a proxy, or a dump"),
    ("invoke-restmethod", "a command of PowerShell", "give what it sent: a HAR of a proxy, or a dump"),
    ("wget ", "a command of wget", "give what it sent: the output of wget -d, its request alone"),
    ("http ", "a command of HTTPie", "give what it sent: http --print=HB"),
    ("https ", "a command of HTTPie", "give what it sent: https --print=HB"),
    ("xh ", "a command of xh", "give what it sent: xh --print=HB"),
    ("aws ", "a command of the AWS CLI", "give what it printed with --debug"),
    ("== info", "output of curl --trace", "use curl -v, which prints the request as text"),
    ("=> send", "output of curl --trace", "use curl -v, which prints the request as text"),
    ("type: collection.insomnia", "an Insomnia export", "copy the request from its timeline"),
    ("s3://", "a name of an S3 object, not a URL", "presign it, and give the URL"),
    ("arn:", "an ARN, not a URL", ""),
)  # fmt: skip
# Words that occur in the first lines of other kinds of text.
_WORDS = (
    ("an error occurred (", "an error message", "give the answer with --response, and the request"),
    ("debug:urllib3", "the log of urllib3, which has no headers", "set HTTPConnection.debuglevel"),
    (' http/1.1" ', "an access log, which has no headers", "log the request with its headers"),
    (' http/2.0" ', "an access log, which has no headers", "log the request with its headers"),
)  # fmt: skip
# Beginnings of files, and words further on that distinguish them from files with the same beginning.
_LATER_WORDS = (
    ("", "\t0x0000:", "output of tcpdump", "follow the HTTP stream in Wireshark, and save that as raw"),
    ("<", "<charles-session", "a session of Charles", "export it as HAR"),
    ("<", "<!doctype items", "items of Burp Suite", "copy the request as text"),
    ("<", "<items burpversion", "items of Burp Suite", "copy the request as text"),
)
# Members of other kinds of JSON documents.
_MEMBERS = (
    (
        ("_postman_id", "item"),
        "a Postman collection, which has no signature",
        "copy the request from Postman's console, as it was sent",
    ),
    (
        ("__export_format",),
        "an Insomnia export, which has no signature",
        "copy the request from its timeline, as it was sent",
    ),
    (("openapi", "swagger"), "an OpenAPI document", ""),
    (
        ("requestContext",),
        "an event of a Lambda function, whose headers API Gateway has changed",
        "give the request as the client sent it",
    ),
    (("Records", "eventVersion"), "an event or a log of CloudTrail, which has no headers", ""),
    (("AccessKeyId", "SecretAccessKey", "Credentials"), "credentials", "put them into the environment"),
    (("constants", "polledData"), "a net log of Chrome", "save a HAR from the network panel of its DevTools"),
    (("config",), "an error object of axios", "give the request as it was sent, from a HAR or a proxy"),
    (("__type", "message", "Message", "errors"), "the answer of a server", "give it with --response"),
)


def foreign(raw: bytes) -> str:
    """What ``raw`` looks like and what to do, if it is a file of another kind; else ``""``."""
    if b"\x4d\x3c\x2b\x1a" in raw[:12]:  # the byte order mark of a pcapng file
        return _said("a pcapng file", "follow its HTTP stream in Wireshark, and save that as raw")
    # In lower case only what is ASCII: the marks of pictures and of pcap files are other bytes.
    text = raw[:2000].lstrip(b" \t\r\n").lower().decode("latin-1")
    if _is_netstring(text):
        return _said("flows of mitmproxy", "save them as HAR: mitmdump -nr FILE --set hardump=capture.har")
    for mark, word, what, advice in _LATER_WORDS:
        if text.startswith(mark) and word in text:
            return _said(what, advice)
    for mark, what, advice in _STARTS:
        if text.startswith(mark):
            return _said(what, advice)
    first = text.partition("\n")[0]
    for word, what, advice in _WORDS:
        if word in first:
            return _said(what, advice)
    if "x-amz-signature=" in first and "://" not in first and "http/" not in first and first[0] != "/":
        return _said("a URL without its scheme", "put https:// before it")
    return ""


def _is_netstring(text: str) -> bool:
    """Whether ``text`` begins as a file of mitmproxy: a length, a colon, and a first name with its length."""
    size, _, rest = text[:40].partition(":")
    length, _, name = rest.partition(":")
    if not (size.isdecimal() and length.isdecimal() and len(length) < 3):
        return False
    return name[int(length) : int(length) + 1] in (";", ",")


def foreign_json(document: Any) -> str:
    """What a JSON document looks like that is not a HAR file and has no method and URL; else ``""``."""
    if isinstance(document, list) and document:
        document = document[0]
    if not isinstance(document, dict):
        return ""
    info = document.get("info")
    names = {*document, *(info if isinstance(info, dict) else ())}
    for members, what, advice in _MEMBERS:
        if not names.isdisjoint(members):
            return _said(what, advice)
    if {"scheme", "host", "path"} <= names:
        return _said("a session of Charles", "export it as HAR")
    return ""


def _said(what: str, advice: str) -> str:
    return f"looks like {what}: {advice or 'it holds no request'}; expected {KINDS}"
