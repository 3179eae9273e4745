"""What a parser leaves in its working folder for the process that started it."""

STAGED = "staged.jsonl"
PICTURES = "pictures"
ARRAYS = "arrays"
