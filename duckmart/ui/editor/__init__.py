"""The rows of the builder, and the widgets of a condition."""
