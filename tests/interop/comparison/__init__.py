"""Signs tricky inputs with every installed signer, and checks the bytes that arrive."""
