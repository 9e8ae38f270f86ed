"""Evaluates IAM identity policies."""
