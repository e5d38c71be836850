"""Blocks whatever their order."""


def as_sets(blocks):
    return {frozenset(block) for block in blocks}
