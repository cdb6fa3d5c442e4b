"""Shapes and types are checked while the tests run (packages without compiled kernels)."""

from jaxtyping import install_import_hook

install_import_hook(["drivegen.core", "drivegen.capture"], "tests.typecheck.check")
