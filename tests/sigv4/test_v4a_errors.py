"""4A without ``cryptography``, or without a key: the texts of the errors, which contain no secret."""

from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from sigv4 import MissingDependency, SigningError, v4a
from sigv4.v4a import Scope, derive, signing_key
from tests.sigv4.signed import KEY_ID, SECRET

pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")

ROOT = Path(__file__).parents[2]
SCOPE = Scope("20150830", "service")


def _captured(error: BaseException) -> str:
    """The report of an error reporter: this module's frames with their locals, causes and contexts."""
    summary = traceback.TracebackException.from_exception(error, capture_locals=True)
    texts, left = [], [summary]
    while left:
        found = left.pop()
        texts += ["".join(found.format_exception_only())]
        texts += [str(frame.locals) for frame in found.stack if frame.filename == v4a.__file__]
        left += [more for more in (found.__cause__, found.__context__) if more]
    return "\n".join(texts)


@pytest.mark.parametrize(
    "call", [derive, lambda key_id, secret: signing_key(key_id, secret, SCOPE)], ids=["derive", "signing_key"]
)
def test_no_secret_is_in_a_traceback_that_captures_locals(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v4a, "digest", lambda *_: b"\xff" * 32)  # no candidate is in range
    with pytest.raises(SigningError) as caught:
        call(KEY_ID, SECRET)
    text = _captured(caught.value)
    assert KEY_ID in text  # frames were captured, so that the test proves something
    assert SECRET[5:25] not in text


def test_no_secret_is_in_the_traceback_of_a_missing_dependency(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(MissingDependency) as caught:
        signing_key(KEY_ID, SECRET, SCOPE)
    assert (caught.value.package, caught.value.extra) == ("cryptography", "sigv4a")
    text = _captured(caught.value)
    assert KEY_ID in text
    assert SECRET[5:25] not in text


WITHOUT = """
import sys
sys.path.insert(0, sys.argv[1])
sys.modules["cryptography"] = None
from sigv4 import MissingDependency, v4a
scope = v4a.Scope("20150830", "service")
assert v4a.string_to_sign("20150830T123600Z", str(scope), b"").startswith("AWS4-ECDSA-P256-SHA256")
print(f"{v4a.derive('AKIDEXAMPLE', 'x'):064x}")
for make in (lambda: v4a.signing_key("AKIDEXAMPLE", "x", scope), lambda: v4a.PublicKey(1, 1)):
    try:
        make()
    except MissingDependency as error:
        print(error.package, error.extra, error)
"""


def test_without_cryptography_the_error_names_the_package_and_the_extra() -> None:
    command = [sys.executable, "-I", "-c", WITHOUT, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    scalar, *errors = done.stdout.splitlines()
    assert int(scalar, 16) == derive(KEY_ID, "x")
    assert errors == 2 * [
        "cryptography sigv4a this needs the package 'cryptography': pip install 'sigv4-reference[sigv4a]'"
    ]


def test_loading_the_module_loads_no_cryptography() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import sigv4.v4a; print('cryptography' in sys.modules)"
    )
    command = [sys.executable, "-I", "-c", program, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"
