"""Policies from the documentation of AWS, as it prints them.

"IP page" is the Amazon SageMaker Developer Guide, "Limit Access to a Notebook Instance by IP Address"; "VPC page" its
"Connect to a Notebook Instance Through a VPC Interface Endpoint". The documents are AWS's own sample code, from the
guide's repository awsdocs/amazon-sagemaker-developer-guide (its sample code is under a modified MIT license).
"""

from __future__ import annotations

PRESIGN = "sagemaker:CreatePresignedNotebookInstanceUrl"

# IP page of January 2023, verbatim.
IP_PAGE = """\
{
    "Version": "2012-10-17",
    "Statement": [

        {
            "Effect": "Allow",
            "Action": "sagemaker:CreatePresignedNotebookInstanceUrl",
            "Resource": "*",
            "Condition": {
                "IpAddress": {
                    "aws:SourceIp": [
                        "192.0.2.0/24",
                        "203.0.113.0/24"
                    ]
                }
            }
        }
    ]
}
"""
# IP page of 2019, verbatim: the form that the API reference still describes (NotIpAddress).
IP_PAGE_WITH_DENY = """\
{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Action": "sagemaker:CreatePresignedNotebookInstanceUrl",
            "Resource": "*",
            "Condition": {
                "NotIpAddress": {
                    "aws:SourceIp": [
                        "192.0.2.0/24",
                        "203.0.113.0/24"
                    ]
                }
            }
        },
        {
            "Effect": "Allow",
            "Action": "sagemaker:CreatePresignedNotebookInstanceUrl",
            "Resource": "*",
            "Condition": {
                "IpAddress": {
                    "aws:SourceIp": [
                        "192.0.2.0/24",
                        "203.0.113.0/24"
                    ]
                }
            }
        }
    ]
}
"""
# VPC page, without its "Id" and the spaces in its "Sid", which an identity policy cannot have ("Grammar of
# the IAM JSON policy language").
VPC_PAGE_STATEMENT = {
    "Sid": "EnableNotebookAccess",
    "Effect": "Allow",
    "Action": [PRESIGN, "sagemaker:DescribeNotebookInstance"],
    "Resource": "*",
}
