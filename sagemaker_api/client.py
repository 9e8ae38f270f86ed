"""``SageMaker`` and ``AsyncSageMaker``: two drivers of one ``call``, which differ only in ``await``."""

from __future__ import annotations

import os
import threading
import time

from sigv4.credentials import Credentials
from sigv4.environment import settings as environment_settings
from sigv4.errors import CredentialsError

from . import endpoint
from .call import CallSettings, NeedCredentials, Send, call
from .errors import ConfigError, TransportError
from .exchange import TimeLimits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping
    from typing import Any, TypeAlias

    from .call import Step
    from .operations import CreatePresignedNotebookInstanceUrlOutput
    from .transport import AsyncTransport, Transport

    Provider: TypeAlias = Callable[[], Credentials]
    AsyncProvider: TypeAlias = Callable[[], "Credentials | Awaitable[Credentials]"]
