from drivegen.report.facts import Wish, _wishes

FOUND = {
    "strategy": "pairwise",
    "possible_pairs": 4,
    "requested": {"pairs": 4, "scenes": 4, "levels": {"light": {"day": 2, "night": 2}}},
    "achieved": {"pairs": 3, "scenes": 3, "levels": {"light": {"day": 2, "night": 1}}},
    "missing_pairs": ["light=night, road=wide"],
}


def test_coverage_asked_for_stands_beside_what_came() -> None:
    manifest = {"requested": {"vehicles": 8.0}, "achieved": {"vehicles": 7.0}, "coverage": FOUND}
    assert _wishes(manifest, []) == (
        Wish(name="vehicles", requested=8.0, achieved=7.0),
        Wish(name="coverage: pairs of levels, of 4", requested=4.0, achieved=3.0),
        Wish(name="coverage: scenes with light day", requested=2.0, achieved=2.0),
        Wish(name="coverage: scenes with light night", requested=2.0, achieved=1.0),
    )
    del manifest["coverage"]
    assert len(_wishes(manifest, [])) == 1
