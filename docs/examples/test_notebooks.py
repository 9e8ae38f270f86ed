"""Tests of a tool that mints URLs, by the fixture `local_sagemaker`: no AWS, no network, real signatures."""

from __future__ import annotations

import json
import urllib.request

import pytest

from sagemaker_api import SageMaker, ServiceError
from sagemaker_api.local import LocalSageMaker, Policy

OFFICE = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "sagemaker:CreatePresignedNotebookInstanceUrl",
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    },
}


def mint() -> str:
    with SageMaker() as client:
        answer = client.create_presigned_notebook_instance_url(NotebookInstanceName="my-notebook")
    return str(answer["AuthorizedUrl"])


def page(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())


def test_a_url_opens_for_five_minutes(local_sagemaker: LocalSageMaker) -> None:
    url = mint()
    local_sagemaker.clock.move(301)
    assert "Signed out" in page(url)


def test_the_office_policy_keeps_this_machine_out(local_sagemaker: LocalSageMaker) -> None:
    local_sagemaker.set_policies([Policy.parse(json.dumps(OFFICE), "office")])
    with pytest.raises(ServiceError) as refused:
        mint()
    assert refused.value.code == "AccessDeniedException"
