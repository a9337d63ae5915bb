"""What recommends: one model a file, each a few choices beyond the one before it."""
