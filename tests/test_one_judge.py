"""Each of these decisions is made in one module; no other module makes it, too.

Each function below finds one kind of decision in a syntax tree. ``JUDGES`` lists, for each function, the
modules that may contain it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sigv4.payload import LITERALS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
TREES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
    for package in ("sigv4", "sagemaker_api")
    for path in sorted((ROOT / package).rglob("*.py"))
}


def _called(node: ast.AST, *methods: str) -> ast.expr | None:
    """What a method of one of these names is called on."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods:
        return node.func.value
    return None


def _is_text(node: ast.AST, *texts: str | bytes) -> bool:
    return isinstance(node, ast.Constant) and node.value in texts


def looks_up_a_header(tree: ast.AST) -> Iterator[ast.AST]:
    """A loop over pairs that compares the first of each in lower case."""
    for node in ast.walk(tree):
        loops: list[ast.For | ast.comprehension] = [node] if isinstance(node, ast.For) else []
        loops += getattr(node, "generators", [])
        for loop in loops:
            if not isinstance(loop.target, ast.Tuple) or not isinstance(loop.target.elts[0], ast.Name):
                continue
            name = loop.target.elts[0].id
            for each in ast.walk(node):
                if isinstance(each, ast.Compare) and any(
                    isinstance(found := _called(side, "lower", "casefold"), ast.Name) and found.id == name
                    for side in (each.left, *each.comparators)
                ):
                    yield each


def cuts_a_url(tree: ast.AST) -> Iterator[ast.AST]:
    """A search for ``://``, or a split at ``@``."""
    written = [each for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for each in node.values]
    for node in ast.walk(tree):
        if node in written:
            continue  # a URL is put together
        if _is_text(node, "://", b"://"):
            yield node
        elif _called(node, "partition", "rpartition", "split", "rsplit") is not None:
            arguments = node.args if isinstance(node, ast.Call) else []
            if arguments and _is_text(arguments[0], "@", b"@"):
                yield node
        elif _called(node, "startswith") is not None and isinstance(node, ast.Call):
            found = [each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)]
            if any(str(each).lower().startswith(("http:", "https:", "ws:", "wss:")) for each in found):
                yield node


def hides_a_header(tree: ast.AST) -> Iterator[ast.AST]:
    """A list of names of secret headers."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Set, ast.Tuple, ast.List)):
            names = {str(each.value).lower() for each in node.elts if isinstance(each, ast.Constant)}
            if len(names & {"cookie", "set-cookie", "x-amz-security-token", "proxy-authorization"}) > 1:
                yield node


def names_a_payload_literal(tree: ast.AST) -> Iterator[ast.AST]:
    """A literal in place of the hash of a body, which is a constant of ``payload``."""
    return (node for node in ast.walk(tree) if _is_text(node, *LITERALS))


def _texts(node: ast.AST) -> set[object]:
    """The constants of a tuple, list or set that is written out."""
    elements = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else []
    return {each.value for each in elements if isinstance(each, ast.Constant)}


def lists_methods(tree: ast.AST) -> Iterator[ast.AST]:
    """A list of HTTP methods: which are usual, which have no body, which only read."""
    return (
        node for node in ast.walk(tree) if len(_texts(node) & {"GET", "HEAD", "POST", "PUT", "DELETE"}) > 1
    )


def lists_hex_digits(tree: ast.AST) -> Iterator[ast.AST]:
    """The hex digits of a signature or hash; ``payload`` has them as a constant."""
    return (node for node in ast.walk(tree) if _is_text(node, "0123456789abcdef"))


def escapes_markup(tree: ast.AST) -> Iterator[ast.AST]:
    """A replacement of ``&`` by its entity, or of an entity by its character."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node, "replace") is not None and node.args:
            given = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if {"&amp;", "&lt;", "&gt;", "&quot;"} & set(map(str, given)):
                yield node


def reads_an_element(tree: ast.AST) -> Iterator[ast.AST]:
    """A search for the end tag of an element."""
    for node in ast.walk(tree):
        if _called(node, "find", "index", "partition", "split") is not None:
            written = [ast.unparse(each) for each in ast.walk(node) if isinstance(each, ast.JoinedStr)]
            if any("</" in each for each in written):
                yield node


def drops_the_output(tree: ast.AST) -> Iterator[ast.AST]:
    """Replaces the standard output by the null device, because its reader has gone."""
    return (node for node in ast.walk(tree) if _called(node, "dup2") is not None)


def reads_standard_input(tree: ast.AST) -> Iterator[ast.AST]:
    """``sys.stdin`` is read in place of a file."""
    return (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.stdin.buffer"
    )


VARIABLES = frozenset(
    "AWS_REGION AWS_DEFAULT_REGION AWS_CA_BUNDLE REQUESTS_CA_BUNDLE AWS_CONTAINER_CREDENTIALS_RELATIVE_URI "
    "AWS_CONTAINER_CREDENTIALS_FULL_URI".split()
)


def names_the_variables_of_a_setting(tree: ast.AST) -> Iterator[ast.AST]:
    """The variables of the region, the CA bundle or a container, in the order in which they count."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            names: set[object] = {each.value for each in node.args if isinstance(each, ast.Constant)}
        else:
            names = _texts(node)
        if names & VARIABLES:
            yield node


def pads_a_key(tree: ast.AST) -> Iterator[ast.AST]:
    """The inner or outer pad of HMAC (FIPS 198-1)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
            sides = [each.value for each in (node.left, node.right) if isinstance(each, ast.Constant)]
            if {0x36, 0x5C} & set(sides):
                yield node


def tells_loopback(tree: ast.AST) -> Iterator[ast.AST]:
    """A comparison of a host with the names of this machine."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            found = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
            if "localhost" in found and {"127.0.0.1", "::1"} & set(map(str, found)):
                yield node


def replaces_what_is_not_printable(tree: ast.AST) -> Iterator[ast.AST]:
    """A loop over the characters of a text that tests each for printability."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.GeneratorExp, ast.ListComp)) and isinstance(
            node.generators[0].target, ast.Name
        ):
            for each in ast.walk(node):
                found = _called(each, "isprintable")
                if isinstance(found, ast.Name) and found.id == node.generators[0].target.id:
                    yield each


def decodes_a_header(tree: ast.AST) -> Iterator[ast.AST]:
    """``value if isinstance(value, str) else value.decode(…)``, or the reverse."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.IfExp)
            and ast.unparse(node.test).endswith(("str)", "bytes)"))
            and (_called(node.body, "decode") is not None or _called(node.orelse, "decode") is not None)
        ):
            yield node


def reads_the_keys_of_the_environment(tree: ast.AST) -> Iterator[ast.AST]:
    """``AWS_ACCESS_KEY_ID`` is looked up."""
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call) and any(_is_text(each, "AWS_ACCESS_KEY_ID") for each in node.args)
        if called or (isinstance(node, ast.Subscript) and _is_text(node.slice, "AWS_ACCESS_KEY_ID")):
            yield node


JUDGES: dict[Callable[[ast.AST], Iterator[ast.AST]], tuple[str, ...]] = {
    looks_up_a_header: (
        "sigv4/headers.py",
        "sigv4/network/proxies.py",  # compares names of environment variables
        "sigv4/diagnosis/hypotheses/text.py",  # replaces the value of one line
        "sigv4/adapters/httpx.py",  # the same
        "sagemaker_api/local/iam/context.py",  # compares names of condition keys
        "sagemaker_api/local/notebooks/control_page.py",  # masks two secrets within the value
    ),
    cuts_a_url: (
        "sigv4/target.py",
        "sigv4/auditing/pasted_urls.py",  # finds a URL within a text
        "sigv4/diagnosis/masking.py",  # masks passwords of URLs within a text
        "sigv4/auditing/foreign_files.py",  # describes a text without a URL
    ),
    hides_a_header: ("sigv4/headers.py",),
    names_a_payload_literal: ("sigv4/payload.py",),
    lists_methods: (
        "sigv4/canonical.py",  # the usual methods, and those with a body
        "sigv4/diagnosis/signature_inputs.py",  # the methods without a body
        "sigv4/diagnosis/hypotheses/headers.py",  # the method that a redirect makes of another one
        "sagemaker_api/local/serving/bodies.py",  # the methods that read a page
        "sagemaker_api/local/serving/proxy_headers.py",  # the methods that change nothing
    ),
    lists_hex_digits: ("sigv4/payload.py",),
    escapes_markup: (
        "sigv4/error_responses.py",
        "sigv4/auditing/pasted_urls.py",  # reverts the escapes of HTML in a URL
        "sigv4/auditing/conformance_report.py",  # quotes within an attribute
    ),
    reads_an_element: ("sigv4/error_responses.py",),
    drops_the_output: ("sigv4/cli/standard_streams.py",),
    reads_standard_input: ("sigv4/cli/standard_streams.py",),
    names_the_variables_of_a_setting: ("sigv4/config/settings.py", "sigv4/providers/environment.py"),
    pads_a_key: ("sigv4/v4.py",),
    tells_loopback: ("sigv4/target.py",),
    replaces_what_is_not_printable: (
        "sigv4/errors.py",
        "sigv4/cli/colours.py",  # shows what a terminal would hide or act on
        "sagemaker_api/cli/yaml_output.py",  # escapes of YAML
    ),
    decodes_a_header: (
        "sigv4/headers.py",
        "sagemaker_api/local/iam/document.py",  # a policy is a file or a text
    ),
    reads_the_keys_of_the_environment: ("sigv4/providers/environment.py",),
}


@pytest.mark.parametrize("question", JUDGES, ids=lambda question: question.__name__)
def test_each_decision_is_made_in_one_module(question: Callable[[ast.AST], Iterator[ast.AST]]) -> None:
    others = [
        f"{file} line {getattr(node, 'lineno', 0)}: {ast.unparse(node)[:80]}"
        for file, tree in TREES.items()
        if file not in JUDGES[question]
        for node in question(tree)
    ]
    assert others == []


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (looks_up_a_header, "[v for k, v in headers if k.lower() == 'host']"),
        (looks_up_a_header, "for name, value in r.headers.items():\n    if 'host' != name.casefold(): pass"),
        (cuts_a_url, "scheme, _, rest = url.partition('://')"),
        (cuts_a_url, "authority.rpartition('@')[2]"),
        (cuts_a_url, "url.startswith(('http://', 'https://'))"),
        (hides_a_header, "SECRET = {'Cookie', 'X-Amz-Security-Token'}"),
        (names_a_payload_literal, "line == 'UNSIGNED-PAYLOAD'"),
        (names_a_payload_literal, "Payload('STREAMING-AWS4-HMAC-SHA256-EVENTS')"),
        (lists_methods, "bodiless = method in ('GET', 'HEAD', 'DELETE')"),
        (lists_methods, "WRITING = frozenset(['PUT', 'POST'])"),
        (lists_hex_digits, "all(digit in '0123456789abcdef' for digit in text)"),
        (escapes_markup, "text.replace('&', '&amp;').replace('<', '&lt;')"),
        (escapes_markup, "text.replace('&quot;', mark)"),
        (reads_an_element, "end = text.find(f'</{name}>', start)"),
        (drops_the_output, "os.dup2(os.open(os.devnull, os.O_WRONLY), 1)"),
        (reads_standard_input, "raw = sys.stdin.buffer.read()"),
        (names_the_variables_of_a_setting, "os.environ.get('AWS_REGION')"),
        (names_the_variables_of_a_setting, "_URL = ('AWS_CONTAINER_CREDENTIALS_FULL_URI',)"),
        (names_the_variables_of_a_setting, "BUNDLES = ('REQUESTS_CA_BUNDLE', 'AWS_CA_BUNDLE')"),
        (pads_a_key, "bytes(byte ^ 0x36 for byte in range(256))"),
        (pads_a_key, "[0x5C ^ byte for byte in key]"),
        (replaces_what_is_not_printable, "''.join(c for c in text if c.isprintable())"),
        (decodes_a_header, "value if isinstance(value, str) else value.decode('ascii')"),
        (decodes_a_header, "name.decode() if isinstance(name, bytes) else name"),
        (reads_the_keys_of_the_environment, "os.environ.get('AWS_ACCESS_KEY_ID')"),
        (reads_the_keys_of_the_environment, "environ['AWS_ACCESS_KEY_ID']"),
        (tells_loopback, "host in ('localhost', '127.0.0.1')"),
    ],
)
def test_a_second_place_of_a_decision_is_found(
    question: Callable[[ast.AST], Iterator[ast.AST]], code: str
) -> None:
    assert list(question(ast.parse(code)))
