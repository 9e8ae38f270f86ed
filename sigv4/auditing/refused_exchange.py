"""Adds the causes of a refusal to an audit, as ``diagnose`` finds them in the server's answer."""

from __future__ import annotations

from ..diagnosis.diagnose import WRONG
from ..diagnosis.findings import POSSIBLE
from .url_rules import ERROR, NOTE, WARNING, AuditFinding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..diagnosis.diagnose import Diagnosis
    from ..request import Response


def is_refused(response: Response | None) -> bool:
    """Whether the answer is a refusal or a redirect."""
    return response is not None and response.status >= 300


def refuses_authentication(response: Response | None) -> bool:
    """Whether the status is one of those with which a service answers a wrong or missing signature."""
    return response is not None and response.status in (400, 401, 403)


def of_refusal(diagnosis: Diagnosis, known: Iterable[AuditFinding]) -> Iterator[AuditFinding]:
    """The causes of a refusal that are not ``known`` yet; if none is likely, the first possible one."""
    if not diagnosis.findings:
        return
    ids = {each.id for each in known}
    sure = [each for each in diagnosis.findings if each.certainty != POSSIBLE]
    severity = ERROR if sure else WARNING
    if diagnosis.verdict != WRONG:
        severity = NOTE
    for each in sure or diagnosis.findings[:1]:
        if each.id not in ids:
            said = each.evidence.removeprefix("it is refused ")
            yield AuditFinding(severity, each.id, f"it was refused; {said}", each.fix)
