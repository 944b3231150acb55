"""Saved segments, drafts and links."""
