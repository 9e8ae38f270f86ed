"""Other libraries' shapes around the signer, each in the module named after what it fits."""
