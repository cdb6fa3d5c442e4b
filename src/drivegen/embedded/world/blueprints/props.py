"""Props of CARLA 0.9.16: ids and full box sizes are facts of it; the size words follow from the boxes."""

from __future__ import annotations

from drivegen.embedded.assets.props.tags import tag_of_prop
from drivegen.embedded.world.blueprints.blueprint import (
    Attribute,
    AttributeKind,
    Blueprint,
    Family,
    fixed,
    role,
)

# id after "static.prop.", length, width, height in metres
_ROWS: tuple[tuple[str, float, float, float], ...] = (
    ("advertisement", 1.549233, 0.286850, 2.442812),
    ("aporosatree", 12.958137, 12.584907, 15.633046),
    ("atm", 0.713160, 0.873837, 2.275781),
    ("barbeque", 0.945647, 0.498846, 1.264063),
    ("barrel", 0.459617, 0.471436, 0.806719),
    ("bench01", 1.544051, 0.735851, 0.969766),
    ("bench02", 1.563683, 0.544589, 0.509062),
    ("bench03", 1.583496, 0.512652, 0.512656),
    ("bike helmet", 0.185550, 0.277047, 0.171328),
    ("bin", 0.548204, 0.638159, 1.059141),
    ("box01", 0.652197, 0.652197, 0.691562),
    ("box02", 0.648570, 0.648570, 0.648594),
    ("box03", 0.660889, 0.670057, 0.648594),
    ("briefcase", 0.543354, 0.181176, 0.432812),
    ("brokentile01", 0.134442, 0.176043, 0.006562),
    ("brokentile02", 0.209677, 0.152296, 0.007578),
    ("brokentile03", 0.154453, 0.144923, 0.008516),
    ("brokentile04", 0.129729, 0.126475, 0.010156),
    ("busstop", 3.876078, 1.893610, 2.738906),
    ("busstoplb", 1.893610, 3.876078, 2.738906),
    ("calibrator", 1.547595, 0.690201, 0.201953),
    ("chainbarrier", 1.494197, 0.238593, 0.888750),
    ("chainbarrierend", 0.238593, 0.238593, 0.888750),
    ("clothcontainer", 1.239433, 1.886541, 1.810156),
    ("clothesline", 6.652331, 1.118010, 2.061016),
    ("coconutpalm", 8.603761, 8.885843, 20.314766),
    ("colacan", 0.068170, 0.071678, 0.109531),
    ("constructioncone", 0.344070, 0.344070, 0.585781),
    ("container", 1.931833, 1.012434, 1.714219),
    ("creasedbox01", 0.808789, 0.712937, 0.117812),
    ("creasedbox02", 1.633206, 0.712937, 0.211641),
    ("creasedbox03", 1.668723, 0.712937, 0.021719),
    ("cypresstree", 4.609914, 4.628193, 15.678828),
    ("dirtdebris01", 1.857437, 1.513932, 0.148984),
    ("dirtdebris02", 1.857437, 1.513932, 0.148984),
    ("dirtdebris03", 1.857437, 1.513932, 0.188359),
    ("doghouse", 1.079117, 1.272105, 1.093672),
    ("foodcart", 2.284676, 4.638398, 3.573125),
    ("fountain", 8.401812, 8.401816, 6.924375),
    ("garbage01", 0.053428, 0.053428, 0.086797),
    ("garbage02", 0.053428, 0.053428, 0.009219),
    ("garbage03", 0.059658, 0.059443, 0.079297),
    ("garbage04", 0.057275, 0.055681, 0.068828),
    ("garbage05", 0.231878, 0.232533, 0.057578),
    ("garbage06", 0.366177, 0.213331, 0.076797),
    ("gardenlamp", 0.297241, 0.281222, 0.647812),
    ("glasscontainer", 1.954791, 2.008793, 1.788437),
    ("gnome", 0.366616, 0.375591, 0.882969),
    ("guitarcase", 1.242394, 0.125169, 0.494453),
    ("haybale", 1.247711, 1.193347, 1.195000),
    ("haybalelb", 1.247711, 1.193347, 1.195000),
    ("ironplank", 1.451872, 1.174381, 0.020547),
    ("kiosk_01", 1.625247, 1.654069, 3.245391),
    ("mailbox", 0.526630, 0.438425, 1.157266),
    ("maptable", 1.573209, 0.617076, 1.181094),
    ("mobile", 0.080483, 0.007261, 0.166406),
    ("motorhelmet", 0.200412, 0.259274, 0.258125),
    ("pergola", 5.029394, 5.085034, 3.541562),
    ("plantpot01", 1.089141, 0.475772, 0.557344),
    ("plantpot02", 1.051194, 0.430727, 0.486953),
    ("plantpot03", 1.051194, 0.430727, 0.486953),
    ("plantpot04", 4.967306, 0.736601, 0.124766),
    ("plantpot05", 0.400225, 0.400225, 0.280000),
    ("plantpot06", 1.593281, 1.593281, 0.849531),
    ("plantpot07", 0.494603, 0.475772, 0.557344),
    ("plantpot08", 0.530425, 0.530425, 0.488906),
    ("plasticbag", 0.310983, 0.402562, 0.552344),
    ("plasticchair", 0.730475, 0.750449, 1.271328),
    ("plastictable", 2.482203, 2.482203, 2.479766),
    ("platformgarbage01", 3.633241, 1.711405, 0.331562),
    ("purse", 0.159215, 0.332696, 0.585234),
    ("shoppingbag", 0.474466, 0.243293, 0.600625),
    ("shoppingcart", 0.669402, 1.207548, 1.079297),
    ("shoppingtrolley", 0.505589, 0.331102, 1.093672),
    ("slide", 0.942527, 4.122487, 1.976641),
    ("streetbarrier", 1.214908, 0.371679, 1.069141),
    ("streetfountain", 0.286944, 0.670281, 1.259375),
    ("streetsign", 1.064345, 0.125239, 2.154375),
    ("streetsign01", 2.470391, 0.302932, 3.877969),
    ("streetsign04", 1.170815, 0.124839, 2.772891),
    ("swing", 4.105228, 1.576823, 2.572500),
    ("swingcouch", 1.357410, 2.362380, 2.249375),
    ("table", 2.156282, 2.151836, 0.846484),
    ("trafficcone01", 0.882812, 0.882187, 1.133281),
    ("trafficcone02", 0.455597, 0.394556, 1.182891),
    ("trafficwarning", 2.373430, 2.870586, 3.569531),
    ("trampoline", 4.131585, 4.131585, 2.801875),
    ("trashbag", 0.377970, 0.429560, 0.702109),
    ("trashcan01", 0.635285, 0.567851, 0.848203),
    ("trashcan02", 0.523834, 0.513555, 1.045469),
    ("trashcan03", 0.629309, 0.545321, 0.933594),
    ("trashcan04", 0.788727, 0.580397, 1.016328),
    ("trashcan05", 0.788727, 0.580397, 1.016328),
    ("travelcase", 0.567335, 0.327610, 1.262578),
    ("vendingmachine", 0.872888, 1.102044, 2.108203),
    ("warningaccident", 1.305016, 1.055053, 1.860234),
    ("warningconstruction", 1.305016, 1.055053, 1.860234),
    ("wateringcan", 0.070352, 0.194037, 0.134844),
)

_SIZES = ((0.15, "tiny"), (0.7, "small"), (1.8, "medium"), (4.0, "big"))
"""Words by the greatest side."""


def prop_blueprints() -> tuple[Blueprint, ...]:
    """All props, sorted by id, and the prop of a mesh."""
    return (*(_prop(*row) for row in _ROWS), _mesh_prop())


def size_word(size_m: tuple[float, float, float]) -> str:
    """CARLA's word for a prop of full length, width, height."""
    return next((word for limit, word in _SIZES if max(size_m) < limit), "huge")


def _prop(name: str, length_m: float, width_m: float, height_m: float) -> Blueprint:
    size_m = (length_m, width_m, height_m)
    return Blueprint(
        id=f"static.prop.{name}",
        family=Family.PROP,
        attributes=(role("prop"), fixed("size", AttributeKind.STRING, size_word(size_m))),
        size_m=size_m,
        tags=(tag_of_prop(name),),
    )


def _mesh_prop() -> Blueprint:
    """A prop made of a mesh of Unreal's content."""
    return Blueprint(
        id="static.prop.mesh",
        family=Family.PROP,
        attributes=(
            role("prop"),
            Attribute(id="mesh_path", kind=AttributeKind.STRING, value=""),
            Attribute(id="mass", kind=AttributeKind.FLOAT, value="0.0"),
            Attribute(id="scale", kind=AttributeKind.FLOAT, value="1.0"),
        ),
        refusal="its mesh_path names content of Unreal, which is not here; take another static.prop",
    )
