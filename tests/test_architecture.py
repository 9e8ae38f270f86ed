"""Checks the imports: modules have one linear order, third-party imports are listed, and a first signature loads few modules."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import sigv4

ROOT = Path(__file__).parents[1]
PACKAGES = ("sigv4", "sagemaker_api")

# The modules in one linear order: each imports only modules listed before it; imports for type checkers count, too. A
# line has a package and names in it. The `__init__` of a package is listed if it has more than a docstring.
ORDER = """
sigv4: errors record credentials percent target headers payload scope request signing_names dialects hosts v4 v4a
    authorization canonical payload_hash presigning post_policy signed_request claim strict replay
    explanation error_responses
sigv4.streaming: checksums chunk_signatures chunk_encoder chunk_decoder event_frames event_signer event_stream body_verifier upload
    events
sigv4: signer verified_head verifier
sigv4.diagnosis: refusals catalogue findings server_answer signature_inputs
sigv4.diagnosis.hypotheses: hypothesis headers payload target query hosts text key __init__
sigv4.diagnosis: evidence other_mechanisms masking static_checks verdict unreadable answered oddities search
    stumbling_blocks server_comparison diagnose captured_explanation
sigv4.auditing: json_stream har url_rules pasted_urls shell_words curl_command capture_source text_messages foreign_files
    raw_requests http_files go_logs text_captures captures
    rule_ids conformance_case conformance_vectors conformance_answer conformance_printed
    conformance_verdict conformance_streams conformance_judge conformance conformance_report refused_exchange audit lint
sigv4.network: forks proxies time_limits deadline_socket tls connection
sigv4.config: numbers partitions home file_grammar shared_config profiles service_endpoints settings
sigv4.providers: answers environment fetch attempts files container freshness imds login process role_cache
    sources sso sts web_identity role profile chain
sigv4.adapters: redis_settings redis_replay asgi_bodies asgi_scope asgi hop_signer urllib httpx requests aiohttp
sigv4: __init__
sigv4.vendoring: atomic_write compile_files compiled distributions licence package_files destination shadowing layer reachability effects dead_code
    shorter_forms trimming type_names single_file face vendored
sigv4.cli: standard_streams worker_processes progress verbs colours completion reference_data rule conformance_program conformance credentials whole_number_flag inputs seconds_flag
    rule_html pages scope_flags request_flags diagnosis_text diagnosis_page audit diagnose explanation_page layer lint
    presign explain send sign vendor __init__
sigv4: __main__
sagemaker_api: lazy_names redirect_file clock_skew errors authorized_url aws_json endpoint
sagemaker_api.model: timestamps shapes parameters results inputs operations
sagemaker_api.local: clients clock notebook_hosts service_errors api_parameters notebook_settings faults
sagemaker_api.local.notebooks: journal pages instances
sagemaker_api.local.iam: condition_keys patterns request values conditions statement document policy context
    identities policy_file identity_file guard
sagemaker_api.local: listing
sagemaker_api.local.notebooks: sessions
sagemaker_api.local: api
sagemaker_api.local.notebooks: control_script control_page refusals control
sagemaker_api.local.serving: bodies
sagemaker_api.local: service
sagemaker_api.local.serving: limits jupyter_supervisor jupyter proxy_headers http_proxy server
sagemaker_api.local: local_arguments local_sagemaker
sagemaker_api.local.serving: websocket_proxy app asgi_server servers
sagemaker_api.local: __init__ pytest_plugin
sagemaker_api: paging response_masking retry sdk_headers
sagemaker_api.transports: idle base httpx_deadline httpx stdlib default
sagemaker_api: call client_arguments waiters methods client notebook __init__
sagemaker_api.cli: debug_log table_output yaml_output output client_flags configure shorthand parameter_flags advice
    open_instance query
    list_instances operations simulate serving demo local wait __init__
sagemaker_api: __main__
"""

THIRD_PARTY = {
    "sigv4.record": {"typing_extensions"},  # typing_extensions is only for type checkers
    "sagemaker_api.methods": {"typing_extensions"},
    "sagemaker_api.model.inputs": {"typing_extensions"},
    "sagemaker_api.model.results": {"typing_extensions"},
    "sagemaker_api.paging": {"typing_extensions"},
    "sigv4.v4a": {"cryptography"},
    "sigv4.adapters.aiohttp": {"aiohttp"},
    "sigv4.adapters.httpx": {"httpx"},
    "sigv4.adapters.requests": {"requests"},
    "sigv4.adapters.redis_replay": {"redis"},
    "sagemaker_api.transports.httpx": {"httpx", "anyio"},
    "sagemaker_api.local.serving.app": {"starlette"},
    "sagemaker_api.local.serving.asgi_server": {"uvicorn"},
    "sagemaker_api.local.serving.http_proxy": {"httpx"},
    "sagemaker_api.local.serving.websocket_proxy": {"websockets"},
    "sagemaker_api.local.pytest_plugin": {"pytest"},
    "sagemaker_api.cli.query": {"jmespath"},
}

# Modules that `python -I -S` must not load for a first signature: they would take most of the import time.
HEAVY = ("re", "typing", "dataclasses", "urllib", "ssl", "json", "base64", "enum")


NAMED_MODULE = re.compile(r"""['"]((?:sigv4|sagemaker_api)(?:\.\w+)+)""")  # or a name in a module


class Import(NamedTuple):
    module: str  # the importing module, such as "sigv4.cli.explain"
    line: int
    level: int  # 0 for an absolute import
    target: str  # the imported module by its absolute name, such as "sigv4.errors"
    at_load: bool  # runs when the module is loaded: not in a function, and not only for type checkers


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


def _listed() -> list[str]:
    """The modules of ORDER, by their full names."""
    found, package = [], ""
    for word in ORDER.split():
        if word.endswith(":"):
            package = word[:-1]
        else:
            found.append(package if word == "__init__" else f"{package}.{word}")
    return found


LISTED = _listed()
POSITIONS = {module: position for position, module in enumerate(LISTED)}


def _is_face(module: str) -> bool:
    """Whether the module is an ``__init__`` with only a docstring."""
    path = MODULES[module]
    return path.name == "__init__.py" and len(ast.parse(path.read_text("utf-8")).body) <= 1


def test_every_module_has_one_place_in_the_order() -> None:
    assert sorted(LISTED) == sorted(module for module in MODULES if not _is_face(module))


def test_a_module_imports_only_what_is_listed_before_it() -> None:
    later = [
        f"{found.module} line {found.line} imports {found.target}, which is not listed before it"
        for found in IMPORTS
        if found.module != found.target
        and POSITIONS.get(found.target, -1) >= POSITIONS.get(found.module, -1) >= 0
    ]
    assert later == []


def test_the_root_of_sigv4_holds_the_protocol_and_nothing_else() -> None:
    files = sorted((ROOT / "sigv4").glob("*.py"))
    assert len(files) <= 30, [path.name for path in files]
    long = [path.name for path in files if len(path.read_text("utf-8").splitlines()) > 320]
    assert long == []


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
    public = set(vars(importlib.import_module(package))["__all__"])
    names = {path.stem for path in (ROOT / package).glob("*.py")} | {
        path.parent.name for path in (ROOT / package).glob("*/__init__.py")
    }
    assert public
    assert names & public == set()


def test_type_checkers_and_python_read_the_same_public_names() -> None:
    """A package lists them twice: as imports for type checkers, and in a table that Python reads on first use."""
    faces = [
        module
        for module, path in MODULES.items()
        if path.name == "__init__.py" and "__getattr__" in path.read_text("utf-8")
    ]
    assert faces == ["sigv4", "sagemaker_api", "sagemaker_api.local"]
    for face in faces:
        package = importlib.import_module(face)
        [block] = (
            each for each in ast.parse(MODULES[face].read_text("utf-8")).body if isinstance(each, ast.If)
        )
        checked = {}
        for statement in block.body:
            assert isinstance(statement, ast.ImportFrom)
            module = importlib.import_module("." * statement.level + (statement.module or ""), face)
            for alias in statement.names:
                assert alias.name == alias.asname  # the form that marks a name as public
                checked[alias.name] = getattr(module, alias.name)
        assert {name: getattr(package, name) for name in vars(package)["__all__"]} == checked
        assert set(checked) <= set(dir(package))


def test_a_copy_says_which_name_it_was_made_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(sigv4)["_LAZY"], "Absent", "absent")
    with pytest.raises(AttributeError, match="'Absent' was left out of this copy of the package"):
        getattr(sigv4, "Absent")  # noqa: B009 (mypy knows that it is not there)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        getattr(sigv4, "Nothing")  # noqa: B009 (as above)


def test_a_module_without_its_own_dependency_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "lacking.py").write_text("import no_such_module")
    monkeypatch.setattr(sigv4, "__path__", [*sigv4.__path__, str(tmp_path)])
    monkeypatch.setitem(vars(sigv4)["_LAZY"], "Lacking", "lacking")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
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
    """Users copy `sigv4/` into their source tree."""
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


def _is_in_a_module(name: str) -> bool:
    """Whether this is a module, or a name in a module that is not a package."""
    found = name
    while found not in MODULES:
        found = found.rpartition(".")[0]
    return found == name or MODULES[found].name != "__init__.py"


def test_each_module_that_a_test_names_exists() -> None:
    """A test that a module is not loaded could not fail if no module had that name."""
    unknown = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for name in NAMED_MODULE.findall(path.read_text("utf-8"))
        if not _is_in_a_module(name)
    }
    assert unknown == {"sigv4.trailers"}  # a key of an ASGI scope


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines from the first statement to the last, without the docstring."""
    documented = ast.get_docstring(function, clean=False) is not None
    body = function.body[1:] if documented else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.slow
def test_no_function_is_longer_than_forty_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)} line {node.lineno}: {node.name}, {_length(node)} lines"
        for path in MODULES.values()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _length(node) > 40
    ]
    assert long == []
