"""The tabs below the builder: who the members are and what they do."""
