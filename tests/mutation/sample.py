"""Mutation testing by a seeded sample: random mutants of one part of the package, a "room" of ROOMS.

Run by ``python -m tests.mutation --sample``, in a copy of the tree. A first run of the room's tests, without a
mutant, records which tests run which line. Each mutant is then run against the tests of its line, the fastest first,
until one fails. All tests are tried if no test in this process runs the line, if an import runs it (a constant, for
example), and if the mutant survives the tests of its line. Each run is a fork of this process, which has loaded the
libraries already. A mutant whose run takes much longer than its tests did counts as killed.
"""

from __future__ import annotations

import compileall
import gc
import importlib
import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any, NamedTuple

import pytest

from .operators import Mutant, mutants

_MEASURING = 1800.0
_LOADED = "hypothesis httpx httpcore asyncio ssl cryptography.x509 coverage pytest_cov.plugin".split()
_LOADED_FOR_LOCAL = "starlette.requests uvicorn websockets.asyncio.client websockets.sync.client".split()
_LOADED_FOR_CLI = "awscli.clidriver awscli.table awscli.text awscli.shorthand jmespath yaml".split()
_NO_TESTS = 5
_OPTIONS = [*"-q --tb=line -p no:cacheprovider -W ignore::pytest.PytestAssertRewriteWarning".split()]


class Room(NamedTuple):
    """The modules that are sampled together: files and folders; the test files and folders that hold them."""

    modules: str
    tests: str
    marks: str = "not hypothesis and not interop and not slow"  # hypothesis would kill a mutant by chance


_CALLS = "sagemaker_api/test_client_arguments.py sagemaker_api/test_call.py sagemaker_api/test_client.py sagemaker_api/test_client_transport.py sagemaker_api/test_sdk_headers.py sagemaker_api/test_retry.py sagemaker_api/test_retry_rows.py"
_CLIENTS = f"{_CALLS} sagemaker_api/test_answers.py sagemaker_api/test_endpoint.py sagemaker_api/test_clock_skew.py attacks/test_secrets_of_the_client.py"
_TRANSPORTS = "sagemaker_api/transports attacks/test_redirects.py"
_NETWORK = f"sigv4/network {_TRANSPORTS} sigv4/providers/test_over_sockets.py sigv4/cli/test_send.py attacks/test_forks.py attacks/test_capital_schemes.py attacks/test_numbers_and_blanks.py"
# Without those that start a real Jupyter, or wait for sockets on both sides.
_SERVING = " ".join(
    f"sagemaker_api/local/serving/test_{name}.py"
    for name in "app asgi_limits http_proxy jupyter_process jupyter_servers jupyter_supervisor proxy_headers server "
    "server_messages websocket_relay".split()
)
_LOCAL = " ".join(
    f"sagemaker_api/local/test_{name}.py"
    for name in "api_parameters clients faults hostile listing local_sagemaker notebook_hosts notebook_settings "
    "pytest_plugin refusals_by_client service".split()
)
ROOMS = {
    "sigv4/network": Room("sigv4/network", _NETWORK),
    "sigv4/config": Room(
        "sigv4/config",
        "sigv4/config sigv4/providers attacks/test_planted_home.py attacks/test_pipes_in_place_of_files.py "
        "sagemaker_api/test_endpoint.py",
    ),
    "sigv4/providers": Room(
        "sigv4/providers",
        "sigv4/providers attacks/test_planted_home.py attacks/test_pipes_in_place_of_files.py attacks/test_forks.py "
        "attacks/test_secrets.py attacks/test_secrets_in_errors.py attacks/test_capital_schemes.py",
    ),
    "sigv4/adapters": Room(
        "sigv4/adapters",
        "sigv4/adapters attacks/test_middleware.py attacks/test_middleware_bodies.py attacks/test_middleware_streams.py "
        "attacks/test_redirects.py interop/test_replay_redis.py",
        "not hypothesis",
    ),
    "sagemaker_api/call.py": Room("sagemaker_api/call.py", _CLIENTS),
    "sagemaker_api/client.py": Room("sagemaker_api/client.py sagemaker_api/client_arguments.py", _CLIENTS),
    "sagemaker_api/transports": Room("sagemaker_api/transports", f"{_TRANSPORTS} {_CALLS}"),
    "sagemaker_api/local/serving": Room(
        "sagemaker_api/local/serving",
        f"{_SERVING} attacks/test_local_bodies.py attacks/test_local_endpoint.py",
        "not hypothesis and not slow",
    ),
    "sagemaker_api/local/notebooks": Room(
        "sagemaker_api/local/notebooks",
        "sagemaker_api/local/notebooks sagemaker_api/local/test_service.py sagemaker_api/local/test_service_refusals.py sagemaker_api/local/test_faults.py "
        "sagemaker_api/local/test_listing.py sagemaker_api/local/test_clients.py attacks/test_local_endpoint.py",
    ),
    "sagemaker_api/local": Room(  # the modules that have no folder
        "sagemaker_api/local", f"{_LOCAL} attacks/test_local_endpoint.py attacks/test_local_bodies.py"
    ),
    "sigv4/diagnosis": Room(
        "sigv4/diagnosis sigv4/diagnosis/hypotheses",
        "sigv4/diagnosis attacks/test_hostile_bytes.py",
        "not hypothesis and not interop",  # the corpus of faults is marked slow
    ),
    "sigv4/auditing": Room(
        "sigv4/auditing", "sigv4/auditing attacks/test_hostile_bytes.py attacks/test_numbers_and_blanks.py"
    ),
    "sigv4/vendoring": Room(
        "sigv4/vendoring",
        "sigv4/vendoring attacks/test_vendored_copies.py sigv4/cli/test_verbs_of_copies.py",
        "not hypothesis and not interop",
    ),
    "sigv4/cli": Room("sigv4/cli", "sigv4/cli"),
    "sagemaker_api/cli": Room(
        "sagemaker_api/cli",
        "sagemaker_api/cli attacks/test_escaped_secrets.py",
        "not hypothesis and not slow",
    ),
}


class _Timed:
    """A pytest plugin that notes how long each test takes."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration


class _Only:
    """A pytest plugin that runs only these tests, in their order; first those whose parameters the mutant changed."""

    def __init__(self, tests: list[str], known: Container[str]) -> None:
        self._order = {test: place for place, test in enumerate(tests)}
        self._known = known

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = [item for item in items if item.nodeid in self._order or item.nodeid not in self._known]
        items[:] = sorted(chosen, key=lambda item: self._order.get(item.nodeid, -1))


class Sample:
    """The tests of a room, and which of them run which line. ``folder`` is a copy of the tree."""

    def __init__(self, name: str, folder: Path) -> None:
        self._room = ROOMS[name]
        self._folder = folder
        self._log = folder / f"{name.replace('/', '-')}.log"
        self._seconds: dict[str, float] = {}
        self._by_line: dict[str, dict[int, set[str]]] = {}
        self.files: list[str] = []
        for module in self._room.modules.split():
            path = folder / module
            found = sorted(path.glob("*.py")) if path.is_dir() else [path]
            self.files += [str(each.relative_to(folder)) for each in found]

    def measure(self) -> None:
        """Runs the tests on the unchanged modules; raises RuntimeError if one fails."""
        noted = self._folder / "seconds.json"
        noted.unlink(missing_ok=True)
        data = self._folder / ".coverage"
        covered = [f"--cov={module.removesuffix('.py')}" for module in self._room.modules.split()]

        def run() -> int:
            timed = _Timed()
            code = pytest.main([*self._arguments(), *covered, "--cov-context=test", "--cov-report="], [timed])
            noted.write_text(json.dumps(timed.seconds), "utf-8")
            return int(code)

        code = _forked(run, self._log, _MEASURING)
        if code:
            raise RuntimeError(f"the tests fail without a mutant (exit code {code}): see {self._log}")
        self._seconds = json.loads(noted.read_text("utf-8"))
        coverage: Any = importlib.import_module("coverage")
        read = coverage.CoverageData(str(data))
        read.read()
        for file in self.files:
            lines = read.contexts_by_lineno(str(self._folder / file))
            self._by_line[file] = {
                line: {each.rpartition("|")[0] for each in contexts}  # "" during an import
                for line, contexts in lines.items()
            }

    def tests_of(self, mutant: Mutant) -> list[str]:
        """The tests that can detect this mutant, the fastest first."""
        by_line = self._by_line[mutant.path]
        found = set().union(*(by_line.get(line, ()) for line in range(mutant.first, mutant.last + 1)))
        if mutant.in_function and "" not in found and found & self._seconds.keys():
            return sorted(found & self._seconds.keys(), key=lambda test: self._seconds[test])
        module = set().union(*by_line.values())
        return sorted(self._seconds, key=lambda test: (test not in module, self._seconds[test]))

    def outcome(self, mutant: Mutant) -> str:
        """``killed``, ``survived`` or ``endless``."""
        chosen = self.tests_of(mutant)
        outcome = self._tried(mutant, chosen)
        if outcome == "survived" and len(chosen) < len(self._seconds):
            # Only the first test that calls a cached function runs its lines; others use its result.
            return self._tried(mutant, sorted(self._seconds, key=lambda test: self._seconds[test]))
        return outcome

    def _tried(self, mutant: Mutant, tests: list[str]) -> str:
        path = self._folder / mutant.path
        source = path.read_text("utf-8")
        limit = 60 + 3 * sum(self._seconds[test] for test in tests)
        files = dict.fromkeys(test.partition("::")[0] for test in tests)
        path.write_text(mutant.applied(source), "utf-8")
        try:
            arguments = [*self._arguments(files), "-x", "--no-cov"]
            code = _forked(
                lambda: int(pytest.main(arguments, [_Only(tests, self._seconds)])), self._log, limit
            )
        finally:
            path.write_text(source, "utf-8")
        if code is None:
            return "endless"
        return "survived" if code in (0, _NO_TESTS) else "killed"

    def _arguments(self, files: Iterable[str] = ()) -> list[str]:
        return [
            *_OPTIONS,
            "-m",
            self._room.marks,
            *(files or (f"tests/{each}" for each in f"test_limits.py {self._room.tests}".split())),
        ]


def _forked(run: Callable[[], int], log: Path, limit: float) -> int | None:
    """The exit code of ``run`` in a fork with its own process group; None after ``limit`` seconds."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.setsid()
            target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(target, 1)
            os.dup2(target, 2)
            code = run()
        except BaseException:  # noqa: BLE001 (this process ends here)
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    ends = time.monotonic() + limit  # a mutant can loop for ever, and only a clock can end it
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done or time.monotonic() > ends:
            break
        time.sleep(0.02)
    try:
        os.killpg(child, signal.SIGKILL)  # and the processes that its tests started
    except ProcessLookupError:
        pass
    if done:
        return os.waitstatus_to_exitcode(status)
    os.waitpid(child, 0)
    return None


def main(folder: Path, name: str, count: int, seed: str) -> None:
    """Prints the results of ``count`` mutants of a room; writes the survivors into the folder."""
    compileall.compile_dir(
        folder, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH
    )  # checked by hash: a mutant can have the size and the time of the module
    more = _LOADED_FOR_LOCAL if "/local" in name else _LOADED_FOR_CLI if "/cli" in name else []
    for library in [*_LOADED, *more]:
        importlib.import_module(library)
    gc.freeze()
    sample = Sample(name, folder)
    sample.measure()
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    sources = {file: (folder / file).read_text("utf-8") for file in sample.files}
    chosen: list[Mutant] = []
    left = [mutant for file, source in sources.items() for mutant in mutants(file, source)]
    total = len(left)
    random.Random(f"{seed} {name}").shuffle(left)
    while left and len(chosen) < count:
        mutant = left.pop()
        if mutant.is_python(sources[mutant.path]):
            chosen.append(mutant)
    outcomes: Counter[str] = Counter()
    for number, mutant in enumerate(chosen, 1):
        outcome = sample.outcome(mutant)
        outcomes[outcome] += 1
        if outcome != "killed":
            _say(
                f"\n{number}. {mutant.path}, line {mutant.first}: {outcome}\n{mutant.diff(sources[mutant.path])}"
            )
    dead = outcomes["killed"] + outcomes["endless"]
    _say(
        f"\n{name}, seed {seed}: {dead} of {len(chosen)} killed, {dead / len(chosen):.1%}"
        f" ({outcomes['endless']} never ended; {total} mutants in all)"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path.cwd(), sys.argv[1], int(sys.argv[2]), sys.argv[3])
