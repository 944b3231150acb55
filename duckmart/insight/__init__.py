"""What an answer says: sizes, comparisons, behaviour, what sets members apart, and why a user is in."""
