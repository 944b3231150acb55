"""What people made and want to find again: saved segments with their history, drafts, kept runs, backups."""
