"""Identities: each has its own keys, policies and sessions, which end when it is removed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sagemaker_api.errors import ConfigError
from sagemaker_api.local import EXAMPLE, Identity, LocalSageMaker, Policy
from sigv4 import Credentials, Response
from tests.sagemaker_api.local.iam.guarded import ALL, ARN, PRESIGN, USER, live, policy, statement

from ..without_sockets import BASE, HERE, START, Desk, cookie_of, refusal

ALICE = Identity(
    "arn:aws:iam::123456789012:user/alice",
    Credentials("AKIDALICE", "alices-secret"),
    [policy(statement("Allow", PRESIGN, ARN))],
)
ROLE = Identity(
    "arn:aws:sts::123456789012:assumed-role/ops/bob",
    Credentials("ASIABOB", "bobs-secret", "bobs-token", START + 900),
    [
        policy(
            statement(
                "Allow",
                Condition={"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/ops"}},
            )
        )
    ],
)


def test_each_identity_has_its_own_keys_policies_and_sessions() -> None:
    desk = Desk(identities=[ALICE, ROLE])

    def ask(operation: str, who: Identity, **params: object) -> Response:
        return desk.call(params, target=f"SageMaker.{operation}", credentials=who.credentials)

    assert refusal(ask("StopNotebookInstance", ALICE, NotebookInstanceName="nb")) == (
        "AccessDeniedException",
        f"User: {ALICE.arn} is not authorized to perform: sagemaker:StopNotebookInstance on resource: {ARN} "
        "because no identity-based policy allows the sagemaker:StopNotebookInstance action",
    )
    assert refusal(ask("ListNotebookInstances", ALICE))[1].endswith(
        "on resource: * because no identity-based policy allows the sagemaker:ListNotebookInstances action"
    )
    cookies = {}
    for who in (ALICE, ROLE):
        answer = ask("CreatePresignedNotebookInstanceUrl", who, NotebookInstanceName="nb")
        url = json.loads(answer.body)["AuthorizedUrl"].removeprefix(BASE)
        cookies[who.arn] = cookie_of(desk.get(url))
    desk.local.set_policies([], ALICE.arn)
    assert desk.get("/notebook/nb/", cookies[ALICE.arn]).status == 403
    assert desk.get("/notebook/nb/", cookies[ROLE.arn]).status == 200
    assert ask("StopNotebookInstance", ROLE, NotebookInstanceName="nb").status == 200


@pytest.mark.parametrize(
    ("credentials", "code", "message"),
    [
        (
            Credentials("ASIABOB", "bobs-secret", "another"),
            "UnrecognizedClientException",
            "The security token included in the request is invalid",
        ),
        (
            Credentials("ASIABOB", "bobs-secret"),
            "UnrecognizedClientException",
            "The security token included in the request is invalid",
        ),
        (
            Credentials("AKIDNOBODY", "bobs-secret"),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            Credentials("ASIABOB", "bobs-secret", "bobs-token"),
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
    ],
    ids=["another token", "no token", "unknown key", "expired"],
)
def test_temporary_credentials_are_refused_in_the_service_s_words(
    credentials: Credentials, code: str, message: str
) -> None:
    desk = Desk(identities=[ALICE, ROLE])
    desk.now += 899
    if code.startswith("Expired"):
        assert desk.call({"NotebookInstanceName": "nb"}, credentials=ROLE.credentials).status == 200
        desk.now += 1
    assert refusal(desk.call({"NotebookInstanceName": "nb"}, credentials=credentials)) == (code, message)


def test_new_credentials_of_an_identity_do_not_end_its_session() -> None:
    desk = Desk()
    session = live(desk)
    desk.local.identities.put(Identity(USER, Credentials("AKIDNEW", "new-secret")))
    assert session.allows(HERE)
    assert refusal(desk.call({"NotebookInstanceName": "nb"}))[0] == "UnrecognizedClientException"
    assert (
        desk.call({"NotebookInstanceName": "nb"}, credentials=Credentials("AKIDNEW", "new-secret")).status
        == 200
    )


def test_an_identity_that_is_removed_while_it_calls_is_not_served() -> None:
    desk = Desk()
    desk.local.service._on_verdict = lambda verdict: desk.local.identities.remove(USER)
    assert refusal(desk.call({"NotebookInstanceName": "nb"})) == (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )


def test_an_identity_that_is_added_again_has_no_earlier_session() -> None:
    desk = Desk(identities=[ALICE, ROLE])
    params = {"NotebookInstanceName": "nb"}

    def mint() -> str:
        answer = desk.call(params, credentials=ALICE.credentials)
        return str(json.loads(answer.body)["AuthorizedUrl"]).removeprefix(BASE)

    cookie, unopened = cookie_of(desk.get(mint())), mint()
    desk.local.identities.replace([ROLE, Identity(ALICE.arn, ALICE.credentials, [ALL])])
    assert desk.get("/notebook/nb/", cookie).status == 200  # the identity is still there, with other policies
    desk.local.identities.remove(ALICE.arn)
    desk.local.identities.put(ALICE)
    assert desk.get("/notebook/nb/", cookie).header("location") == "/sign-in"
    assert desk.get(unopened).header("location") == "/sign-in"
    assert desk.get("/notebook/nb/", cookie_of(desk.get(mint()))).status == 200


def test_policies_given_while_an_identity_is_removed_do_not_add_it_again() -> None:
    desk = Desk(identities=[ALICE, ROLE])

    def policies() -> Iterator[Policy]:
        desk.local.identities.remove(ALICE.arn)
        yield ALL

    with pytest.raises(ConfigError, match="there is no identity"):
        desk.local.set_policies(policies(), ALICE.arn)
    assert desk.local.identities.get(ALICE.arn) is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"identities": []}, "there is no identity"),
        ({"identities": [ALICE], "policies": []}, "give either, not both"),
        ({"identities": [ALICE, ALICE]}, "give each a different ARN"),
        (
            {"identities": [ALICE, Identity(ROLE.arn, ALICE.credentials)]},
            "share the access key id AKIDALICE",
        ),
        ({"account_id": "1"}, "the account is '1': expected its 12 digits"),
        ({"account_id": "x", "identities": [ALICE]}, "the account is 'x': expected its 12 digits"),
        ({"limit": -1}, "the limit is -1: expected a number of instances, 0 or more"),
        ({"trusted_proxies": ["10.0.0.1/8"]}, "'10.0.0.1/8' is not a network to trust"),
        ({"trusted_proxies": ["10.0.0.1"], "forwarded": ["port"]}, "expected scheme or vpc"),
        ({"notebooks": {"foo": "InService", "FOO": "InService"}}, "differ only in case"),
        ({"notebooks": ["foo", "Foo"]}, "differ only in case"),
        ({"notebooks": {"foo", "FOO"}}, "differ only in case"),
        ({"notebooks": {"foo": "Stopped"}, "failing": {"FOO": "no reason"}}, "differ only in case"),
        ({"notebooks": "foo"}, "or a list of names"),
    ],
)
def test_invalid_identities_are_refused(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Desk(**arguments)


@pytest.mark.parametrize(
    "arn", ["", "alice", "arn:aws:iam::1:user/a", "arn:aws:iam::123456789012:user/a b", "arn:aws:s3:::x"]
)
def test_an_arn_must_be_that_of_an_identity(arn: str) -> None:
    with pytest.raises(ConfigError, match="is not an ARN of an identity"):
        Identity(arn, EXAMPLE)


def test_an_identity_that_is_not_there_has_no_policies_and_no_environment() -> None:
    local = Desk().local
    with pytest.raises(ConfigError, match="there is no identity arn:x"):
        local.set_policies([], "arn:x")
    with pytest.raises(ConfigError, match="there is no identity arn:x"):
        local.environment_of("arn:x")


def test_no_repr_shows_a_secret() -> None:
    with LocalSageMaker(identities=[ALICE, ROLE]) as local:
        shown = repr((local, ALICE, ROLE, *local.identities))
        assert local.environment_of(ROLE.arn)["AWS_SESSION_TOKEN"] == "bobs-token"
    assert "secret" not in shown.replace("secret_access_key", "")
    assert "bobs-token" not in shown
