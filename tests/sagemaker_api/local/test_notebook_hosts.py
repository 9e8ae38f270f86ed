"""A notebook's own host, NAME.localhost: its root is the notebook, as at NAME.notebook.REGION.sagemaker.aws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from sagemaker_api import ConfigError, SageMaker
from sagemaker_api.local import LocalSageMaker
from sagemaker_api.local.notebook_hosts import notebook_of
from sigv4 import Credentials, Request, Response

from .without_sockets import HERE, Desk, cookie_of

OWN = "nb.localhost:8080"


def get(desk: Desk, target: str, host: str = OWN, cookie: str = "", method: str = "GET") -> Response:
    headers = {"Host": host} | ({"Cookie": cookie} if cookie else {})
    return desk.service.answer(Request(method, target, headers), HERE)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (OWN, "nb"),
        ("NB.LocalHost:8080", "nb"),
        ("a-b.localhost:8080", "a-b"),
        ("localhost:8080", ""),
        ("nb.localhost", ""),
        ("nb.localhost:80", ""),
        ("x.nb.localhost:8080", ""),
        ("nb.127.0.0.1:8080", ""),
        ("nb.evil.example:8080", ""),
        ("nb.localhost:8080.evil.example", ""),
        ("nb_.localhost:8080", ""),
        ("-nb.localhost:8080", ""),
        (".localhost:8080", ""),
        ("n" * 64 + ".localhost:8080", ""),
        ("nb.localhost:8080:8080", ""),
    ],
)
def test_only_a_label_before_our_own_localhost_is_a_notebook(host: str, name: str) -> None:
    hosts = frozenset(("127.0.0.1:8080", "localhost:8080"))
    assert notebook_of(host, hosts) == name


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    from . import without_sockets

    hosts = frozenset(("127.0.0.1:8080", "localhost:8080"))
    monkeypatch.setattr(without_sockets.Nowhere, "hosts", hosts)
    return Desk(url_form="host")


def test_a_url_names_the_host_and_opens_its_root(desk: Desk) -> None:
    (url,) = [desk.local.service._state.url_of(desk.local.instances.all()[0], desk.local.default_arn(), 1800)]
    assert url.startswith(f"http://{OWN}/?authToken=")
    opened = get(desk, url.removeprefix(f"http://{OWN}"))
    assert (opened.status, opened.header("location")) == (302, "/")
    assert "; Path=/; " in opened.header("set-cookie")
    cookie = cookie_of(opened)
    for target in ("/", "/lab", "/terminals/websocket/1", "/notebook/nb/lab", "/?x=1"):
        assert get(desk, target, cookie=cookie).status == 200, target
    assert get(desk, "/", "off.localhost:8080", cookie).header("location") == "/sign-in"
    assert get(desk, "/sign-in").status == 200
    assert get(desk, "/lab").header("location") == "/sign-in"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("//evil.example/", "/evil.example/"),
        ("///evil.example/?a=b", "/evil.example/?a=b"),
        ("//evil.example", "/evil.example"),
        ("/a//evil.example/", "/a//evil.example/"),
    ],
)
def test_a_url_does_not_redirect_to_another_host(desk: Desk, path: str, location: str) -> None:
    token = desk.local.sessions.mint(desk.local.instances.all()[0], desk.local.default_arn(), 1800)
    target = f"{path}{'&' if '?' in path else '?'}authToken={token}"
    assert get(desk, target).header("location") == location


def test_a_head_request_for_its_url_is_redirected_to_its_root(desk: Desk) -> None:
    url = desk.local.service._state.url_of(desk.local.instances.all()[0], desk.local.default_arn(), 1800)
    assert get(desk, url.removeprefix(f"http://{OWN}"), method="HEAD").header("location") == "/"


def test_only_the_notebook_is_served_at_its_host(desk: Desk) -> None:
    for target in ("/_control", desk.service.control.path):
        assert get(desk, target).header("location") == "/sign-in"
    assert get(desk, "/", method="POST").status in (302, 405)
    assert get(desk, "/lab", "nobody.localhost:8080").header("location") == "/sign-in"
    assert get(desk, "/notebook/off/lab").header("location") == "/sign-in"


def test_describe_names_the_host(desk: Desk) -> None:
    assert desk.do("DescribeNotebookInstance", NotebookInstanceName="nb")["Url"] == OWN


def test_an_upper_case_name_has_a_host_too(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    own = Desk(notebooks={"My-NB": "InService"}, url_form="host")
    url = own.local.service._state.url_of(own.local.instances.all()[0], own.local.default_arn(), 1800)
    assert url.startswith("http://my-nb.localhost:8080/?authToken=")
    cookie = cookie_of(get(own, url.partition("8080")[2], "my-nb.localhost:8080"))
    assert get(own, "/", "my-nb.localhost:8080", cookie).status == 200


@pytest.mark.parametrize(
    "settings",
    [
        {"url_form": "query"},
        {"url_form": "host", "host": "10.0.0.1", "credentials": Credentials("AKID", "s")},
    ],
)
def test_an_invalid_form_of_urls_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="expected path; or host"):
        LocalSageMaker({}, **settings)


def _opened(local: LocalSageMaker) -> tuple[httpx.Response, dict[str, str]]:
    """Opens a new URL at 127.0.0.1 with its own Host, as a browser does, without a name server."""
    with SageMaker(region_name=local.region, endpoint_url=local.url, credentials=local.credentials) as client:
        url = client.create_presigned_notebook_instance_url(NotebookInstanceName="nb")["AuthorizedUrl"]
    host = f"nb.localhost:{local.port}"
    assert url.startswith(f"http://{host}/?authToken=")
    answer = httpx.get(url.replace(host, f"127.0.0.1:{local.port}"), headers={"Host": host}, trust_env=False)
    return answer, {"Host": host, "Cookie": answer.headers["set-cookie"].partition(";")[0]}


def test_the_plain_server_serves_it() -> None:
    with LocalSageMaker({"nb": "InService"}, url_form="host") as local:
        answer, headers = _opened(local)
        assert answer.headers["location"] == "/"
        page = httpx.get(f"{local.url}/lab", headers=headers, trust_env=False)
        assert "Notebook nb" in page.text
        assert (
            httpx.get(local.url, headers={"Host": f"nb.evil:{local.port}"}, trust_env=False).status_code
            == 421
        )


@pytest.mark.interop
def test_the_notebook_server_is_called_below_its_own_path(tmp_path: Path) -> None:
    for package in ("starlette", "uvicorn", "websockets"):
        pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")
    from .behind import Http
    from .visitor import served

    with Http(tmp_path / "s") as behind, served(behind, url_form="host") as local:
        _, headers = _opened(local)
        given = {**headers, "X-Answer": '[["Set-Cookie", "_xsrf=1; Path=/notebook/nb/"]]'}
        answer = httpx.get(f"{local.url}/terminals/websocket/1?a=1", headers=given, trust_env=False)
        assert answer.json()["target"] == "/notebook/nb/terminals/websocket/1?a=1"
        assert "Path=/notebook/nb/" in answer.headers["set-cookie"]
        given["X-Answer"] = '[["Set-Cookie", "other=1; Path=/x"]]'
        answer = httpx.get(f"{local.url}/api", headers=given, trust_env=False)
        assert answer.headers["set-cookie"] == "other=1; Path=/x; SameSite=Lax"
