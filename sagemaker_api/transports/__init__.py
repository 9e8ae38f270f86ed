"""Send a request over httpx or the standard library."""
