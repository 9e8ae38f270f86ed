"""Measures the budgets of this project: ``python -m tests.benchmarks``."""
