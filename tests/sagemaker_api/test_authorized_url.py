"""AuthorizedUrls: deep links into an instance, and the URLs that are never opened in a browser."""

from __future__ import annotations

import pytest

from sagemaker_api import (
    AuthorizedUrl,
    ParamValidationError,
    ProtocolError,
    SageMaker,
    notebook_url,
    open_notebook,
)
from sagemaker_api.authorized_url import at_page, page_of
from tests.sagemaker_api.calls import CREDENTIALS
from tests.sagemaker_api.opening import assert_unseen, walk
from tests.sagemaker_api.redirect_page import RecordingBrowser
from tests.sagemaker_api.scripted_transport import Scripted, answered, described


@pytest.mark.parametrize(
    ("path", "lab", "page"),
    [
        (None, False, ""),
        (None, True, "lab"),
        ("a.ipynb", False, "notebooks/a.ipynb"),
        ("a.ipynb", True, "lab/tree/a.ipynb"),
        ("/notebooks/x.ipynb", True, "lab/tree/notebooks/x.ipynb"),
        ("folder/", False, "tree/folder"),
        ("a b/ü?#%&.ipynb", True, "lab/tree/a%20b/%C3%BC%3F%23%25%26.ipynb"),
        ("..a/b..", True, "lab/tree/..a/b.."),
    ],
)
def test_a_path_is_percent_encoded_segment_by_segment(path: str | None, lab: bool, page: str) -> None:
    assert page_of(path, lab=lab) == page


@pytest.mark.parametrize("path", ["", "/", "../x", "a/../b", "a//b", "./a", "a\n", "a\ud800", "\x1b[2J"])
def test_a_path_that_leads_elsewhere_is_refused_before_anything_is_sent(path: str) -> None:
    transport = Scripted()
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport)
    with pytest.raises(ParamValidationError, match="names no file or folder"):
        notebook_url(client, "nb", path=path)
    assert transport.calls == []


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("https://h?authToken=a%2fb+c==&x=%7e", "https://h/lab?authToken=a%2fb+c==&x=%7e"),
        ("https://h/?t", "https://h/lab?t"),
        ("https://h", "https://h/lab"),
        ("https://h?t#f?", "https://h/lab?t#f?"),
        (
            "http://127.0.0.1:8080/notebook/nb/?authToken=t",
            "http://127.0.0.1:8080/notebook/nb/lab?authToken=t",
        ),
        ("http://localhost/notebook/nb?authToken=t@x", "http://localhost/notebook/nb/lab?authToken=t@x"),
        ("http://[::1]:1/?t", "http://[::1]:1/lab?t"),
    ],
)
def test_a_deep_link_keeps_host_path_and_query(url: str, opened: str) -> None:
    found = at_page(AuthorizedUrl(url), "lab")
    assert (str(found), str(at_page(AuthorizedUrl(url), ""))) == (opened, url)
    assert isinstance(found, AuthorizedUrl)


@pytest.mark.parametrize(
    "url",
    [
        "http://h?authToken=MARKERtoken",
        "http://127.0.0.1.evil.example/?authToken=MARKERtoken",
        "http://127.0.0.1@evil.example/?authToken=MARKERtoken",
        "https://user:pass@h?authToken=MARKERtoken",
        "javascript:alert('MARKERtoken')",
        "javascript://h/%0aalert('MARKERtoken')",
        "file:///etc/passwd?MARKERtoken",
        "--version MARKERtoken",
        "https://h\n?authToken=MARKERtoken",
        'https://h"?authToken=MARKERtoken',
        "https://?authToken=MARKERtoken",
        "MARKERtoken",
    ],
)
def test_a_url_that_must_not_be_opened_is_refused_and_not_shown(url: str) -> None:
    browser = RecordingBrowser()
    transport = Scripted(described("InService"), answered({"AuthorizedUrl": url}))
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport)
    with pytest.raises(ProtocolError, match="must not be opened") as raised:
        open_notebook(client, "nb", browser=browser)
    assert browser.opened == []
    assert_unseen(raised.value)


def test_no_url_is_an_answer_that_no_service_gives() -> None:
    with pytest.raises(ProtocolError, match="returned no AuthorizedUrl"):
        walk(described("InService"), answered({}))


@pytest.mark.parametrize(
    ("path", "lab", "page"),
    [
        ("/home/ec2-user/SageMaker/x.ipynb", True, "lab/tree/x.ipynb"),
        ("/home/ec2-user/SageMaker/a/x.ipynb", False, "notebooks/a/x.ipynb"),
        ("~/SageMaker/a", False, "tree/a"),
        ("/home/ec2-user/SageMaker/", True, "lab"),
        ("/home/ec2-user/SageMaker", False, "tree"),
        ("/a/x.ipynb", True, "lab/tree/a/x.ipynb"),
    ],
)
def test_the_folder_that_jupyter_shows_may_be_named_as_on_the_instance(
    path: str, lab: bool, page: str
) -> None:
    assert page_of(path, lab=lab) == page
