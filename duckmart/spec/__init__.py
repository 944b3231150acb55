"""What a segment may say: models, values, operators, measures, windows; its edits, its sentence, examples."""
