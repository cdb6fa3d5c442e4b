"""Shapes and types are checked while the tests run (packages without compiled kernels)."""

from jaxtyping import install_import_hook

import tests.typecheck

install_import_hook(["drivegen.core", "drivegen.capture"], f"{tests.typecheck.__name__}.check")
