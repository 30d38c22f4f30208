"""The watched tree: from what the operating system hints at to batches of changes."""
