"""The pieces pages are made of: the draft's state, rows, results, charts."""
