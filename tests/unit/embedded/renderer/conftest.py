import pytest

from drivegen.core.errors import RenderError
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.renderer.renderer import Renderer


@pytest.fixture
def library():
    return MeshLibrary()


@pytest.fixture
def make_renderer():
    """Makes renderers of a library and closes them; skips where nothing can draw."""
    made = []

    def make(library, backend="auto"):
        try:
            made.append(Renderer(library, backend))
        except RenderError as error:
            pytest.skip(f"no renderer here: {error}")
        return made[-1]

    yield make
    for renderer in made:
        renderer.close()
