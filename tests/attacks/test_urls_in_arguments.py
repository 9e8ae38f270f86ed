"""Anyone who has an AuthorizedUrl can use it: no process list shows it when a browser is opened."""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.request import url2pathname

import pytest

from sagemaker_api import redirect_file
from sagemaker_api.redirect_file import open_privately
from tests.waiting import wait_until

URL = "https://nb.notebook.eu-west-1.sagemaker.aws/lab?authToken=SECRET&x='\"<>"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_the_browser_gets_a_file_that_only_its_owner_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redirect_file, "KEPT_SECONDS", 0)
    seen: list[Path] = []

    def browser(page: str) -> bool:
        assert page.startswith("file:///")
        assert "SECRET" not in page
        path = Path(url2pathname(page.removeprefix("file://")))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        text = path.read_text("utf-8")
        assert (
            "url=https://nb.notebook.eu-west-1.sagemaker.aws/lab?authToken=SECRET&amp;x=&#x27;&quot;&lt;&gt;"
            in text
        )
        assert 'content="no-referrer"' in text
        seen.append(path)
        return True

    assert open_privately(URL, browser)
    wait_until(lambda: not list(tmp_path.iterdir()))
    assert seen


def test_the_system_browser_gets_no_url(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[str] = []

    def not_opened(page: str) -> bool:
        pages.append(page)
        return False

    monkeypatch.setattr("webbrowser.open", not_opened)
    assert not open_privately(URL)
    assert len(pages) == 1
    assert "SECRET" not in pages[0]


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_without_a_browser_nothing_is_left(tmp_path: Path, error: type[BaseException] | None) -> None:
    def browser(_page: str) -> bool:
        if error is not None:
            raise error
        return False

    if error is None:
        assert not open_privately(URL, browser)
    else:
        with pytest.raises(error):
            open_privately(URL, browser)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_an_earlier_run_is_removed_by_the_next_and_a_link_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redirect_file, "_remove_later", lambda _path: None)
    assert open_privately(URL, lambda _page: True)
    (old,) = tmp_path.iterdir()
    other = tmp_path / "other"
    other.mkdir()
    (other / "open.html").write_text("not ours")
    (tmp_path / "sagemaker-api-open-link").symlink_to(other)
    monkeypatch.setattr(redirect_file, "KEPT_SECONDS", -1)
    assert not open_privately(URL, lambda _page: False)
    assert not old.exists()
    assert (other / "open.html").exists()
