"""Where credentials come from, one file each: ``find()`` answers Credentials, or None to let the next one try."""
