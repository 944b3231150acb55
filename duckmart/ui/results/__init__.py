"""The answer beside the rows, and what leaves the page."""
