"""Bodies signed in pieces: aws-chunked uploads and event streams."""
