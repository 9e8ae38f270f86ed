"""Drivers for other signers: each is a program of about 40 lines that answers the conformance kit's questions."""
