"""Mutation testing: ``python -m tests.mutation [--folder DIR] [MODULE…]``, or ``--sample N --seed S [ROOM…]``.

Tries the mutants that mutmut makes, in a copy of the tree, module by module, each against the fast test files
that cover it, without hypothesis, so that each mutant is killed by a vector or a named test. Prints how many
mutants of each module were killed, and every survivor that survivors.md does not justify; if there is one,
the exit code is 1. ``--again`` tries only the survivors of the last run with the current tests. ``--report``
shows the results in a folder, and runs nothing. ``--sample`` tries N random mutants of each part of the
package (ROOMS in sample.py) instead.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .sample import ROOMS

ROOT = Path(__file__).parents[2]
JUSTIFIED = Path(__file__).with_name("survivors.md")
COPIED = (
    *"sigv4 sagemaker_api tests fixtures docs README.md LICENSE .pre-commit-hooks.yaml pyproject.toml".split(),
)
SIGNER = "sigv4/test_signer.py sigv4/test_signer_bodies.py sigv4/test_signer_headers.py sigv4/test_signer_targets.py"
REQUESTS = f"test_vectors.py sigv4/test_canonical.py {SIGNER} sigv4/test_presigning.py attacks/test_secrets.py attacks/test_secrets_in_errors.py"
VERIFIED = (
    "test_vectors.py sigv4/test_verifier.py sigv4/test_verifier_authorization.py sigv4/test_verifier_order.py "
    "sigv4/test_verifier_refusals.py sigv4/test_verifier_services.py sigv4/test_verifier_signatures.py "
    "sigv4/test_verifier_strict.py sigv4/test_verifier_times.py sigv4/test_verified_head.py "
    "sigv4/test_v4a_requests.py sigv4/test_averify.py sigv4/test_claim.py sigv4/test_claim_known_signers.py sigv4/test_dialects.py "
    "attacks/test_verifier.py sigv4/test_verifier_replay.py sigv4/streaming/test_body_verifier.py sigv4/test_presigning.py"
)
CHUNKS = (
    "sigv4/streaming/test_chunk_encoder.py sigv4/streaming/test_chunk_encoder_refusals.py "
    "sigv4/streaming/test_chunks_of_4a.py sigv4/streaming/test_chunk_decoder.py "
    "sigv4/streaming/test_chunk_vectors.py sigv4/streaming/test_upload.py "
    "sigv4/streaming/test_refusals_of_bodies.py sigv4/streaming/test_body_verifier.py"
)
EVENTS = (
    "sigv4/streaming/test_event_frames.py sigv4/streaming/test_event_stream.py sigv4/streaming/test_events.py "
    "sigv4/streaming/test_refusals_of_events.py sigv4/streaming/test_body_verifier.py"
)
TESTS = {
    "sigv4/canonical.py": REQUESTS,
    "sigv4/v4.py": f"sigv4/test_v4.py {REQUESTS}",
    "sigv4/v4a.py": "sigv4/test_v4a.py sigv4/test_v4a_errors.py sigv4/test_v4a_region_sets.py sigv4/test_v4a_requests.py",
    "sigv4/scope.py": "sigv4/test_scope.py sigv4/test_signer.py sigv4/test_verifier_times.py",
    "sigv4/percent.py": "sigv4/test_percent.py sigv4/test_canonical.py sigv4/test_signer_targets.py",
    "sigv4/credentials.py": "sigv4/test_credentials.py attacks/test_secrets.py attacks/test_secrets_in_errors.py sigv4/test_record.py sigv4/test_presigning.py",
    "sigv4/signer.py": f"{REQUESTS} sigv4/test_signing_names.py sigv4/test_explanation.py sigv4/test_v4a_requests.py sigv4/test_post_policy.py sigv4/test_post_policy_refusals.py sigv4/streaming/test_upload.py {EVENTS}",
    "sigv4/presigning.py": f"{REQUESTS} sigv4/test_explanation.py sigv4/test_v4a_requests.py",
    "sigv4/post_policy.py": "sigv4/test_post_policy.py sigv4/test_post_policy_refusals.py",
    "sigv4/authorization.py": f"sigv4/test_authorization.py sigv4/test_headers.py {VERIFIED}",
    "sigv4/payload_hash.py": f"sigv4/test_payload_hash.py sigv4/test_signer_bodies.py {VERIFIED}",
    "sigv4/verifier.py": VERIFIED,
    "sigv4/verified_head.py": VERIFIED,
    "sigv4/claim.py": VERIFIED,
    "sigv4/signed_request.py": f"sigv4/test_signed_request.py {VERIFIED}",
    "sigv4/strict.py": f"sigv4/test_strict.py {VERIFIED}",
    "sigv4/dialects.py": f"{REQUESTS} sigv4/test_dialects.py sigv4/test_signing_names.py sigv4/test_hosts.py",
    "sigv4/hosts.py": "sigv4/test_hosts.py sigv4/test_signing_names.py sigv4/test_verifier_services.py",
    "sigv4/signing_names.py": "sigv4/test_signing_names.py sigv4/test_hosts.py",
    "sigv4/target.py": f"sigv4/test_target.py sigv4/test_strict.py attacks/test_capital_schemes.py {SIGNER}",
    "sigv4/headers.py": f"sigv4/test_headers.py sigv4/test_verifier_refusals.py {REQUESTS}",
    "sigv4/request.py": "sigv4/test_request.py attacks/test_parsers.py attacks/test_hostile_bytes.py attacks/test_secrets.py attacks/test_secrets_in_errors.py",
    "sigv4/payload.py": f"sigv4/test_payload.py sigv4/test_dialects.py {REQUESTS}",
    "sigv4/replay.py": "sigv4/test_replay.py sigv4/test_verifier_replay.py sigv4/test_replay_awaited.py",
    "sigv4/explanation.py": f"sigv4/test_explanation.py {REQUESTS}",
    "sigv4/error_responses.py": "sigv4/test_error_responses.py sigv4/diagnosis/test_server_answer.py",
    "sigv4/errors.py": "sigv4/test_errors.py",
    "sigv4/record.py": "sigv4/test_record.py",
    "sigv4/streaming/chunk_signatures.py": CHUNKS,
    "sigv4/streaming/chunk_encoder.py": CHUNKS,
    "sigv4/streaming/chunk_decoder.py": CHUNKS,
    "sigv4/streaming/upload.py": CHUNKS,
    "sigv4/streaming/checksums.py": f"sigv4/streaming/test_checksums.py {CHUNKS}",
    "sigv4/streaming/body_verifier.py": f"{CHUNKS} {EVENTS}",
    "sigv4/streaming/event_signer.py": EVENTS,
    "sigv4/streaming/event_stream.py": EVENTS,
    "sigv4/streaming/events.py": EVENTS,
    "sigv4/streaming/event_frames.py": EVENTS,
    "sagemaker_api/aws_json.py": "sagemaker_api/test_aws_json.py",
    "sagemaker_api/retry.py": "sagemaker_api/test_retry.py",
    **{
        f"sagemaker_api/local/iam/{name}.py": " ".join(
            f"sagemaker_api/local/iam/test_{each}.py"
            for each in "policy policy_operators policy_documents statement decisions patterns values refused_documents unknown_keys set_aside context guard".split()
        )
        for name in "policy request statement conditions values patterns document".split()
    },
}
CONFIG = """
[tool.mutmut]
source_paths = ["sigv4", "sagemaker_api"]
only_mutate = ["{module}"]
also_copy = ["fixtures", "docs", "README.md"]
pytest_add_cli_args = [
    "-p", "no:cacheprovider", "-m", "not interop and not slow and not hypothesis",
    "-k", "not ten_mebibytes and not time_to_refuse and not threads and not no_frame_of",
]
pytest_add_cli_args_test_selection = {tests}
"""
TRIAL = Path(__file__).with_name("trial.py")
SURVIVED = (0, 33)  # exit codes of trial.py: no test failed, or no test calls the function
# Python accepts every spelling of a codec's name: such a mutant does the same as the original.
_CODEC = re.compile(r"""(?<=code\()"[-A-Za-z0-9]+"(?=[),])""")
_LISTED = re.compile(r"^`([\w/]+\.py)`: .*?\n\n```diff\n(.*?)\n```", re.M | re.S)


def copy(folder: Path) -> None:
    """Makes ``folder`` a copy of the tree."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            _copy_folder(source, folder / name)
        else:
            shutil.copy(source, folder / name)


def sample(room: str, folder: Path, count: int, seed: str) -> None:
    """``count`` random mutants of one room, in a copy of the tree."""
    copy(folder)
    command = [sys.executable, "-m", "tests.mutation.sample", room, str(count), seed]
    subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, check=True)


def run(module: str, folder: Path) -> None:
    """Tries all mutants of one module, in a new copy of the tree."""
    copy(folder)
    _try(folder, module)


def run_again(module: str, folder: Path) -> None:
    """Tries the survivors of the last run with the current tests; the code must not have changed."""
    if (folder / module).read_bytes() != (ROOT / module).read_bytes():
        raise SystemExit(f"{module} is not as it was at its last run: run it without --again")
    _copy_folder(ROOT / "tests", folder / "tests")
    if survivors := _survivors(_codes(folder, module)):
        _try(folder, module, *survivors)


def _copy_folder(source: Path, copy: Path) -> None:
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__", ".*"), dirs_exist_ok=True)


def _try(folder: Path, module: str, *mutants: str) -> None:
    tests = json.dumps([f"tests/{name}" for name in TESTS[module].split()])
    config = (ROOT / "pyproject.toml").read_text("utf-8") + CONFIG.format(module=module, tests=tests)
    (folder / "pyproject.toml").write_text(config, "utf-8")
    with (folder / "trial.log").open("wb") as log:
        command = [sys.executable, str(TRIAL), module, *mutants]
        subprocess.run(command, cwd=folder, stdout=log, stderr=log, check=True)


def _codes(folder: Path, module: str) -> dict[str, int]:
    meta = json.loads((folder / "mutants" / f"{module}.meta").read_text("utf-8"))
    codes: dict[str, int] = meta["exit_code_by_key"]
    return codes


def _survivors(codes: dict[str, int]) -> list[str]:
    return [mutant for mutant, code in codes.items() if code in SURVIVED]


def listed() -> list[tuple[str, str]]:
    """The survivors in survivors.md: each module and its change."""
    return _LISTED.findall(JUSTIFIED.read_text("utf-8"))


def report(module: str, folder: Path, justified: list[tuple[str, str]]) -> int:
    """Prints the results of the mutants of one module; returns how many survive without a justification."""
    codes = _codes(folder, module)
    alive = _survivors(codes)
    killed = len(codes) - len(alive)
    _say(f"{module:34} {killed:4} of {len(codes):4} killed  {killed / len(codes):6.1%}")
    unjustified, functions = 0, _functions(folder, module)
    for mutant in alive:
        change = _change(functions, mutant)
        if not _is_original(change) and (module, change) not in justified:
            unjustified += 1
            _say(f"\n{mutant} (exit code {codes[mutant]})\n{change}\n")
    return unjustified


def _functions(folder: Path, module: str) -> dict[str, list[str]]:
    """The lines of each original function and of each mutant, by the name that mutmut gives them."""
    source = (folder / "mutants" / module).read_text("utf-8")
    lines, found = source.splitlines(), {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = lines[node.lineno - 1].replace(node.name, node.name.partition("__mutmut_")[0])
            rest = lines[node.lineno : node.end_lineno]
            found[node.name] = [line.strip() for line in (first, *rest)]
    return found


def _change(functions: dict[str, list[str]], mutant: str) -> str:
    """The lines that a mutant removes and adds, as in a diff."""
    name = mutant.rpartition(".")[2]
    old, new = functions[name.rpartition("__mutmut_")[0] + "__mutmut_orig"], functions[name]
    lines = [line for line in difflib.unified_diff(old, new, n=0, lineterm="") if line[:1] in "+-"]
    return "\n".join(f"{line[0]} {line[1:]}" for line in lines if line[:3] not in ("+++", "---"))


def _is_original(change: str) -> bool:
    """Whether only the spelling of a codec was changed."""
    lines = [_CODEC.sub(lambda codec: codec[0].lower(), line) for line in change.split("\n")]
    old, new = ([line[2:] for line in lines if line[0] == sign] for sign in "-+")
    return old == new


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "modules",
        nargs="*",
        metavar="MODULE",
        help="such as sigv4/v4.py, with --sample sigv4/network; all by default",
    )
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "sigv4-mutants"))
    parser.add_argument("--again", action="store_true", help="try only the survivors of the last run")
    parser.add_argument("--report", action="store_true", help="run nothing")
    parser.add_argument("--sample", type=int, metavar="N", help="N random mutants of each room")
    parser.add_argument("--seed", default="1", help="of the sample")
    options = parser.parse_args()
    if options.sample:
        for room in options.modules or ROOMS:
            sample(room, options.folder / "sample", options.sample, options.seed)
        return 0
    justified, unjustified = listed(), 0
    for module in options.modules or TESTS:
        folder = options.folder / module.replace("/", "-")
        if options.again:
            run_again(module, folder)
        elif not options.report:
            run(module, folder)
        unjustified += report(module, folder, justified)
    _say(f"{unjustified} survivors that {JUSTIFIED.name} does not justify")
    return int(unjustified > 0)


if __name__ == "__main__":
    sys.exit(main())
