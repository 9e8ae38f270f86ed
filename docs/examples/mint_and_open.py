"""Mints a URL for a notebook instance, starting the instance first where it is stopped, and opens it."""

from __future__ import annotations

import sys
import webbrowser

from sagemaker_api import SageMaker, ServiceError


def mint(notebook: str) -> str:
    """The AuthorizedUrl. Anyone who has it can use the notebook: do not log it or give it to a program."""
    with SageMaker() as client:
        status = client.describe_notebook_instance(NotebookInstanceName=notebook)["NotebookInstanceStatus"]
        if status == "Stopped":
            client.start_notebook_instance(NotebookInstanceName=notebook)
        client.get_waiter("notebook_instance_in_service").wait(NotebookInstanceName=notebook)
        answer = client.create_presigned_notebook_instance_url(
            NotebookInstanceName=notebook, SessionExpirationDurationInSeconds=3600
        )
    return str(answer["AuthorizedUrl"])


if __name__ == "__main__":
    try:
        webbrowser.open(mint(sys.argv[1]))
    except ServiceError as error:
        sys.exit(f"{error.code}: {error}")
