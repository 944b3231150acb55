"""What a browser session remembers, and how it asks the mart."""
