"""How the package leaves home: a Lambda layer, a vendored copy, one single file."""
