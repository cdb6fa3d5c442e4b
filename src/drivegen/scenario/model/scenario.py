"""A scenario as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, ClassVar

from drivegen.scenario.model.element import Beside, Element, Place, Text, UnsignedInt, Wrapped
from drivegen.scenario.model.entities import Entities, Properties
from drivegen.scenario.model.parameters import MonitorDeclaration, ParameterDeclaration, VariableDeclaration
from drivegen.scenario.model.road_network import RoadNetwork
from drivegen.scenario.model.storyboard import Storyboard


@dataclass(frozen=True, slots=True, kw_only=True)
class License(Element):
    """Under which terms the file may be used."""

    name: str
    resource: str | None = None
    spdx_id: str | None = None
    text: Annotated[str, Text()] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeader(Element):
    """Who wrote the file, when, and for which version of the standard."""

    author: str
    date: datetime
    description: str
    rev_major: UnsignedInt
    rev_minor: UnsignedInt
    license: License | None = None
    properties: Properties | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that was read, though it is old or newer than the file says it is."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Element):
    """One concrete scenario: parameters have their values, catalogues are resolved."""

    TAG: ClassVar[str] = "OpenSCENARIO"

    file_header: FileHeader
    parameter_declarations: Annotated[tuple[ParameterDeclaration, ...], Wrapped("ParameterDeclarations")] = ()
    variable_declarations: Annotated[tuple[VariableDeclaration, ...], Wrapped("VariableDeclarations")] = ()
    monitor_declarations: Annotated[tuple[MonitorDeclaration, ...], Wrapped("MonitorDeclarations")] = ()
    road_network: RoadNetwork
    entities: Entities
    storyboard: Storyboard
    path: Annotated[Path | None, Beside()] = field(default=None, compare=False)
    """The file that it was read from; paths in the scenario are relative to its folder."""
    notices: Annotated[tuple[Notice, ...], Beside()] = field(default=(), compare=False)

    @property
    def logic_file(self) -> Path | None:
        """The OpenDRIVE file, or None where the scenario names none."""
        file = self.road_network.logic_file
        if file is None:
            return None
        return Path(file.filepath) if self.path is None else self.path.parent / file.filepath
