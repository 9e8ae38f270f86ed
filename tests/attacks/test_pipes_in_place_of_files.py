"""A pipe or device as token file, a program that prints without end, a writer that was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sigv4 import CredentialsError
from sigv4.config.shared_config import read_shared_config
from sigv4.providers import process
from sigv4.providers.files import read_file, write_file

pytestmark = pytest.mark.skipif(
    not hasattr(os, "mkfifo"), reason="the system has no pipes in the file system"
)
ROOT = Path(__file__).parents[2]


def test_a_pipe_as_token_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "token"
    os.mkfifo(pipe)
    with pytest.raises(CredentialsError, match=f"{pipe}: it is not a regular file"):
        read_file(str(pipe))


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_a_device_as_token_file_is_not_read(device: str) -> None:
    with pytest.raises(CredentialsError, match=device):
        read_file(device)


def test_a_pipe_as_config_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config")
    found = read_shared_config({"HOME": str(tmp_path), "AWS_CONFIG_FILE": str(tmp_path / "config")})
    assert "not a regular file" in found.unreadable[0]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_program_that_prints_without_end_is_killed(stream: str) -> None:
    endless = f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"
    with pytest.raises(CredentialsError, match="printed more than 1048576 bytes"):
        process.run([sys.executable, "-c", endless])


def test_the_whole_output_of_a_program_is_returned_with_its_exit_code() -> None:
    program = "import sys; sys.stdout.write('o' * 300000); sys.stderr.write('e' * 300000); sys.exit(3)"
    code, output, errors = process.run([sys.executable, "-c", program])
    assert (code, output, errors) == (3, b"o" * 300000, b"e" * 300000)


def test_a_program_that_takes_too_long_is_killed() -> None:
    with pytest.raises(CredentialsError, match=r"took more than 0\.2 s"):
        process.run([sys.executable, "-c", "import time; time.sleep(600)"], 0.2)


def test_only_files_of_killed_writers_are_removed(
    tmp_path: Path,
) -> None:
    path = str(tmp_path / "token.json")
    killed = (
        "import os, signal, sys\n"
        "from sigv4.providers import files\n"
        "files.os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "files.write_file(sys.argv[1], b'SECRET')\n"
    )
    subprocess.run([sys.executable, "-c", killed, path], cwd=ROOT, check=False, timeout=60)
    left = [each for each in tmp_path.iterdir() if b"SECRET" in each.read_bytes()]
    assert len(left) == 1  # the test proves something only then
    at_work = (
        "import sys\n"
        "from sigv4.providers import files\n"
        "files.os.replace = lambda *_: (print('here', flush=True), sys.stdin.read())\n"
        "files.write_file(sys.argv[1], b'OTHER')\n"
    )
    command = [sys.executable, "-c", at_work, path]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"here\n"
        write_file(path, b"NEW")
        others = {each.read_bytes() for each in tmp_path.iterdir()}
        assert others == {b"NEW", b"OTHER"}
        writer.stdin.close()
        writer.wait(60)
