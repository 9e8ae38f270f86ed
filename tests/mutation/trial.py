"""Makes the mutants of one module with mutmut and tries each: ``python trial.py MODULE``, in a copy of the tree.

pytest collects the tests once. They run without a mutant first, twice: that shows that they pass, also a second time
in a forked process, and which functions each of them calls. Then every mutant gets a forked process, which runs the
tests that call its function, those first that killed the most mutants before, and ends at the first that fails.
mutmut's own runner collects all test files again for every mutant, which takes ten times as long.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections import Counter, defaultdict
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from mutmut.__main__ import create_mutants
from mutmut.configuration import config
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths
from mutmut.utils.format_utils import mangled_name_from_mutant_name

SURVIVED, KILLED, UNTRIED, ENDLESS = 0, 1, 33, 36  # mutmut's numbers


class Trial:
    """A plugin of pytest: runs the collected tests once as they are, then once for each mutant."""

    def __init__(self, mutants: list[str]) -> None:
        self.codes = dict.fromkeys(mutants, UNTRIED)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        took: dict[str, float] = {}
        calling: dict[str, list[pytest.Item]] = defaultdict(list)
        killed: Counter[pytest.Item] = Counter()
        set_mutant_under_test("stats")
        for number, item in enumerate(session.items):
            began = process_time()  # used only for the limits that end a mutant which loops
            state()._stats.clear()
            _run(session, item, None if number + 1 == len(session.items) else session.items[number + 1])
            took[item.nodeid] = process_time() - began
            for function in state()._stats:
                calling[function].append(item)
        if session.testsfailed or _tried(session, "", session.items, took)[0] != SURVIVED:
            raise session.Failed("the tests fail without a mutant")
        for mutant in self.codes:
            items = calling[mangled_name_from_mutant_name(mutant)]
            items.sort(key=lambda item: (-killed[item], took[item.nodeid]))
            if items:
                self.codes[mutant], place = _tried(session, mutant, items, took)
                if place is not None:
                    killed[items[place]] += 1
        return True


def _run(session: pytest.Session, item: pytest.Item, following: pytest.Item | None) -> None:
    session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _tried(
    session: pytest.Session, mutant: str, items: list[pytest.Item], took: dict[str, float]
) -> tuple[int, int | None]:
    """The result of one mutant, and the place of the test that failed.

    ``took`` are the seconds of processor time of each test without it.
    """
    answer, end = os.pipe()
    process = os.fork()
    if not process:
        _try(session, mutant, items, took, end)
    os.close(end)
    if not select.select([answer], [], [], 60 + 20 * sum(took[item.nodeid] for item in items))[0]:
        os.kill(process, signal.SIGKILL)
    place = os.read(answer, 8)
    os.close(answer)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return (code if code >= 0 else ENDLESS), (int(place) if place else None)


def _try(
    session: pytest.Session, mutant: str, items: list[pytest.Item], took: dict[str, float], end: int
) -> None:
    """Ends this process with SURVIVED or KILLED, or by SIGPROF in a test that takes too much processor time."""
    code = KILLED
    try:
        set_mutant_under_test(mutant)
        for place, item in enumerate(items):
            signal.setitimer(signal.ITIMER_PROF, 2 + 10 * took[item.nodeid])
            _run(session, item, items[place + 1] if place + 1 < len(items) else None)
            if session.testsfailed:
                os.write(end, str(place).encode())
                break
        else:
            code = SURVIVED
    finally:
        os._exit(code)


def main(module: str) -> int:
    set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    setup_source_paths()
    create_mutants(1)
    os.chdir("mutants")
    meta = Path(f"{module}.meta")
    found: dict[str, Any] = json.loads(meta.read_text("utf-8"))
    trial = Trial(sys.argv[2:] or list(found["exit_code_by_key"]))
    # "native": pytest's own tracebacks cost more than the tests that kill a mutant.
    options = ["--rootdir=.", "--tb=native", "-q", "-p", "no:randomly", *config().pytest_add_cli_args]
    code = int(pytest.main([*options, *config().pytest_add_cli_args_test_selection], plugins=[trial]))
    found["exit_code_by_key"] |= trial.codes
    meta.write_text(json.dumps(found), "utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
