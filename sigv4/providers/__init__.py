"""Finds and refreshes credentials."""
