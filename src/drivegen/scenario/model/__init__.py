"""A scenario as the standard states it, typed, with catalogues and parameters resolved.

The names are ASAM OpenSCENARIO XML 1.3's own in snake_case; older files are brought to them by the reader.
Elements that only hold a choice (`PrivateAction`, `LongitudinalAction`, `Position` and the like) are left
out: the field that would hold them holds what was chosen.
"""
