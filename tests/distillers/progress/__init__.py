"""A package, as the room that it tests."""
