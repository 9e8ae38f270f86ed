"""The budgets of this project, measured: ``python -m tests.benchmarks``."""
