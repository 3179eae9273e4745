"""What a parser leaves in its working folder for the process that started it."""

STAGED = "staged.jsonl"
PICTURES = "pictures"
ARRAYS = "arrays"
EXAMPLES = "examples.jsonl"  # put there for it: the project an array is pushed to
