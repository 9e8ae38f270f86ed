"""A forked process shares neither a connection nor a lock with its parent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sagemaker_api.scripted import ScriptedServer, http

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

CLIENT = """
import os, sys, warnings
warnings.simplefilter("ignore")
if sys.argv[2] == "stdlib":
    sys.modules["httpx"] = None
from sagemaker_api import SageMaker, StdlibTransport
given = {"transport": StdlibTransport()} if sys.argv[2] == "a transport passed in" else {}
keys = {"aws_access_key_id": "A", "aws_secret_access_key": "b"}
client = SageMaker("us-east-1", endpoint_url=sys.argv[1], **keys, **given)
call = lambda: client.create_presigned_notebook_instance_url(NotebookInstanceName="n")["AuthorizedUrl"]
call()
child = os.fork()
if not child:
    call()
    os._exit(0)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
call()
sys.exit(code)
"""

CHAIN = """
import os, sys, threading, time, warnings
warnings.simplefilter("ignore")
from sigv4 import Response
from sigv4.providers.chain import Chain
asked, parent = threading.Event(), os.getpid()
def fetch(request, seconds):
    asked.set()
    if os.getpid() == parent:
        time.sleep(600)  # longer than the child may take: it must not wait for this
    return Response(200, {}, b'{"AccessKeyId": "A", "SecretAccessKey": "b"}')
chain = Chain(environ={"HOME": "/nowhere", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, fetch=fetch)
threading.Thread(target=chain, daemon=True).start()
asked.wait()
child = os.fork()
if not child:
    import faulthandler
    faulthandler.dump_traceback_later(60, exit=True)
    os._exit(0 if chain().access_key_id == "A" else 3)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def run(program: str, *arguments: str) -> None:
    command = [sys.executable, "-c", program, *arguments]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environ, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("transport", ["httpx", "stdlib", "a transport passed in"])
@pytest.mark.slow
def test_a_forked_client_opens_its_own_connection(transport: str) -> None:
    with ScriptedServer(http(200, '{"AuthorizedUrl":"u"}')) as server:
        run(CLIENT, server.url, transport)
    assert (server.connections, len(server.requests)) == (2, 3)


def test_a_chain_that_was_being_refreshed_works_in_a_forked_process() -> None:
    run(CHAIN)


MIDDLE = """
import asyncio, faulthandler, os, sys, threading, time, warnings
warnings.simplefilter("ignore")
url, transport, kind, seconds = sys.argv[1:]
if transport == "stdlib":
    sys.modules["httpx"] = None
import sagemaker_api
keys = {"aws_access_key_id": "A", "aws_secret_access_key": "b"}
client = getattr(sagemaker_api, kind)("us-east-1", endpoint_url=url, **keys)
ask = lambda: client.create_presigned_notebook_instance_url(NotebookInstanceName="n")
async def awaited():
    await ask()
call = ask if kind == "SageMaker" else lambda: asyncio.run(awaited())
first = threading.Thread(target=call)
first.start()
time.sleep(float(seconds))  # the fork happens at another moment in each run
child = os.fork()
if not child:
    faulthandler.dump_traceback_later(60, exit=True)
    call()
    os._exit(0)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
first.join()
sys.exit(code)
"""


@pytest.mark.parametrize("transport", ["httpx", "stdlib"])
@pytest.mark.parametrize(("kind", "forks", "second"), [("SageMaker", 16, 160), ("AsyncSageMaker", 8, 40)])
@pytest.mark.slow
def test_no_process_hangs_after_a_fork_in_the_middle_of_the_first_call(
    transport: str, kind: str, forks: int, second: int
) -> None:
    """The fork happens while httpx is loaded, while the transport is made, or during the wait for the answer; for an awaited call
    also while an event loop, httpcore and anyio load what they need later."""
    for moment in range(forks):
        with ScriptedServer(http(200, '{"AuthorizedUrl":"u"}')) as server:
            run(MIDDLE, server.url, transport, kind, str(moment / second))
        assert len(server.requests) == 2


def test_a_fork_holds_no_lock_of_logging_while_it_waits_for_modules() -> None:
    """httpx and httpcore call ``logging.getLogger`` while they are loaded."""
    program = """
import os, sys, threading, time
assert "logging" not in sys.modules
from sigv4.network.forks import loading
begun = threading.Event()
def load():
    with loading:
        import logging, concurrent.futures.thread
        begun.set()
        time.sleep(0.3)  # the fork has begun by then, or the test shows nothing
        logging.getLogger("any")
thread = threading.Thread(target=load)
thread.start()
begun.wait()
child = os.fork()
import logging
from concurrent.futures import ThreadPoolExecutor
logging.getLogger("another")
assert ThreadPoolExecutor(1).submit(len, "abc").result() == 3
if not child:
    os._exit(0)
thread.join()
second = threading.Thread(target=logging.getLogger, args=["third"])
second.start()
second.join(60)
sys.exit(second.is_alive() or os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    run(program)


def test_a_fork_waits_until_modules_are_loaded() -> None:
    program = """
import os, sys, threading
from sigv4.network.forks import loading
loaded, begun = threading.Event(), threading.Event()
def load():
    with loading:
        begun.set()
        for _ in range(200000):
            pass
        loaded.set()
threading.Thread(target=load).start()
begun.wait()
child = os.fork()
if not child:
    with loading:
        os._exit(0 if loaded.is_set() else 3)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    run(program)


def test_a_lock_that_another_thread_holds_is_free_in_a_forked_process() -> None:
    program = """
import os, sys, threading
from sigv4.network.forks import ProcessLock
lock, held, done = ProcessLock(), threading.Event(), threading.Event()
def hold():
    with lock:
        held.set()
        done.wait()
threading.Thread(target=hold).start()
held.wait()
child = os.fork()
if not child:
    taken = lock.try_acquire() and not lock.try_acquire()
    lock.release()
    os._exit(0 if taken else 3)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
assert not lock.try_acquire()
done.set()
sys.exit(code)
"""
    run(program)


def test_a_lock_that_the_forking_thread_holds_is_released_in_both_processes() -> None:
    program = """
import os, sys
from sigv4.network.forks import ProcessLock
lock = ProcessLock()
with lock:
    child = os.fork()
with lock:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if child else 0)
"""
    run(program)


@pytest.mark.slow
def test_what_an_event_loop_loads_later_is_loaded_before_the_first_awaited_call_begins() -> None:
    program = """
import asyncio, sys
from sagemaker_api import AsyncHttpxTransport, AsyncStdlibTransport
loaded = []
class Noted(Exception):
    pass
def note(*given, **named):
    loaded.append("concurrent.futures.thread" in sys.modules)
    raise Noted
async def call():
    from sigv4.request import Request
    from sigv4.network.time_limits import TimeLimits
    asyncio.get_running_loop().run_in_executor = note
    try:
        await AsyncStdlibTransport().send(Request("GET", "http://127.0.0.1:1/"), TimeLimits(1, 1, 1))
    except Noted:
        pass
    AsyncHttpxTransport()._connection()
    import anyio
    loaded.extend(name in vars(anyio) for name in ("Event", "CancelScope", "fail_after", "connect_tcp"))
    loaded.append("anyio._backends._asyncio" in sys.modules)
asyncio.run(call())
assert loaded == [True] * 6, loaded
"""
    run(program)


@pytest.mark.slow
def test_a_child_that_leaves_the_with_block_of_a_local_server_does_not_stop_the_server() -> None:
    program = """
import os, sys
from sagemaker_api.local import LocalSageMaker
child = None
with LocalSageMaker({"n"}) as local:
    child = os.fork()
    if not child:
        local.instances.all()
        local.stop()
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", int(local.url.rpartition(":")[2]), timeout=20)
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()
sys.exit(code)
"""
    run(program)


@pytest.mark.slow
def test_the_locks_of_a_local_server_are_free_in_a_child() -> None:
    program = """
import os, sys
from sagemaker_api.local import LocalSageMaker
from sigv4.network.forks import ProcessLock
local = LocalSageMaker({"n"})
seen, found = set(), []
def search(value):
    if id(value) in seen or not type(value).__module__.startswith(("sagemaker_api", "sigv4")):
        return
    seen.add(id(value))
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    for name in {*getattr(value, "__dict__", ()), *slots}:
        each = getattr(value, name, None)
        if isinstance(each, ProcessLock):
            found.append(each)
        elif type(each).__name__ in ("lock", "RLock"):
            sys.exit(f"{type(value).__name__}.{name} outlives a fork")
        else:
            search(each)
search(local)
assert len(found) >= 4, found
"""
    run(program)


def test_a_child_closes_no_connection_of_its_parent() -> None:
    from sagemaker_api.transports.idle import IdleConnections

    idle = IdleConnections()
    idle.give_back("connection")
    child = os.fork()
    if not child:
        os._exit(len(idle.close()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert idle.close() == ["connection"]
