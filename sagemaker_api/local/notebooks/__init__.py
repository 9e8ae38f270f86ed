"""Notebook instances, their sessions and their pages."""
