"""All that touches the world: environment variables now; files, processes and HTTP as providers are added.

Nothing here is loaded by ``import sigv4``.
"""
