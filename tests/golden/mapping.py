"""
Published cases as documents of our schema, by file and kind. A mapping knows the form of a kind, never
an answer. It yields checks: (what, expected, tolerance or None, function that computes it).
docs/golden.md describes each.
"""
from forms import NotComputable
from map_cycles import cycles, day_proration, gas_energy, money_proration, register_diff, reversal, two_regimes
from map_engines import commitment, crossing, graduated_flat, package, prepaid, unit_price
from map_ev import ocpi, ykc_decode
from map_power import power_factor, tou_plus_capacity
from map_tiers import graduated, owrs, table

__all__ = ["NotComputable", "mapping_of"]

BY_KIND = {
    "graduated": graduated, "volume": graduated, "graduated_flat": graduated_flat, "package": package,
    "commitment": commitment, "unit": unit_price, "tou_plus_capacity": tou_plus_capacity, "day_proration": day_proration,
    "money_proration": money_proration, "reversal": reversal,
    "register_diff": register_diff, "gas_energy": gas_energy, "ocpi": ocpi,
}
BY_FIELD = [("expected_cycles", cycles), ("expected_percent", power_factor), ("usage_ccf", owrs), ("hex_le", ykc_decode),
            ("balance", prepaid), ("correct", crossing)]


def mapping_of(file, case):
    if str(case.get("kind", "")).startswith("two_regimes"):
        return two_regimes
    if case.get("kind") in BY_KIND:
        return BY_KIND[case["kind"]]
    for field, function in BY_FIELD:
        if field in case:
            return function
    if file.startswith("prepaid"):
        return prepaid
    if file.startswith("tariff_tables"):
        return table
    return None
