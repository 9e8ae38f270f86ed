"""``sagemaker-api local`` in its own process."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sagemaker_api import SageMaker
from sigv4 import Credentials
from tests.sagemaker_api.cli.called import ROOT


class Running:
    """The verb in its own process; ``settings`` are its export lines, ``said`` the lines before the last."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.said = list(iter(self.line, "# Ctrl-C ends it."))
        exports = [line.removeprefix("export ") for line in self.said if line.startswith("export ")]
        self.settings = dict(line.split("=", 1) for line in exports)
        self.url = self.settings["AWS_ENDPOINT_URL_SAGEMAKER"]

    def line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line
        return line.rstrip("\n")

    def complaint(self) -> str:
        """The next line on stderr that is not about a request."""
        assert self._process.stderr is not None
        while (line := self._process.stderr.readline()).startswith(("accepted", "refused")):
            pass
        return line

    def client(self, credentials: Credentials | None = None) -> SageMaker:
        credentials = credentials or Credentials(
            self.settings["AWS_ACCESS_KEY_ID"], self.settings["AWS_SECRET_ACCESS_KEY"]
        )
        return SageMaker(region_name="us-east-1", endpoint_url=self.url, credentials=credentials)

    def mint(self, credentials: Credentials | None = None) -> str:
        with self.client(credentials) as client:
            return str(
                client.create_presigned_notebook_instance_url(NotebookInstanceName="my-notebook")[
                    "AuthorizedUrl"
                ]
            )

    def end(self, number: int = signal.SIGINT) -> str:
        """Sends the signal, by default that of Ctrl-C; returns the lines on stderr that were not read yet."""
        self._process.send_signal(number)
        assert self._process.wait(60) == 0
        assert self._process.stderr is not None
        return self._process.stderr.read()


@contextmanager
def running(*arguments: str, typed: str = "") -> Iterator[Running]:
    """Runs the verb with ``typed`` on its standard input, until ``end`` or the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "sagemaker_api", "local", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(typed)
            process.stdin.close()
            yield (local := Running(process))
            if process.returncode is None:
                local.end()
        finally:
            process.kill()  # if the test failed; does nothing to a process that has ended
