"""Serves the local endpoint over HTTP and WebSocket."""
