"""Data in: demo data, loads and appends, and the generations that they make."""
