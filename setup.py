"""Everything that packaging needs is in pyproject.toml."""

from setuptools import setup

setup()
