"""The corpus of faults: botocore's signer broken in one place, or its request changed on the way.

``python -m tests.interop.faults`` writes ``fixtures/faults/faults.json``, whose README says what is in it. A table of
faults is a function that gives them; ``corpus`` has the order of the tables, which numbers the faults of a cause.
"""
