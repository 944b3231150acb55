"""One small defect a patch: `python -m tests.mutations` applies each in turn and names the unnoticed."""
