"""Checks captures, URLs and other signers."""
