"""Compares how botocore, the AWS CLI and the JavaScript SDK read shared files: a corpus, and mutations of it.

``fixtures/config/grammar.json`` has files written by hand. A case in which this package differs from botocore is in
``_LISTED``, or its mutation causes the difference; docs/differences.md has a row for it.
"""

from __future__ import annotations

import configparser
import io
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("botocore")

import botocore.configloader
from botocore.exceptions import ConfigParseError
from botocore.session import Session

from sigv4.config.shared_config import read_shared_config
from sigv4.errors import SigV4Error

from . import node

pytestmark = pytest.mark.interop

_CASES = json.loads((Path(__file__).parents[2] / "fixtures" / "config" / "grammar.json").read_text("utf-8"))[
    "cases"
]
_FILES = {case["name"]: (case["config"], case["credentials"]) for case in _CASES}

# The case, and the change to botocore with which it gives this package's result.
_COMMENT, _REPEATED, _OWN = "a comment after a value", "a section or a name twice", "ours alone"
_LISTED = {
    "a byte order mark": _OWN,
    "a comment after a value": _COMMENT,
    "a comment after a value and a tab": _COMMENT,
    "a comment after a value of a nested block": _COMMENT,
    "a comment after a name without a value and a continuation": _OWN,
    "a comment after a name without a value and a block": _COMMENT,
    "a comment with a bracket after a header": _COMMENT,
    "a section twice": _REPEATED,
    "a property twice": _REPEATED,
    "a section twice in the credentials file": _REPEATED,
    "a section of the config file in the credentials file": _OWN,
}
_OUR_OWN_READING: dict[str, Any] = {
    "a byte order mark": {"profiles": {"default": {"a": "b"}}},
    "a comment after a name without a value and a continuation": {"profiles": {"default": {"a": "text"}}},
    "a section of the config file in the credentials file": {"profiles": {"b": {"x": "4"}}},
}

Reading = dict[str, Any]


def _write(folder: Path, config: str, credentials: str) -> dict[str, str]:
    (folder / "config").write_bytes(config.encode())
    (folder / "credentials").write_bytes(credentials.encode())
    return {
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
    }


def _ours(environ: dict[str, str]) -> Reading | str:
    try:
        found = read_shared_config(environ)
    except SigV4Error:
        return "error"
    groups = {"profiles": found.profiles, "sso_sessions": found.sso_sessions, "services": found.services}
    return {
        group: {
            name: {key: each.block or each.value for key, each in section.items()}
            for name, section in of.items()
        }
        for group, of in groups.items()
    }


@contextmanager
def _environment(environ: dict[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        yield


def _botocore(environ: dict[str, str], **parser: Any) -> Reading | str:
    """The result of botocore with these arguments for its parser."""
    with _environment(environ), pytest.MonkeyPatch.context() as patch:
        if parser:
            made = configparser.RawConfigParser
            patch.setattr(botocore.configloader.configparser, "RawConfigParser", lambda: made(**parser))
        try:
            found = Session().full_config
        except ConfigParseError:
            return "error"
    return {group: found.get(group, {}) for group in ("profiles", "sso_sessions", "services")}


def _expected(environ: dict[str, str], difference: str) -> Reading | str:
    if (
        difference == _COMMENT
    ):  # the parser also removes comments from continuation lines: no case has such lines
        return _botocore(environ, inline_comment_prefixes=("#", ";"))
    if difference == _REPEATED:
        return _botocore(environ, strict=False)
    return _botocore(environ)


@pytest.mark.parametrize("name", _FILES)
def test_each_file_is_read_as_botocore_reads_it(name: str, tmp_path: Path) -> None:
    environ = _write(tmp_path, *_FILES[name])
    difference = _LISTED.get(name, "")
    ours, theirs = _ours(environ), _botocore(environ)
    if difference:
        assert ours != theirs, (
            "this is not a difference any more: take it from _LISTED and docs/differences.md"
        )
        expected = _OUR_OWN_READING.get(name)
        assert ours == (
            _expected(environ, difference)
            if expected is None
            else {"sso_sessions": {}, "services": {}, **expected}
        )
    else:
        assert ours == theirs


def _mutant(rng: random.Random, text: str) -> tuple[str, str]:
    """A file with one to three changes that people make, and the kind of difference that they cause."""
    lines = text.split("\n")
    difference = ""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(lines))
        change = rng.randrange(14)
        if change == 0:
            lines[at] = rng.choice(["  ", "\t", " ", "    "]) + lines[at]
        elif change == 1:
            lines[at] = lines[at].lstrip()
        elif change == 2:
            lines.insert(at, rng.choice(["# x", "  # x = y", "\t; [x]", "    #", ";"]))
        elif change == 3:
            lines.insert(at, rng.choice(["", "  ", "\t"]))
        elif change == 4:
            lines[at] = lines[at].replace("=", ":", 1)
        elif change == 5:
            lines[at] = lines[at].replace(" = ", rng.choice(["=", "\t=\t", " =", "= "]), 1)
        elif change == 6:
            lines = [f"  {line}" for line in lines]
        elif change == 7:
            lines = [f"{line}\r" for line in lines]
        elif change == 8:
            lines.insert(
                at,
                rng.choice(["extra = 1", "  extra = 1", "Extra: 1", "[profile extra]", "  [profile extra2]"]),
            )
        elif change == 9:
            lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
        elif change == 10:
            lines[at] = lines[at].replace("[", rng.choice(["[ ", "[[", "(", ""]), 1)
        elif change == 11:
            lines[at] = lines[at].replace("]", rng.choice([" ]", "]]", "", "] x"]), 1)
        elif change == 12 and not difference and "=" in lines[at] and lines[at][:1].strip():
            lines[at] += rng.choice([" # c", "\t; c", " ;"])
            difference = _COMMENT
        elif change == 13 and not difference:
            lines.insert(at, lines[at])
            difference = _REPEATED
    return "\n".join(lines), difference


def _mutants() -> Iterator[tuple[str, str, str]]:
    rng = random.Random(19)
    sources = [
        files for name, files in _FILES.items() if name not in _LISTED and "#" not in files[0] + files[1]
    ]
    for _ in range(800):
        config, credentials = rng.choice(sources)
        if config and (not credentials or rng.random() < 0.6):
            config, difference = _mutant(rng, config)
        else:
            credentials, difference = _mutant(rng, credentials)
        yield config, credentials, difference


@pytest.mark.slow
def test_mutations_of_the_files_are_read_as_botocore_reads_them(tmp_path: Path) -> None:
    kinds: dict[str, int] = {}
    for config, credentials, difference in _mutants():
        environ = _write(tmp_path, config, credentials)
        if _has_a_section_of_the_other_file(credentials):
            continue
        ours, theirs = _ours(environ), _botocore(environ)
        if ours != theirs and (difference or theirs == "error"):
            # A change can make a line appear twice; botocore refuses that with an error.
            difference = difference or _REPEATED
            theirs = _expected(environ, difference)
        else:
            difference = ""
        kind = difference or ("error" if ours == "error" else "same")
        kinds[kind] = kinds.get(kind, 0) + 1
        assert ours == theirs, (config, credentials, difference)
    assert kinds["same"] > 350, kinds
    assert min(kinds[each] for each in ("error", _COMMENT, _REPEATED)) > 10, kinds


def _has_a_section_of_the_other_file(credentials: str) -> bool:
    return any(
        line.strip().startswith(("[profile", "[sso-session", "[services"))
        for line in credentials.splitlines()
    )


@pytest.mark.skipif(node.missing() is not None, reason=str(node.missing()))
def test_this_package_agrees_with_the_javascript_sdk_where_that_agrees_with_botocore_and_in_the_listed_cases(
    tmp_path: Path,
) -> None:
    questions, folders = [], {}
    for number, (name, files) in enumerate(_FILES.items()):
        folder = folders[name] = tmp_path / str(number)
        folder.mkdir()
        environ = _write(folder, *files)
        questions.append(
            {
                "op": "shared-files",
                "config": environ["AWS_CONFIG_FILE"],
                "credentials": environ["AWS_SHARED_CREDENTIALS_FILE"],
            }
        )
    answers = dict(zip(_FILES, node.ask(questions), strict=True))
    agreed = 0
    for name, files in _FILES.items():
        environ = _write(folders[name], *files)
        ours, theirs, javascript = _ours(environ), _botocore(environ), answers[name]
        if isinstance(ours, str) or "error" in javascript:
            continue
        for profile, section in javascript["profiles"].items():
            for key, value in section.items():
                found = ours["profiles"].get(profile, {}).get(key.lower())
                botocores = (
                    None if isinstance(theirs, str) else theirs["profiles"].get(profile, {}).get(key.lower())
                )
                if botocores == value or (name in _LISTED and name not in _NOT_JAVASCRIPT):
                    assert found == value, (name, profile, key)
                    agreed += 1
    assert agreed > 100


# The JavaScript SDK adds a line to a nested block, and reads sections of the credentials file under other names.
_NOT_JAVASCRIPT = {
    "a comment after a name without a value and a continuation",
    "a comment after a name without a value and a block",
    "a comment after a value of a nested block",
    "a section of the config file in the credentials file",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in _FILES if name not in _LISTED][::6])
def test_the_aws_cli_prints_what_we_read(name: str, tmp_path: Path) -> None:
    clidriver = pytest.importorskip("awscli.clidriver")
    data = str(Path(clidriver.__file__).parent / "data")  # awscli puts it into AWS_DATA_PATH, once
    environ = _write(tmp_path, *_FILES[name])
    ours = _ours(environ)
    profiles: dict[str, Any] = {} if isinstance(ours, str) else ours["profiles"]
    picked = [
        (profile, key, value)
        for profile, section in profiles.items()
        for key, value in section.items()
        if isinstance(value, str) and value and "." not in key
    ][:1]
    with _environment({**environ, "AWS_DATA_PATH": data}):
        for profile, key, value in picked:
            with redirect_stdout(io.StringIO()) as printed:
                code = clidriver.create_clidriver().main(["configure", "get", key, "--profile", profile])
            assert (code, printed.getvalue()) == (0, f"{value}\n")
