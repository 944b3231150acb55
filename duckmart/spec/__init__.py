"""What a segment may say: models, values, operators, measures; its edits, its sentence, the examples."""
