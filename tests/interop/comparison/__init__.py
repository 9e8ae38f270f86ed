"""Tricky inputs by every signer that is installed, judged on the bytes that arrive."""
