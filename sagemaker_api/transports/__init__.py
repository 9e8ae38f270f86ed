"""Sends a request with httpx or the standard library."""
