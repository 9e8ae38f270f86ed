"""Adapters for other libraries; each module has the name of its library."""
