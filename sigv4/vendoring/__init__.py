"""How the package leaves home: a Lambda layer, a vendored copy, one single file."""

ADAPTERS = ("aiohttp", "httpx", "requests", "urllib")  # that go along with a copy of the signer
