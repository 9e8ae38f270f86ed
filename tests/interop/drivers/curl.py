"""curl --aws-sigv4 in the conformance kit: sigv4 conformance --lines 'python -m tests.interop.drivers.curl'.

curl sends to a socket on loopback, which keeps the headers; the time comes from the X-Amz-Date that it is given.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import subprocess
import sys
import threading
from typing import Any

S3 = ("s3", "s3express", "s3-object-lambda", "s3-outposts")
ADDED = ("user-agent", "accept", "content-length", "content-type", "connection", "expect")


def sign(question: dict[str, Any]) -> dict[str, Any]:
    url = question["url"].partition("#")[0]
    scheme, _, rest = url.partition("://")
    if not rest:
        return {"error": "no URL"}
    with socket.create_server(("127.0.0.1", 0)) as server:
        head: list[bytes] = []
        thread = threading.Thread(target=_answer, args=(server, head), daemon=True)
        thread.start()
        port = server.getsockname()[1]
        command = [
            "curl",
            "--silent",
            "--show-error",
            "--globoff",
            "--path-as-is",
            "--noproxy",
            "*",
            "--max-time",
            "10",
        ]
        command += ["--connect-to", f"::127.0.0.1:{port}", "--user", _user(question)]
        command += ["--aws-sigv4", f"aws:amz:{question['region']}:{question['service']}"]
        command += ["--head"] if question["method"] == "HEAD" else ["-X", question["method"]]
        for name, value in [*question["headers"], ["X-Amz-Date", question["at"]]]:
            command += ["-H", f"{name}: {value}" if value else f"{name};"]
        if question["session_token"]:
            command += ["-H", f"{question['token_name']}: {question['session_token']}"]
        given = {name.lower() for name, _ in question["headers"]}
        if question["service"] in S3 and "x-amz-content-sha256" not in given:  # its manual says so
            digest = hashlib.sha256(_body(question["body"])).hexdigest()
            command += ["-H", f"x-amz-content-sha256: {digest}"]
        body = _body(question["body"])
        command += ["--data-binary", "@-"] if body else []
        # There is no TLS on loopback: the URL is sent over http, and the port of https is written in it.
        done = subprocess.run(
            [*command, f"http://{rest}"], input=body, capture_output=True, timeout=60, check=False
        )
        if done.returncode and not head:
            return {"error": done.stderr.decode("utf-8", "replace")[:200]}
        thread.join(60)
    lines = head[0].decode("utf-8", "surrogateescape").split("\r\n")
    method, target, _ = lines[0].split(" ")
    pairs = [line.split(": ", 1) if ": " in line else [line.rstrip(":"), ""] for line in lines[1:] if line]
    kept = [pair for pair in pairs if pair[0].lower() not in ADDED or pair[0].lower() in given]
    # curl signs the X-Amz-Date that it gets, and sends it twice.
    dates = [pair for pair in kept if pair[0].lower() == "x-amz-date"]
    kept = [pair for pair in kept if pair[0].lower() != "x-amz-date"] + dates[:1]
    return {
        "method": method,
        "url": f"{scheme}://{rest.partition('/')[0].partition('?')[0]}{target}",
        "headers": kept,
    }


def _user(question: dict[str, Any]) -> str:
    return f"{question['access_key_id']}:{question['secret_access_key']}"


def _body(given: Any) -> bytes:
    if isinstance(given, dict):
        return base64.b64decode(given["base64"])
    return (given or "").encode()


def _answer(server: socket.socket, head: list[bytes]) -> None:
    connection, _ = server.accept()
    with connection:
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        head.append(received.partition(b"\r\n\r\n")[0])
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.settimeout(2)
        try:
            while connection.recv(65536):
                pass
        except OSError:
            pass


def main() -> None:
    for line in sys.stdin:
        question = json.loads(line)
        if question["operation"] != "sign":
            answer: dict[str, Any] = {"skip": f"it has no {question['operation']!r}"}
        elif "region_set" in question:
            answer = {"skip": "it has no 4A"}
        else:
            answer = sign(question)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
