"""Packages that training needs, looked for without importing them."""

from keras_mtkd._backend.optional import check_installed
from keras_mtkd.command_line import versions

# What tables, pictures and the digits are made with.
_PACKAGES = ("pandas", "matplotlib", "sklearn")
_BACKENDS = {"tensorflow": "tensorflow", "jax": "jax"}


def check_packages() -> None:
    """Refuse to begin what would end, minutes later, for want of a package.

    Raises:
        ImportError: If a package is not installed; it says what to install.
    """
    for module in _PACKAGES:
        check_installed(module, "cli")
    if (extra := _BACKENDS.get(versions.backend())) is not None:
        check_installed(extra, extra)
