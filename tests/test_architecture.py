"""DESIGN §2, held by reading the imports: who may know whom, and what a first signature loads."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import sigv4

ROOT = Path(__file__).parent.parent
PACKAGES = ("sigv4", "sagemaker_api")

VALUES = (
    "errors value credentials request response http_message percent headers target payload scope dialects"
)
SIGNING = f"{VALUES} canonical v4 authorization"

# Module -> the siblings it may import, in reading order. A name stands for itself and all below it.
SIGV4 = {
    "errors": "",
    "value": "",
    "percent": "errors",
    "credentials": "errors value",
    "headers": "errors request",
    "http_message": "errors headers request",
    "request": "errors payload http_message",
    "response": "errors request http_message",
    "target": "errors percent",
    "payload": "errors value request dialects",
    "scope": "errors value",
    "dialects": "errors payload value",
    "canonical": "errors percent headers request response target payload dialects",
    "v4": "errors credentials scope value",
    "v4a": "errors credentials scope value",
    "authorization": "errors credentials scope value percent canonical v4 v4a",
    "presigning": SIGNING,
    "post_policy": SIGNING,
    "signer": f"{SIGNING} presigning post_policy upload streaming explanation",
    "explanation": f"{SIGNING} presigning",
    "explanation_page": "credentials explanation",
    "claim": "scope authorization v4a",
    "received": SIGNING,
    "body_verifier": f"{SIGNING} claim chunk_signatures chunk_decoder event_stream",
    "replay": "errors",
    "verifier": f"{SIGNING} v4a claim received wire_form body_verifier replay protocol_style",
    "chunk_signatures": SIGNING,
    "streaming": f"{SIGNING} chunk_signatures",
    "upload": f"{SIGNING} chunk_signatures streaming",
    "chunk_decoder": f"{SIGNING} chunk_signatures streaming",
    "event_frames": f"{SIGNING} chunk_signatures",
    "event_stream": f"{SIGNING} chunk_signatures event_frames",
    "wire_form": SIGNING,
    "server_answer": "scope response value",
    "causes": "",
    "refusals": "causes value",
    "draft": f"{SIGNING} v4a",
    "hypotheses": f"{SIGNING} draft hypotheses",
    "examination": f"{SIGNING} v4a received draft hypotheses",
    "visible_faults": f"{SIGNING} examination hosts hypotheses refusals server_answer",
    "echo": f"{SIGNING} draft examination hypotheses refusals server_answer visible_faults",
    "diagnosis": f"{SIGNING} echo examination hypotheses refusals server_answer verifier visible_faults",
    "hosts": "dialects",
    "har": "errors headers request response",
    "captures": "errors har request",
    "url_forms": SIGNING,
    "audit": f"{SIGNING} causes diagnosis examination hosts hypotheses server_answer url_forms visible_faults",
    "lint": f"{SIGNING} audit hosts url_forms",
    "conformance": f"{SIGNING} v4a signer explanation verifier diagnosis har",
    "adapters": "signer verifier body_verifier claim errors payload request protocol_style event_stream",
    "protocol_style": "errors response value",
    "environment": "errors value credentials hosts request response signer target environment",
    "shipping": "errors shipping",
    "cli": "*",
    "__main__": "cli",
    "__init__": f"{SIGNING} presigning post_policy upload signer explanation claim verifier replay refusals diagnosis",
}
SAGEMAKER_API = {
    "errors": "",
    "timestamps": "sigv4",
    "shapes": "errors timestamps sigv4.value",
    "parameters": "errors shapes timestamps sigv4.value",
    "authorized_url": "errors sigv4",
    "results": "authorized_url shapes",
    "operations": "errors parameters results shapes sigv4.value",
    "aws_json": "errors operations sigv4",
    "endpoint": "errors sigv4",
    "retry": "errors",
    "clock_skew": "sigv4",
    "echoes": "sigv4",
    "sdk_headers": "sigv4",
    "call": "errors operations aws_json clock_skew echoes endpoint retry exchange sdk_headers sigv4",
    "waiters": "errors call sigv4.value",
    "paging": "errors sigv4.value",
    "exchange": "errors sigv4",
    "stdlib_transport": "errors exchange sigv4",
    "clocked_backend": "exchange sigv4",
    "httpx_transport": "errors exchange clocked_backend sigv4",
    "transport": "exchange httpx_transport stdlib_transport sigv4",
    "client_arguments": "errors retry sigv4 sigv4.environment",
    "methods": "call paging results waiters",
    "client": "errors client_arguments endpoint call methods exchange transport sigv4 sigv4.environment",
    "notebook": "authorized_url call client errors operations sigv4.value",
    "local": "errors operations aws_json sigv4 local",
    "cli": "*",
    "__main__": "cli",
    "__init__": "errors authorized_url operations aws_json endpoint retry call exchange httpx_transport stdlib_transport transport client notebook sigv4",
}
ROWS = {"sigv4": SIGV4, "sagemaker_api": SAGEMAKER_API}

THIRD_PARTY = {
    "sigv4.v4a": {"cryptography"},
    "sigv4.adapters.httpx": {"httpx"},
    "sigv4.replay": {"redis"},
    "sagemaker_api.httpx_transport": {"httpx"},
    "sagemaker_api.local.app": {"starlette"},
    "sagemaker_api.local.asgi_server": {"uvicorn"},
    "sagemaker_api.local.http_proxy": {"httpx"},
    "sagemaker_api.local.websocket_proxy": {"websockets"},
    "sagemaker_api.local.pytest_plugin": {"pytest"},
}

# What `python -I -S` must not load for a first signature (DESIGN §5.5).
HEAVY = ("re", "typing", "dataclasses", "urllib", "ssl", "json", "base64", "enum")


class Import(NamedTuple):
    module: str  # who imports: "sigv4.cli.explain"
    line: int
    level: int  # 0 for an absolute import
    target: str  # what: absolute, "sigv4.errors"
    at_load: bool  # runs when the module is loaded: not in a function, not for type checkers alone


def modules() -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def _imports(module: str, path: Path) -> list[Import]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return list(_walk(ast.parse(path.read_text("utf-8")), module, package, at_load=True))


def _walk(node: ast.AST, module: str, package: str, at_load: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(module, child.lineno, 0, alias.name, at_load)
        elif isinstance(child, ast.ImportFrom):
            start = package.rsplit(".", child.level - 1)[0] if child.level else ""
            source = ".".join(filter(None, (start, child.module)))
            for alias in child.names:
                submodule = f"{source}.{alias.name}"
                target = submodule if submodule in MODULES else source
                yield Import(module, child.lineno, child.level, target, at_load)
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            yield from _walk(ast.Module(child.body, []), module, package, at_load=False)
            yield from _walk(ast.Module(child.orelse, []), module, package, at_load)
        else:
            function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from _walk(child, module, package, at_load and not function)


IMPORTS = [found for module, path in MODULES.items() for found in _imports(module, path)]


def _room(module: str) -> tuple[str, str]:
    """The package and the row of the table: ``sigv4.cli.explain`` is of ``cli``."""
    package, _, rest = module.partition(".")
    return package, rest.partition(".")[0] or "__init__"


def test_every_module_has_a_row() -> None:
    missing = [module for module in MODULES if _room(module)[1] not in ROWS[_room(module)[0]]]
    assert missing == []


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_what_its_row_allows(module: str) -> None:
    package, room = _room(module)
    allowed = ROWS[package].get(room, "").split()
    broken = []
    for found in IMPORTS:
        if found.module != module or not found.target.startswith(PACKAGES) or "*" in allowed:
            continue
        other, target = _room(found.target)
        if other != package:
            within = other in allowed or f"{other}.{target}" in allowed
        else:
            within = target in allowed or target in (room, "__init__")
        if not within:
            broken.append(f"line {found.line}: {found.target}")
    assert broken == []


def test_sigv4_never_imports_sagemaker_api() -> None:
    assert [
        found for found in IMPORTS if found.module.startswith("sigv4") and "sagemaker_api" in found.target
    ] == []


def test_imports_inside_a_package_are_relative() -> None:
    absolute = [
        found
        for found in IMPORTS
        if found.level == 0 and found.target.partition(".")[0] == found.module.partition(".")[0]
    ]
    assert absolute == []


def test_third_party_names_appear_only_where_they_are_allowed() -> None:
    foreign = [
        found
        for found in IMPORTS
        if (top := found.target.partition(".")[0]) not in sys.stdlib_module_names
        and top not in PACKAGES
        and top not in THIRD_PARTY.get(found.module, set())
    ]
    assert foreign == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_named_like_a_public_name(package: str) -> None:
    tree = (
        ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))
        if package in MODULES
        else ast.Module([], [])
    )
    public = {
        element.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for element in ast.walk(node.value)
        if isinstance(element, ast.Constant)
    }
    names = {path.stem for path in (ROOT / package).glob("*.py")} | {
        path.parent.name for path in (ROOT / package).glob("*/__init__.py")
    }
    assert names & public == set()


def test_no_circles_at_import_time() -> None:
    edges: dict[str, set[str]] = {module: set() for module in MODULES}
    for found in IMPORTS:
        # `from .x import y` in a package's face is an edge to x; the face itself is no edge of its rooms.
        if found.at_load and found.target in MODULES and found.target not in PACKAGES:
            edges[found.module].add(found.target)
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if module not in done:
            for target in sorted(edges[module]):
                visit(target, (*path, module))
            done.add(module)

    for module in edges:
        visit(module, ())


def test_every_public_name_can_be_had() -> None:
    assert [name for name in sigv4.__all__ if getattr(sigv4, name, None) is None] == []
    assert set(sigv4.__all__) <= set(dir(sigv4))


def test_a_copy_says_which_name_it_was_made_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sigv4._LAZY, "Absent", "absent")
    with pytest.raises(AttributeError, match="'Absent' is not in this copy of the package"):
        getattr(sigv4, "Absent")  # noqa: B009 (mypy knows that it is not there)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        getattr(sigv4, "Nothing")  # noqa: B009 (as above)


def test_a_room_that_lacks_something_of_its_own_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(_name: str, _package: str) -> None:
        raise ModuleNotFoundError("no module named 'other'", name="other")

    monkeypatch.setitem(sigv4._LAZY, "Lacking", "lacking")
    monkeypatch.setattr(importlib, "import_module", lacking)
    with pytest.raises(ModuleNotFoundError, match="other"):
        getattr(sigv4, "Lacking")  # noqa: B009 (as above)


FIRST_SIGNATURE = """
import sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
import sigv4
signer = sigv4.Signer("sagemaker", "us-east-1", sigv4.Credentials("AKIDEXAMPLE", "secret", "token"))
signer.sign("POST", "https://h.example/a%20b?x=%20y", {"Content-Type": "x", "A": "b  c"}, b"{}")
signer.sign("POST", "https://h.example/", {}, "text", at=0)
print("\\n".join(sorted(set(sys.modules) - before)))
"""


def test_import_and_first_signature_load_nothing_heavy_and_nothing_third_party() -> None:
    command = [sys.executable, "-I", "-S", "-c", FIRST_SIGNATURE, str(ROOT)]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()
    tops = {module.partition(".")[0] for module in loaded}
    assert "sigv4.signer" in loaded
    assert tops & set(HEAVY) == set()
    assert tops - set(sys.stdlib_module_names) == {"sigv4"}


def test_the_package_works_under_another_name(tmp_path: Path) -> None:
    """Vendors copy `sigv4/` into their own tree."""
    vendored = tmp_path / "vendor" / "signing"
    for path in (ROOT / "sigv4").rglob("*.py"):
        target = vendored / path.relative_to(ROOT / "sigv4")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import vendor.signing as s; "
        "h = s.Signer('iam', 'us-east-1', s.Credentials('A', 'b')).sign('GET', 'https://h.example/'); "
        "s.Verifier('iam', 'us-east-1', lambda claim: s.Credentials('A', 'b')).verify('GET', '/', h); "
        "assert 'sigv4' not in sys.modules; print('verified')"
    )
    command = [sys.executable, "-I", "-S", "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "verified\n"
