"""The verbs that make one call: the operation and its help texts."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import NamedTuple

from ..model.operations import OPERATIONS
from .client_flags import add_client_flags, client_of, output_of
from .output import shown
from .parameter_flags import add_parameter_flags, flag_of, params_of, skeleton
from .query import compiled


class OperationVerb(NamedTuple):
    """A verb that calls ``OPERATION`` and prints the result."""

    OPERATION: str
    SUMMARY: str
    DESCRIPTION: str
    EXAMPLE: str

    @property
    def NAME(self) -> str:  # noqa: N802 (as the modules of the other verbs have it)
        return flag_of(self.OPERATION).removeprefix("--")

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_parameter_flags(parser, OPERATIONS[self.OPERATION])
        add_client_flags(parser)

    def run(self, options: Namespace) -> int:
        operation = OPERATIONS[self.OPERATION]
        params = params_of(options, operation)
        form = output_of(options)
        search = None if options.query is None else compiled(options.query)
        if options.generate_cli_skeleton:
            result = skeleton(operation, options.generate_cli_skeleton, params)
        else:
            operation.checked(params)  # missing parameters are reported before a missing region
            with client_of(options) as client:
                result = client.call(self.OPERATION, params)
            del result["ResponseMetadata"]
        found = search(result) if search else result
        sys.stdout.write(shown(found, form, self.OPERATION, options.color))
        return 0


VERBS = (
    OperationVerb(
        "CreatePresignedNotebookInstanceUrl",
        "print a URL that opens a notebook instance",
        """\
Prints a URL that opens the Jupyter server of a notebook instance. Open it within 5 minutes; anyone who has
it can use the notebook, so treat it as a password. Credentials and region come from the environment.""",
        """\
example:
  sagemaker-api create-presigned-notebook-instance-url \\
    --notebook-instance-name my-notebook --query AuthorizedUrl --output text""",
    ),
    OperationVerb(
        "DescribeNotebookInstance",
        "show the details of a notebook instance",
        "Shows a notebook instance: its status, type, times, role, network and repositories.",
        """\
example:
  sagemaker-api describe-notebook-instance --notebook-instance-name my-notebook \\
    --query NotebookInstanceStatus --output text""",
    ),
    OperationVerb(
        "StartNotebookInstance",
        "start a notebook instance that is Stopped or Failed",
        """\
Starts a notebook instance: it is Pending, then InService. It costs money while it runs. Prints nothing.
To wait for it: 'sagemaker-api wait notebook-instance-in-service'.""",
        """\
example:
  sagemaker-api start-notebook-instance --notebook-instance-name my-notebook""",
    ),
    OperationVerb(
        "StopNotebookInstance",
        "stop a notebook instance that is InService",
        """\
Stops a notebook instance: it is Stopping, then Stopped; its disk is kept. Prints nothing.
To wait for it: 'sagemaker-api wait notebook-instance-stopped'.""",
        """\
example:
  sagemaker-api stop-notebook-instance --notebook-instance-name my-notebook""",
    ),
    OperationVerb(
        "CreateNotebookInstance",
        "create a notebook instance, which starts at once",
        """\
Creates a notebook instance: it is Pending, then InService. It costs money while it runs. Prints its ARN.
To wait for it: 'sagemaker-api wait notebook-instance-in-service'.""",
        """\
example:
  sagemaker-api create-notebook-instance --notebook-instance-name my-notebook \\
    --instance-type ml.t3.medium --role-arn arn:aws:iam::123456789012:role/notebook \\
    --tags Key=team,Value=data""",
    ),
    OperationVerb(
        "UpdateNotebookInstance",
        "change the settings of a notebook instance that is Stopped or Failed",
        """\
Changes settings of a notebook instance: it is Updating, then Stopped again. Prints nothing.""",
        """\
example:
  sagemaker-api update-notebook-instance --notebook-instance-name my-notebook \\
    --instance-type ml.m5.xlarge --disassociate-lifecycle-config""",
    ),
    OperationVerb(
        "DeleteNotebookInstance",
        "delete a notebook instance that is Stopped or Failed, with its disk",
        """\
Deletes a notebook instance and its disk. Prints nothing.
To wait for it: 'sagemaker-api wait notebook-instance-deleted'.""",
        """\
example:
  sagemaker-api delete-notebook-instance --notebook-instance-name my-notebook""",
    ),
    OperationVerb(
        "AddTags",
        "add tags to a notebook instance",
        "Adds tags; an existing tag gets the new value. Prints all the tags of the resource.",
        """\
example:
  sagemaker-api add-tags --tags Key=team,Value=data Key=stage,Value=test \\
    --resource-arn arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/my-notebook""",
    ),
    OperationVerb(
        "DeleteTags",
        "remove tags from a notebook instance",
        "Removes the tags with these keys. Prints nothing.",
        """\
example:
  sagemaker-api delete-tags --tag-keys team stage \\
    --resource-arn arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/my-notebook""",
    ),
)
