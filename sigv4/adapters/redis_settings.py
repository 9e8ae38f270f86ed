"""Finds settings of a Redis server, and of its client, with which a replay store fails."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SERVER = "the Redis server of the replay store"
_UNREADABLE = (
    "the settings of the replay store's Redis server cannot be read: make sure that its maxmemory-policy is "
    "noeviction, since replays are accepted otherwise"
)
_NO_FILE = (
    f"{_SERVER} has no append-only file: after a restart, requests of the last minutes are accepted again; "
    "set appendonly yes and appendfsync always where that matters"
)
_REPLICA = (
    f"{_SERVER} is a replica that accepts writes: it loses them when it next copies its primary, and their "
    "requests are accepted again; connect to the primary"
)
NO_TIME_LIMIT = (
    "the client of the replay store has no socket_timeout: a request waits for as long as the server is "
    "silent; give the client a socket_timeout, or use redis.asyncio"
)


def has_time_limit(client: Any) -> bool:
    """Whether a client limits the time of each command; True if its settings cannot be read."""
    for name in ("connection_pool", "nodes_manager"):
        holder = getattr(client, name, None)
        options = getattr(holder, "connection_kwargs", None)
        if isinstance(options, dict):
            if "socket_timeout" in options:
                return bool(options["socket_timeout"])
            return _has_default_limit(getattr(holder, "connection_class", None))
    return True


def _has_default_limit(connection: object) -> bool:
    """Whether connections of this class have a time limit by default, as in redis-py 8."""
    from inspect import signature

    for kind in getattr(connection, "__mro__", (object,))[:-1]:
        named = signature(kind.__init__).parameters.get("socket_timeout")
        if named is not None:
            return named.default not in (named.empty, None, 0)
    return False


def faults_of_settings(info: object, config: object) -> list[str]:
    """A sentence for each setting under which the server loses keys that are still valid.

    ``info`` is the answer to INFO, ``config`` to CONFIG GET appendfsync, as the client libraries give them,
    of one server or of each node of a Cluster; or the errors in their place.
    """
    if not isinstance(info, dict):
        return [_UNREADABLE]
    found = [fault for node in _of_each_node(info) for fault in _faults(node)]
    if _NO_FILE not in found:
        found += _faults_of_file(config)
    return list(dict.fromkeys(found))


def _of_each_node(answer: dict[Any, Any]) -> list[dict[str, Any]]:
    """The answers of the nodes of a Cluster, or the one of a single server."""
    return [each for each in answer.values() if isinstance(each, dict) and "redis_version" in each] or [
        answer
    ]


def _faults(info: dict[str, Any]) -> list[str]:
    found = []
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        found.append(
            f"{_SERVER} has maxmemory-policy {policy}: at its maxmemory it evicts keys that are still valid, "
            "and their requests are accepted again; set it to noeviction"
        )
    if not info.get("aof_enabled", 1):
        found.append(_NO_FILE)
    if info.get("role", "master") != "master":
        found.append(_REPLICA)
    return found


def _faults_of_file(config: object) -> list[str]:
    """The faults of the append-only file; ``config`` is the answer to CONFIG GET, or a refusal of it."""
    if not isinstance(config, dict):
        return [
            f"{_SERVER} does not show its appendfsync: with another value than always, requests of the last "
            "second or more are accepted again after a restart"
        ]
    nodes = [each for each in config.values() if isinstance(each, dict)] or [config]
    return [
        f"{_SERVER} has appendfsync {each['appendfsync']}: after a restart, requests of the last second or "
        "more are accepted again; set it to always where that matters"
        for each in nodes
        if each.get("appendfsync", "always") != "always"
    ]
