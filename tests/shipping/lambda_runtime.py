"""Lambda on this machine: AWS's own runtime client, against a Runtime API served here.

Source: AWS Lambda Developer Guide, "Using the Lambda runtime API"; "Lambda environment variables".
"""

from __future__ import annotations

import json
import queue
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from sigv4 import Credentials

REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
TRACE = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1"
CREDENTIALS_TOKEN = "token-of-the-container-endpoint"
SECONDS = 30.0


class Answer(NamedTuple):
    """The function's answer to one event. ``seconds``: from the delivery of the event to the answer."""

    path: str
    body: dict[str, Any]
    seconds: float
    at: float


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a warm call takes less time than a delayed acknowledgement
    wbufsize = -1
    server: _Api

    def do_GET(self) -> None:
        api = self.server
        if self.path.endswith("/runtime/invocation/next"):
            event = api.events.get()
            headers = {
                "Lambda-Runtime-Aws-Request-Id": REQUEST_ID,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + SECONDS) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:opener",
                "Lambda-Runtime-Trace-Id": TRACE,
                "Content-Type": "application/json",  # the runtime client crashes without this header
            }
            api.handed_over = time.perf_counter()
            self._send(200, json.dumps(event).encode(), headers)
        elif self.path.endswith("/runtime/restore/next"):
            self._send(200, b"", {})
        elif self.path == "/credentials" and self.headers["Authorization"] == CREDENTIALS_TOKEN:
            api.credentials_asked += 1
            keys = api.credentials
            found = {
                "AccessKeyId": keys.access_key_id,
                "SecretAccessKey": keys.secret_access_key,
                "Token": keys.session_token,
                "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600)),
            }
            self._send(200, json.dumps(found).encode(), {"Content-Type": "application/json"})
        else:
            self._send(403, b"{}", {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        now = time.perf_counter()
        self.server.answers.put(
            Answer(self.path, json.loads(body or b"{}"), now - self.server.handed_over, now)
        )
        self._send(202, b"{}", {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Api(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, credentials: Credentials) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.credentials = credentials
        self.credentials_asked = 0
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.answers: queue.Queue[Answer] = queue.Queue()
        self.handed_over = 0.0

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # the runtime was ended during its wait for the next event


class Lambda:
    """One execution environment: ``python`` has awslambdaric; the layer and the function lie in folders."""

    def __init__(
        self,
        python: str,
        layer: Path,
        function: Path,
        endpoint: str,
        credentials: Credentials,
        snapstart: bool = False,
    ) -> None:
        self.api = _Api(credentials)
        threading.Thread(target=self.api.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{self.api.server_port}"
        environment = {
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_FUNCTION_NAME": "opener",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/opener",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]0",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start" if snapstart else "on-demand",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
            "_X_AMZN_TRACE_ID": TRACE,
            "_HANDLER": "function.handler",
            "LAMBDA_TASK_ROOT": str(function),
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            # Lambda puts the folder of the function before those of the layers.
            "PYTHONPATH": f"{function}:{layer / 'python'}",
            "PYTHONDONTWRITEBYTECODE": "1",  # in Lambda /opt and /var/task are read-only
            "AWS_ENDPOINT_URL_SAGEMAKER": endpoint,
        }
        if snapstart:
            environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"http://{address}/credentials"
            environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = CREDENTIALS_TOKEN
        else:
            environment["AWS_ACCESS_KEY_ID"] = credentials.access_key_id
            environment["AWS_SECRET_ACCESS_KEY"] = credentials.secret_access_key
            environment["AWS_SESSION_TOKEN"] = credentials.session_token or ""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed with this)
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            [python, "-m", "awslambdaric", "function.handler"],
            env=environment,
            cwd=function,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def invoke(self, event: dict[str, Any]) -> Answer:
        self.api.events.put(event)
        try:
            return self.api.answers.get(timeout=SECONDS)
        except queue.Empty:
            ended = self._process.poll()
            raise AssertionError(
                f"no answer; the runtime's exit code: {ended}; its log: {self.log()}"
            ) from None

    def log(self) -> str:
        """The output of the runtime and the function."""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def __enter__(self) -> Lambda:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(SECONDS)
        self.api.shutdown()
        self.api.server_close()
        self._log.close()


def event(**query: str) -> dict[str, Any]:
    """An event of payload version 2.0, as a function URL and an HTTP API send it."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "&".join(f"{name}={value}" for name, value in query.items()),
        "headers": {"host": "abc.lambda-url.us-east-1.on.aws", "accept": "text/html"},
        **({"queryStringParameters": query} if query else {}),
        "requestContext": {
            "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1"},
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
