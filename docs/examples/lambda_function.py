"""A Lambda function that leads a signed-in user to the notebook instance named after the user.

Deploy it behind an authorizer, with `sigv4 layer --with-client` as its layer and a role that may call
sagemaker:CreatePresignedNotebookInstanceUrl.
"""

from __future__ import annotations

from typing import Any

from sagemaker_api import SageMaker, ServiceError

CLIENT = SageMaker()  # once for all calls of this container: connections and derived keys are kept


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    user = event["requestContext"]["authorizer"]["claims"]["cognito:username"]
    try:
        answer = CLIENT.create_presigned_notebook_instance_url(NotebookInstanceName=f"notebook-of-{user}")
    except ServiceError as error:
        return {"statusCode": 409, "body": error.code}
    headers = {"Location": str(answer["AuthorizedUrl"]), "Cache-Control": "no-store"}
    return {"statusCode": 302, "headers": headers, "body": ""}
