"""Jobs whose scenes are not drawn but given: plans and roads that lie in a folder, as in a run's own."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from drivegen.core.errors import ConfigError, PlanError
from drivegen.core.plans import ScenePlan
from drivegen.opendrive.reader import read_network
from drivegen.runtime.config import Config
from drivegen.runtime.covering import Assignment
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.planning import DrawnMap, Planner
from drivegen.runtime.scene_names import scene_name


class GivenPlanner(Planner):
    """Hands out the plans of `job.plans`, in the order of their names.

    Nothing of the configuration changes them: sensors, weather and traffic are theirs.
    """

    def __init__(self, config: Config) -> None:
        """Lists the folder. Raises ConfigError where there are fewer plans than scenes are wanted."""
        assert config.job.plans is not None
        self._given = RunFolder(Path(config.job.plans).resolve())
        self._files = sorted((self._given.root / "plans").glob("*.json"))
        if len(self._files) < config.job.scenes:
            raise ConfigError(
                f"job.plans={config.job.plans}: {len(self._files)} plans lie in its folder plans/, and "
                f"job.scenes={config.job.scenes} are to be recorded"
            )
        self.assignment = Assignment("independent", {}, config.job.seed)
        self._drawn: dict[tuple[str, str], DrawnMap] = {}
        self._scenes = config.job.scenes

    def road_key(self, index: int) -> tuple[str, int]:
        """As `Planner.road_key`: the road's hash."""
        return self.plan(index).map.sha256, 0

    def map(self, index: int) -> DrawnMap:
        """The road of scene `index`. Raises PlanError where it is not the plan's."""
        plan = self.plan(index).map
        key = plan.opendrive, plan.sha256
        if key not in self._drawn:
            path = self._given.maps / plan.opendrive
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise PlanError(f"{path}: the road of a given plan cannot be read ({error})") from None
            found = hashlib.sha256(text.encode()).hexdigest()
            if found != plan.sha256:
                raise PlanError(f"{path} is not the road of its plan: its SHA-256 is {found[:12]}...")
            self._drawn = {key: DrawnMap(plan=plan, text=text, network=read_network(text, str(path)))}
        return self._drawn[key]

    def plan(self, index: int) -> ScenePlan:
        """The plan of scene `index`, whose name it gets. Raises PlanError."""
        path = self._files[index]
        try:
            plan = ScenePlan.from_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise PlanError(f"{path}: the plan cannot be read ({error})") from None
        return replace(plan, scene=scene_name(index))

    @property
    def fingerprint(self) -> str:
        """Of all plans."""
        total = hashlib.sha256()
        for index in range(self._scenes):
            total.update(self.plan(index).sha256.encode())
        return total.hexdigest()


def planner_of(config: Config) -> Planner:
    """Who knows the plans of a job. Raises ConfigError or MapError."""
    return GivenPlanner(config) if config.job.plans is not None else Planner(config)
