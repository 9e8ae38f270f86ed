"""HTTP over sockets with the standard library."""
