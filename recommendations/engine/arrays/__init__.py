"""Arrays of rows, keys and strings, without a loop."""
