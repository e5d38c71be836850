"""Pytest runs the notebooks; importing the scripts that they are made from would run them again."""

collect_ignore_glob = ["*.py"]
