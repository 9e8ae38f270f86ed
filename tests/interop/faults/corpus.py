"""All faults, in the order by which they are numbered."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from . import (
    bodies,
    headers,
    keys_and_scopes,
    not_version_4,
    threads_of_bodies,
    threads_of_credentials,
    threads_of_forms_and_routes,
    threads_of_headers,
    threads_of_presigned_urls,
    threads_of_proxies,
    threads_of_services,
    threads_of_urls,
    urls,
)
from .fault import Fault

FILE = Path(__file__).parents[3] / "fixtures" / "faults" / "faults.json"
# Add a new table at the end, so that the ids of faults do not change.
TABLES = (
    urls.paths,
    urls.queries,
    headers.headers,
    keys_and_scopes.keys_and_scopes,
    bodies.bodies_and_shapes,
    urls.presigned_and_redirected,
    bodies.pairs,
    not_version_4.not_version_4,
    bodies.cut_and_rewritten,
    headers.moved_hosts,
    urls.changed_urls,
    keys_and_scopes.spoilt_secrets_and_names,
    threads_of_urls.paths_and_queries,
    threads_of_headers.headers,
    threads_of_proxies.proxies,
    threads_of_credentials.credentials_and_scopes,
    threads_of_bodies.bodies,
    threads_of_presigned_urls.presigned,
    threads_of_forms_and_routes.other,
    threads_of_proxies.rewritten,
    threads_of_presigned_urls.urls,
    threads_of_credentials.credentials,
    threads_of_services.services,
    threads_of_bodies.texts,
    threads_of_forms_and_routes.gateways,
    threads_of_urls.keys_of_objects,
    threads_of_services.clients_of_services,
    threads_of_forms_and_routes.forms,
)


def build() -> list[Fault]:
    """Makes every fault again."""
    numbers: Counter[str] = Counter()
    faults = []
    for table in TABLES:
        for fault in table():
            numbers[fault["cause"]] += 1
            faults.append({"id": f"{fault['cause']}/{numbers[fault['cause']]}", **fault})
    return faults
