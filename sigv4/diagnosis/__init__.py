"""Finds out why a signature is wrong."""
