"""A package, since tests of other rooms have files of the same names."""
