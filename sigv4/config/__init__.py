"""Reads the environment and the shared AWS configuration files."""
