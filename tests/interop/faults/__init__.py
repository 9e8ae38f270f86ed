"""The corpus of faults: requests of botocore's signer with one change, in the signer or on the way.

``python -m tests.interop.faults`` writes ``fixtures/faults/faults.json``, whose README says what is in it. A
table of faults is a function that gives them; ``corpus`` has the order of the tables, which numbers the
faults of a cause.
"""
