"""Where credentials come from, one file each. ``find()`` gives them, or None to let the next one try."""
