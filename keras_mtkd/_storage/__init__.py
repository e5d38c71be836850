"""What is written to files, and how it is known again."""
