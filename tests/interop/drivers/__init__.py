"""Other people's signers in the conformance kit: each is a program of some 40 lines for the line protocol."""
