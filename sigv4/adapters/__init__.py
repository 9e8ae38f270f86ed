"""Adapters of the signer and the verifier for other libraries; each module has the name of its library."""
