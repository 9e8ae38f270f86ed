"""STS-4: botocore's service models name the same host labels and signing names."""

from __future__ import annotations

import pytest

from sigv4.dialects import HOST_LABELS, SERVICES

pytestmark = pytest.mark.interop


def _metadata() -> list[tuple[str, str, bool]]:
    """Endpoint prefix, signing name and whether an operation takes an unsigned body, of every service."""
    session = pytest.importorskip("botocore.session").get_session()
    found = []
    for name in session.get_available_services():
        model = session.get_service_model(name)
        metadata = model.metadata
        unsigned = any(
            model.operation_model(operation).auth_type == "v4-unsigned-body"
            or model.operation_model(operation).unsigned_payload
            for operation in model.operation_names
        )
        found.append(
            (metadata["endpointPrefix"], metadata.get("signingName", metadata["endpointPrefix"]), unsigned)
        )
    return found


def test_sts_4_the_labels_are_those_of_botocore_s_models() -> None:
    models = _metadata()
    names = {signing_name for _, signing_name, _ in models}
    labels = {label: name for label, name, _ in models if label != name}
    for label, name in HOST_LABELS.items():
        assert labels[label] == name
        assert label not in names
    for _, name, unsigned in models:
        if unsigned:
            assert "UNSIGNED-PAYLOAD" in SERVICES[name].payload_literals, name
