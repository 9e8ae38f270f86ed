"""``sigv4 rule`` and ``sigv4 conformance`` without a path: rules and vectors are available offline."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sagemaker_api.cli import main as sagemaker_api
from sigv4.cli import main, reference_data
from tests.protocol_page import rules

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_every_rule_of_the_page_is_printed_with_its_source_its_code_and_its_vectors(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for family in dict.fromkeys(rule.rpartition("-")[0] for rule in rules()):
        assert main(["rule", family]) == 0
        shown = f"\n{capsys.readouterr().out}"
        of_it = [rule for rule in rules() if rule.startswith(f"{family}-")]
        assert [rule for rule in of_it if f"\n{rule}\n\n" not in shown] == []
    assert main(["rule", "cr-path-2"]) == 0
    shown = capsys.readouterr().out
    for part in ("Source:", "*Code:* `", "canonical.canonical_path", "\n  EX-RS-1 (signing.json)"):
        assert part in shown


def test_a_family_and_the_whole_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == rules()
    assert main(["rule", "TOKEN"]) == 0
    shown = capsys.readouterr().out
    assert [rule for rule in rules() if f"{rule}\n\n" in shown] == [
        r for r in rules() if r.startswith("TOKEN-")
    ]


@pytest.mark.parametrize(
    ("wanted", "said"), [("CR-PTH-2", "did you mean CR-PATH-2"), ("zzz", "'sigv4 rule' lists all")]
)
def test_an_id_that_no_rule_has_is_refused(
    wanted: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rule", wanted]) == 2
    assert said in capsys.readouterr().err


def test_conformance_runs_the_vectors_that_the_package_contains(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["conformance"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("cases passed")


def test_without_cryptography_the_cases_of_4a_are_skipped_and_counted() -> None:
    program = "import sys; sys.modules['cryptography'] = None; from sigv4.cli import main; sys.exit(main(['conformance']))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (0, "")
    (skipped,) = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    assert re.fullmatch(r"SKIPPED \d+ cases: they need cryptography \(pip install cryptography\)", skipped)


def test_a_copy_without_vectors_says_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reference_data, "_CHECKOUT", tmp_path)
    monkeypatch.setattr(reference_data, "_PACKAGED", tmp_path)
    assert main(["rule"]) == 2
    assert "wheel of sigv4-reference" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("program", "word", "said"),
    [
        (main, "explan", "there is no verb 'explan': did you mean 'explain'?"),
        (main, "presing", "did you mean 'presign'"),
        (main, "frobnicate", "there is no verb 'frobnicate': --help lists the verbs"),
        (sagemaker_api, "opne", "did you mean 'open'?"),
        (sagemaker_api, "start-notebok-instance", "did you mean 'start-notebook-instance'"),
    ],
)
def test_a_mistyped_verb_is_answered_with_the_nearest(
    program: Callable[[list[str]], int], word: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        program([word])
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("program", [main, sagemaker_api])
def test_the_secret_of_a_flag_before_the_verb_is_not_repeated(
    program: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        program(["--secret-access-key", "MARKER/secret", "sign", "https://h.example/"])
    err = capsys.readouterr().err
    assert ("MARKER" in err, "the verb" in err) == (False, True)


@pytest.mark.parametrize(
    ("program", "words", "said"),
    [
        (main, "--secret-access-key=MARKER sign https://h/", "the flag --secret-access-key is before the verb: expected 'sigv4 sign --secret-access-key …'"),
        (main, "--region MARKER sign https://h/", "expected 'sigv4 sign --region …'"),
        (main, "-H MARKER sign https://h/", "expected 'sigv4 sign -H …'"),
        (main, "--json lint https://h/", "expected 'sigv4 lint --json …'"),
        (main, "--regoin MARKER sign https://h/", "--regoin (did you mean --region, after the verb?)"),
        (main, "--regoin=MARKER", "--regoin (did you mean --region or "),
        (main, "--region MARKER", "there is no verb: expected 'sigv4 VERB --region …'; --help lists the verbs"),
        (main, "--frobnicate MARKER sign", "--frobnicate (flags come after the verb)"),
        (sagemaker_api, "--regoin MARKER list-notebook-instances", "--regoin (did you mean --region, after the verb?)"),
        (sagemaker_api, "--region MARKER --profil MARKER list-notebook-instances", "--profil (did you mean --profile, after the verb?)"),
        (sagemaker_api, "--region", "there is no verb: expected 'sagemaker-api VERB --region …'"),
        (sagemaker_api, "--region MARKER", "there is no verb: expected 'sagemaker-api VERB --region …'"),
        (sagemaker_api, "--region MARKER opne", "there is no verb 'opne': did you mean 'open'?"),
        (sagemaker_api, "open-notebook-instance n", "there is no verb 'open-notebook-instance': did you mean 'open'?"),
        (sagemaker_api, "--ports 1 local", "--ports (did you mean --port or "),
    ],
)  # fmt: skip
def test_the_error_for_a_flag_before_the_verb_says_where_it_belongs(
    program: Callable[[list[str]], int], words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        program(words.split())
    err = capsys.readouterr().err
    assert said in " ".join(err.split())
    assert "MARKER" not in err


@pytest.mark.parametrize("words", ["--vers", "--version", "-h"])
def test_help_and_version_need_no_verb(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        sagemaker_api([words])
    assert ended.value.code == 0
    assert "sagemaker-api" in capsys.readouterr().out
