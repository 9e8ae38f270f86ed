"""The corpus of faults: requests of botocore's signer with one change, in the signer or on the way.

``python -m tests.interop.faults`` writes ``fixtures/faults/faults.json``, whose README says what is in it. A
table of faults is a function that yields them; ``corpus`` lists the tables in an order that must not change,
because the faults of a cause are numbered in that order.
"""
