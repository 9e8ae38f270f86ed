"""The values of the flags for parameters, their templates, and the advice beside an error, as functions."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError, Namespace
from typing import Any

import pytest

from sagemaker_api import ConfigError, ParamValidationError, ServiceError, TransportError
from sagemaker_api.cli import client_flags, debug_log, parameter_flags
from sagemaker_api.cli.advice import outcome
from sagemaker_api.cli.simulate import gathered_context
from sagemaker_api.model.operations import OPERATIONS
from sigv4 import CredentialsError, Request, Response

CREATE = OPERATIONS["CreateNotebookInstance"]
UPDATE = OPERATIONS["UpdateNotebookInstance"]
LIST = OPERATIONS["ListNotebookInstances"]

METADATA = {"HTTPStatusCode": 400, "RetryAttempts": 0}


def options(operation: Any, **given: Any) -> Namespace:
    return Namespace(
        **{"cli_input_json": None, **dict.fromkeys(each.name for each in operation.members), **given}
    )


@pytest.mark.parametrize(
    ("operation", "given", "params"),
    [
        (CREATE, {}, {}),
        (CREATE, {"VolumeSizeInGB": "-7", "RoleArn": "r"}, {"VolumeSizeInGB": -7, "RoleArn": "r"}),
        (CREATE, {"SecurityGroupIds": ["a", "b"]}, {"SecurityGroupIds": ["a", "b"]}),
        (CREATE, {"SecurityGroupIds": ['["a", 1]']}, {"SecurityGroupIds": ["a", 1]}),
        (
            CREATE,
            {"Tags": ["Key=k,Value=v", '{"Key": "j"}']},
            {"Tags": [{"Key": "k", "Value": "v"}, {"Key": "j"}]},
        ),
        (CREATE, {"Tags": ['[{"Key": "k"}]']}, {"Tags": [{"Key": "k"}]}),
        (
            UPDATE,
            {"InstanceMetadataServiceConfiguration": "MinimumInstanceMetadataServiceVersion=2"},
            {"InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"}},
        ),
        (
            UPDATE,
            {"InstanceMetadataServiceConfiguration": '{"A": 2}'},
            {"InstanceMetadataServiceConfiguration": {"A": 2}},
        ),
        (UPDATE, {"DisassociateLifecycleConfig": False}, {"DisassociateLifecycleConfig": False}),
        (CREATE, {"cli_input_json": '{"RoleArn": "a", "X": 1}', "RoleArn": "b"}, {"RoleArn": "b", "X": 1}),
    ],
)
def test_the_parameters_of_the_flags(operation: Any, given: dict[str, Any], params: dict[str, Any]) -> None:
    assert parameter_flags.params_of(options(operation, **given), operation) == params


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"VolumeSizeInGB": "5.0"}, "--volume-size-in-gb is '5.0': expected a whole number"),
        ({"VolumeSizeInGB": "1" * 20}, f"--volume-size-in-gb is '{'1' * 20}': expected a whole number"),
        ({"VolumeSizeInGB": "²"}, "--volume-size-in-gb is '²': expected a whole number"),
        ({"VolumeSizeInGB": "--5"}, "--volume-size-in-gb is '--5': expected a whole number"),
        ({"MaxResults": "many"}, "--max-results is 'many': expected a number"),
        ({"SecurityGroupIds": ["[x"]}, "--security-group-ids is not JSON: "),
        ({"Tags": ["Key"]}, "--tags: "),
        ({"RoleArn": "file:///nothing/here"}, "--role-arn: Unable to load paramfile file:///nothing/here: "),
        ({"cli_input_json": "[]"}, "--cli-input-json is JSON, but not an object: expected "),
        ({"cli_input_json": "{"}, "--cli-input-json is not JSON: "),
    ],
)
def test_a_value_that_cannot_be_read_names_its_flag(given: dict[str, Any], told: str) -> None:
    operation = LIST if "MaxResults" in given else CREATE
    with pytest.raises(ParamValidationError) as refused:
        parameter_flags.params_of(options(operation, **given), operation)
    assert str(refused.value).startswith(f"Parameter validation failed:\n{told}")


def test_a_template_has_an_example_of_every_parameter() -> None:
    found = parameter_flags.skeleton(CREATE, "input", {})
    assert list(found) == [member.name for member in CREATE.members]
    assert (found["NotebookInstanceName"], found["VolumeSizeInGB"]) == ("", 0)
    assert (found["DirectInternetAccess"], found["SecurityGroupIds"]) == ("Enabled", [""])
    assert found["Tags"] == [{"Key": "", "Value": ""}]
    assert parameter_flags.skeleton(UPDATE, "input", {})["DisassociateLifecycleConfig"] is True
    with pytest.raises(ParamValidationError, match='Missing required parameter in input: "RoleArn"'):
        parameter_flags.skeleton(CREATE, "output", {})


def test_each_help_text_belongs_to_a_parameter() -> None:
    members = {member.name for operation in OPERATIONS.values() for member in operation.members}
    assert {*parameter_flags.HELP, *parameter_flags._EXPECTED} <= members


@pytest.mark.parametrize(
    ("member", "flag"),
    [("VolumeSizeInGB", "--volume-size-in-gb"), ("KmsKeyId", "--kms-key-id"), ("RoleArn", "--role-arn")],
)
def test_the_flag_of_a_parameter(member: str, flag: str) -> None:
    assert parameter_flags.flag_of(member) == flag


@pytest.mark.parametrize(
    ("text", "found"), [("0", 86400.0), ("1.5", 1.5), ("86400", 86400.0), ("1e-9", 1e-9)]
)
def test_seconds_of_a_flag(text: str, found: float) -> None:
    assert client_flags.seconds(text) == found


@pytest.mark.parametrize("text", ["-1", "86401", "nan", "1_0", "٥", "x", ""])
def test_invalid_seconds_are_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"^'{text}': expected seconds, 0 to 86400$"):
        client_flags.seconds(text)


@pytest.mark.parametrize(
    ("connect", "read", "limits"),
    [
        (None, None, (60.0, 60.0, client_flags._DEADLINE)),
        (5.0, None, (5.0, 60.0, 65.0)),
        (None, 7.0, (60.0, 7.0, 67.0)),
        (5.0, 7.0, (5.0, 7.0, 12.0)),
        (86400.0, 86400.0, (86400.0, 86400.0, 86400.0)),
    ],
)
def test_the_deadline_is_not_before_a_timeout_that_was_given(
    connect: float | None, read: float | None, limits: tuple[float, float, float]
) -> None:
    assert client_flags._time_limits(connect, read) == limits


def test_a_context_has_several_values_or_none() -> None:
    assert gathered_context([]) == {}
    assert gathered_context(["a=1", "b", "a=2=3", "c="]) == {"a": ["1", "2=3"], "b": None, "c": [""]}
    assert gathered_context(["a=1", "a=1"]) == {"a": ["1", "1"]}
    for entries in (["a=1", "a"], ["a", "a=1"], ["a", "a"]):
        with pytest.raises(ParamValidationError, match="--context a is given both with and without a value"):
            gathered_context(entries)


MISSING = (
    'Missing required parameter in input: "RoleArn"\nMissing required parameter in input: "InstanceType"'
)


@pytest.mark.parametrize(
    ("error", "code", "first", "last"),
    [
        (
            CredentialsError("Unable to locate credentials", tried=("a: b", "c: d")),
            253,
            "An error occurred (NoCredentials): Unable to locate credentials.",
            "Set AWS_ACCESS_KEY_ID and",
        ),
        (CredentialsError("expired"), 253, "expired", "expired"),
        (
            ConfigError("You must specify a region. x"),
            253,
            "An error occurred (NoRegion): You must specify a region. x",
            "Give --region, or set AWS_REGION.",
        ),
        (ConfigError("wrong"), 253, "wrong", "wrong"),
        (
            ParamValidationError(MISSING),
            252,
            "An error occurred (ParamValidation): Parameter validation failed:",
            "Give --role-arn, --instance-type; --help shows the form of each.",
        ),
        (
            ParamValidationError("odd"),
            252,
            "An error occurred (ParamValidation): Parameter validation failed:",
            "odd",
        ),
        (ValueError("else"), 255, "else", "else"),
    ],
)
def test_an_error_has_its_exit_code_and_advice(error: Exception, code: int, first: str, last: str) -> None:
    found, told = outcome(error)
    assert (found, told.split("\n")[0]) == (code, first)
    assert told.split("\n")[-1].startswith(last)


def test_all_that_was_tried_for_credentials_is_listed() -> None:
    error = CredentialsError("Unable to locate credentials", tried=("a: b", "c: d"))
    assert outcome(error)[1].split("\n")[1:3] == ["  a: b", "  c: d"]


@pytest.mark.parametrize(
    ("kind", "reason", "bundle", "advice"),
    [
        ("connect", "", "", "Check --endpoint-url, --region"),
        ("connect-timeout", "", "", "Check the network, or give --cli-connect-timeout"),
        ("read-timeout", "", "", "Try again, or give --cli-read-timeout"),
        ("deadline", "", "", "Try again, or give --cli-read-timeout"),
        ("proxy", "", "", "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY."),
        ("proxy-refused", "", "", "The proxy refuses"),
        ("tls", "Hostname mismatch", "", "The certificate is for another host"),
        ("tls", "certificate has expired", "/ca", "Check this machine's clock; if it is right"),
        ("tls", "is not yet valid", "", "Check this machine's clock: the certificate is not valid yet."),
        (
            "tls",
            "unknown",
            "/ca",
            "The CA that signed the endpoint's certificate, or the proxy's, is not in /ca: ",
        ),
        ("tls", "unknown", "", "Give --ca-bundle, or AWS_CA_BUNDLE"),
    ],
)
def test_the_advice_for_a_fault_of_the_network(kind: str, reason: str, bundle: str, advice: str) -> None:
    error = TransportError(kind, "https://h/", reason)
    code, told = outcome(error, bundle)
    assert (code, told.startswith(f"{error}\n{advice}")) == (255, True)
    assert outcome(TransportError("closed", "https://h/")) == (
        255,
        str(TransportError("closed", "https://h/")),
    )


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        ("ValidationException", "RecordNotFound", "This account has no notebook instance of that name"),
        ("ValidationException", "Status (Pending) not in ([InService]). Unable to transition to (Stopping) for", "Only an instance that is InService can be stopped"),
        ("ValidationException", "Status (Pending) not in ([InService]).", "Start the instance, and try again"),
        ("ValidationException", "Status (InService) not in ([Stopped, Failed]). Unable to transition to (Pending) for", "Only an instance that is Stopped or Failed can be started"),
        ("ValidationException", "Status (InService) not in ([Stopped, Failed]). Unable to", "Stop the instance first"),
        ("InvalidSignatureException", "Signature expired: a is now earlier than b (c - 5 min.)", "Set this machine's clock"),
        ("InvalidSignatureException", "Credential should be scoped to a valid region.", "Give the endpoint's own region"),
        ("InvalidSignatureException", "Check your AWS Secret Access Key and", "Check that AWS_SECRET_ACCESS_KEY"),
        ("UnrecognizedClientException", "x", "Check AWS_ACCESS_KEY_ID, and that AWS_SESSION_TOKEN"),
        ("ExpiredTokenException", "x", "These temporary credentials have expired"),
        ("AccessDeniedException", "x", "Ask for the permission sagemaker:Op on this instance."),
    ],
)  # fmt: skip
def test_the_advice_for_a_refusal(code: str, message: str, advice: str) -> None:
    error = ServiceError("Op", code, message, METADATA)
    found, told = outcome(error)
    assert (found, told.startswith(f"{error}\n{advice}")) == (254, True)
    other = ServiceError("Op", "Other", message, METADATA)
    assert outcome(other) == (254, str(other))


def test_no_line_of_the_log_has_a_url_with_its_path_or_a_token() -> None:
    url = "https://user:pw@h.example/notebook?authToken=MARKER"
    body = {"AuthorizedUrl": url, "NextToken": "MARKER", "a": [f"see {url}", {"AccessToken": ["MARKER"]}]}
    request = Request("POST", "https://h/?X-Amz-Signature=MARKER", {"X-A": url, "X-B": "b"}, b"")
    assert debug_log.shown_request(request) == ["POST https://h/", "X-A: https://h.example/***", "X-B: b", ""]
    shown = debug_log.shown_response(Response(200, {"X-A": url}, json.dumps(body).encode()), request)
    assert shown[:3] == ["HTTP 200", "X-A: https://h.example/***", ""]
    assert "MARKER" not in "".join(shown)
    assert '    "see https://h.example/***",' in shown
    assert debug_log._body(b"\xff", []) == ["(1 bytes that are not JSON)"]
