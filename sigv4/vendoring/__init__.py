"""Packages the code for other places: a Lambda layer, a vendored copy, a single file."""
