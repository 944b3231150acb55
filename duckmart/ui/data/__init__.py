"""What a page shows before any data is there."""
