"""The limits on time and size that users rely on: a change of one makes this test fail."""

from __future__ import annotations

from importlib import import_module

import pytest

KIB, MIB = 1024, 1024 * 1024
LIMITS: dict[str, dict[str, float | tuple[float, ...]]] = {
    "sigv4.network.deadline_socket": {
        "LONGEST_HEAD": 24 * KIB,
        "_LONGEST_CHUNK_HEAD": 4096,
        "_BLOCK": 64 * KIB,
    },
    "sigv4.config.shared_config": {"_LONGEST": 16 * MIB},
    "sigv4.providers.attempts": {"ATTEMPTS": 3},
    "sigv4.providers.container": {"_SECONDS": 2},
    "sigv4.providers.fetch": {"_LONGEST": MIB},
    "sigv4.providers.files": {"_LONGEST": 64 * KIB, "_ABANDONED": 60},
    "sigv4.providers.freshness": {"ADVISORY": 900, "MANDATORY": 600, "_STRETCH": (600, 300)},
    "sigv4.providers.process": {"SECONDS": 60, "_LONGEST": MIB},
    "sigv4.providers.sso": {"_SECONDS": 20, "_AGAIN": 60},
    "sigv4.providers.sts": {"_SECONDS": 20, "_LONGEST_TOKEN": 20000},
    "sigv4.adapters.asgi": {
        "LARGEST_HEAD": 64 * KIB,
        "LARGEST_BODY": 10 * MIB,
        "LARGEST_STREAM": 5 * KIB * MIB,
        "BODIES_AT_ONCE": 64 * MIB,
        "BODY_SECONDS": 30,
    },
    "sigv4.adapters.asgi_bodies": {"_BLOCK": 64 * KIB},
    "sigv4.adapters.redis_replay": {"_SLACK": 60},
    "sigv4.cli.conformance_program": {"_SECONDS": 30},
    "sigv4.cli.send": {"_LONGEST_HEAD": 300 * KIB},
    "sagemaker_api.transports.base": {"LONGEST_BODY": 10 * MIB},
    "sagemaker_api.transports.idle": {"MOST_IDLE_CONNECTIONS": 256, "LONGEST_IDLE_SECONDS": 20},
    "sagemaker_api.cli.client_flags": {"_DEFAULT_TIMEOUT": 60, "_DEADLINE": 30, "_FOREVER": 86400},
    "sagemaker_api.local.notebooks.control": {"_LONGEST_BODY": 64 * KIB},
    "sagemaker_api.local.notebooks.journal": {"_KEPT": 100, "_LONGEST_BODY": 16 * KIB, "_LONGEST_PATH": 200},
    "sagemaker_api.local.notebooks.sessions": {
        "URL_LIFETIME": 300,
        "DEFAULT_SESSION": 43200,
        "_MOST_COOKIES": 20,
        "_MOST_KEPT": 10_000,
    },
    "sagemaker_api.local.serving.bodies": {"MAX_BODIES": 16 * MIB},
    "sagemaker_api.local.serving.server": {
        "MAX_HEAD": 64 * KIB,
        "MAX_BODY": MIB,
        "MESSAGE_SECONDS": 20,
        "IDLE_SECONDS": 60,
        "_LINGER_SECONDS": 2,
        "_MOST_CONNECTIONS": 256,
        "_DEFAULT_PORT": 80,
    },
    "sagemaker_api.local.serving.jupyter_supervisor": {"_PARTING_SECONDS": 8, "_PR_SET_CHILD_SUBREAPER": 36},
    "sagemaker_api.local.serving.jupyter": {
        "_READY_SECONDS": 60,
        "_LOOK_SECONDS": 0.05,
        "_ENDED_SECONDS": 15,
    },
}


@pytest.mark.parametrize("module", LIMITS)
def test_a_limit_is_the_one_that_is_promised(module: str) -> None:
    found = import_module(module)
    assert {name: getattr(found, name) for name in LIMITS[module]} == LIMITS[module]


def test_the_limits_of_the_proxy_to_a_notebook() -> None:
    from sagemaker_api.local import Limits

    found = Limits()
    assert (found.start, found.answer, found.upload, found.stall) == (300, 300, 600, 300)
    assert found.message == 64 * MIB
