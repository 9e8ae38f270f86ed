"""The single file: what it holds, how large it is, and which sources cannot be merged."""

from __future__ import annotations

import ast
import builtins
import subprocess
import symtable
import sys
from pathlib import Path

import pytest

from sigv4.cli import main
from sigv4.errors import SigningError
from sigv4.vendoring import single_file as merging
from sigv4.vendoring.package_files import own_files
from sigv4.vendoring.reachability import definitions_in
from sigv4.vendoring.shorter_forms import STUBS
from sigv4.vendoring.trimming import condense
from tests.sigv4.vendoring.copies import copied, written

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("merged_once"),
]  # .ci/run runs these, since they take some seconds


SINGLE_FILE_BYTES = 45_000


def test_the_single_file_is_the_same_with_the_flag_only_sign(tmp_path: Path) -> None:
    target = tmp_path / "signing.py"
    assert main(["vendor", str(target), "--single-file", "--only", "sign"]) == 0
    assert target.read_bytes() == written("single")["."]


def test_the_single_file_holds_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    tree = ast.parse(copied(tmp_path, "single").read_text("utf-8"))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    imported = {a.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for a in node.names}
    assert (defined | imported) - used == {"annotations"}  # the import from __future__
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]


def test_the_single_file_is_small_and_refuses_what_it_left_out(tmp_path: Path) -> None:
    target = copied(tmp_path, "single")
    assert target.stat().st_size <= SINGLE_FILE_BYTES
    tree = ast.parse(target.read_text("utf-8"))
    assert [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level] == []
    program = """
import sys; sys.path.insert(0, sys.argv[1])
import signing as s
keys = s.Credentials("A", "b", "c", 2e9)
signer = s.Signer("s3", "us-east-1", keys, dialect=s.S3.replace(presign_unsigned=False))
url = "https://examplebucket.s3.amazonaws.com" + s.encode_path("/a b") + "?" + s.encode_query([("k", "v w")])
signed = signer.sign("PUT", url, {}, s.Payload.sha256(bytes(32)))
assert signed["X-Amz-Content-SHA256"] == "0" * 64
assert "Authorization" in signer.sign("PUT", url, {}, s.UNSIGNED_PAYLOAD)
presigned = signer.presign("GET", url, expires=60)
assert type(presigned) is s.PresignedUrl and s.DEFAULT.name == "default"
assert "X-Amz-Signature" in presigned and "X-Amz-Signature" not in repr(presigned)
assert [each for each in s.__all__ if not hasattr(s, each)] == []
for kind, call in ((s.CredentialsError, lambda: s.Credentials("A", "b ")),
                   (s.SigningError, lambda: signer.sign("GET", "x"))):
    try:
        call()
    except s.SigV4Error as error:
        assert type(error) is kind
    else:
        raise AssertionError(kind)
print([each for each in ("stream", "post_policy", "explain") if hasattr(s.Signer, each)])
print([each for each in ("Verifier", "Request", "parse_header", "diagnose") if hasattr(s, each)])
try:
    s.Signer("s3", "*", keys, algorithm=s.V4A)
except s.SigningError as error:
    print(error)
"""
    command = [sys.executable, "-I", "-S", "-B", "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines() == [
        "[]",
        "[]",
        "4A is not in this file: copy the whole package instead, with sigv4 vendor DEST",
    ], done.stderr


def test_each_shorter_form_is_one_of_a_function_or_a_constant_of_the_package() -> None:
    statements = [each for source in own_files().values() for each in ast.walk(ast.parse(source))]
    functions = {each.name for each in statements if isinstance(each, ast.FunctionDef)}
    constants = {ast.unparse(each.targets[0]) for each in statements if isinstance(each, ast.Assign)}
    assert STUBS.keys() - functions - constants == set()


def test_every_name_in_the_single_file_is_defined(tmp_path: Path) -> None:
    text = copied(tmp_path, "single").read_text("utf-8")
    known = {each.get_name() for each in symtable.symtable(text, "signing.py", "exec").get_symbols()}
    known |= {*dir(builtins), "__class__"}
    waiting, unknown = [symtable.symtable(text, "signing.py", "exec")], set()
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        unknown |= {each.get_name() for each in table.get_symbols() if each.is_global()} - known
    assert unknown == set()


def test_a_statement_that_would_change_its_meaning_is_refused() -> None:
    with pytest.raises(SigningError, match="would not mean"):
        condense('text = """one\n  two"""\n', (), (), ())


def test_two_meanings_of_one_name_cannot_be_merged() -> None:
    files = own_files()
    files["sigv4/v4.py"] = files["sigv4/v4.py"].replace(b"_block(", b"escape(")
    with pytest.raises(SigningError, match=r"escape is of sigv4/.*py and of sigv4/.*py"):
        merging.merge(files)


@pytest.mark.parametrize(
    "arguments",
    [
        ["class"],
        ["my-sigv4"],
        ["my-sigv4.py", "--single-file"],
        ["if.py", "--single-file"],
        ["a", "--single-file"],
    ],
)
def test_a_name_that_cannot_be_imported_is_refused(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["vendor", str(tmp_path / arguments[0]), *arguments[1:]]) == 2
    assert f"'{arguments[0]}' cannot be imported" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_definitions_of_a_module_are_named_with_their_methods() -> None:
    code = b"A = 1\nclass B:\n    def c(self): ...\n    async def d(self): ...\ndef e(): ...\n"
    assert [*definitions_in({"sigv4/m.py": code}, "sigv4/m.py")] == ["A", "B", "B.c", "B.d", "e"]
