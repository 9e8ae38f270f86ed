"""All that touches the world: environment variables, the shared files, processes, HTTP.

Nothing here is loaded by ``import sigv4``.
"""
