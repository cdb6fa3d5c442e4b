"""Where the data folders (conf/, scenarios/) are: in the installed package, or in the checkout."""

from pathlib import Path


def data_root() -> Path:
    """The folder that holds conf/ and scenarios/."""
    package = Path(__file__).resolve().parent
    packaged = package / "_data"
    return packaged if packaged.is_dir() else package.parents[1]
