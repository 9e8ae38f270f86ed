"""Tricky inputs signed by every installed signer, and checks of the bytes that arrive."""
