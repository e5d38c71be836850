"""Packaging of keras_mtkd; tool settings are in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(
    r'__version__ = "(.+)"', (HERE / "keras_mtkd" / "_backend" / "version.py").read_text("utf-8")
).group(1)

EXTRAS = {
    "tensorflow": ["tensorflow>=2.18"],
    "jax": ["jax>=0.5"],
    "tuner": ["keras-tuner>=1.4.7", "tensorboard>=2.18", "scipy>=1.13"],
    "datasets": ["scikit-learn>=1.5", "tensorflow-datasets>=4.9.7"],
    "plots": ["matplotlib>=3.9"],
    "tensorboard": ["tensorboard>=2.18", "matplotlib>=3.9"],
    "scd": ["scipy>=1.13"],
    "selection": ["pandas>=2.2", "pot>=0.9.5"],
    "cli": ["typer>=0.16", "pandas>=2.2", "matplotlib>=3.9", "scikit-learn>=1.5", "scipy>=1.13"],
    "export": ["onnx>=1.16", "onnxruntime>=1.18", "tf2onnx>=1.16", "ai-edge-litert>=1.0"],
    "tutorials": [
        "jupyter>=1.0",
        "jupytext>=1.16",
        "nbmake>=1.5",
        "matplotlib>=3.9",
        "pandas>=2.2",
        "scikit-learn>=1.5",
        "scipy>=1.13",
    ],
    "docs": ["mkdocs>=1.6,<2", "mkdocs-material>=9.5", "mkdocstrings[python]>=0.26"],
    "test": [
        "pytest>=8.2",
        "pytest-xdist>=3.6",
        "pot>=0.9.5",
        "hypothesis>=6.100",
        "scipy>=1.13",
        "psutil>=5.9",
    ],
    # What only the tests of `make test-slow` need.
    "test-slow": [
        "optuna>=4.0",
        "selenium>=4.20",
        "build>=1.2",
        "trove-classifiers",
        "pydot>=3.0",
    ],
    "lint": ["ruff>=0.6", "mypy>=1.11", "import-linter>=2.5"],
}
EXTRAS["all"] = sorted({need for needs in EXTRAS.values() for need in needs})

setup(
    name="keras-mtkd",
    version=VERSION,
    description="Knowledge distillation for multi-task learning with Keras",
    long_description=(HERE / "README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["keras_mtkd", "keras_mtkd.*"]),
    package_data={"keras_mtkd": ["py.typed", "experiments/report/page.*"]},
    install_requires=["keras>=3.15", "numpy>=1.26", "rich>=13.7"],
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["keras-mtkd = keras_mtkd.__main__:main"]},
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
)
