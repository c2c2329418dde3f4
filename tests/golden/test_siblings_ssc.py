"""
Further cases of SSC's own suite (NREL/ssc, test/ssc_test/cmod_utilityrate5_test.cpp, BSD-3-Clause), whose inputs are
those of a case at hand but for a few: the totals are the suite's. Each is taken as the cases of the folder are.
"""
import copy
import json
from decimal import Decimal

import pytest

from rated import reference
from ssc import ssc_checks
from test_golden import same

FILE = reference() and reference() / "ssc/ssc_cases.json"
OPEN = 1e38
SOLD = [[1, 1, OPEN, 0, .1, .1], [2, 1, OPEN, 0, .05, .05], [3, 1, OPEN, 0, .2, .2], [4, 1, OPEN, 0, .25, .25]]
QUARTERS = {"gen": {"file": "gen_residential_1_year_15_min.csv", "n": 35040}}
ALL_ONE = [[1] * 24] * 12


def home(inputs):
    """Four periods of one open tier, hourly load, the home's own generation."""
    return (inputs["ur_metering_option"] == 0 and len(inputs["ur_ec_tou_mat"]) == 4 and inputs["gen"]["file"] == "gen_year1_residential.csv"
            and inputs["load"]["n"] == 8760 and not inputs["ur_annual_min_charge"] and "ur_nm_credit_month" not in inputs)


def daily_tiers(inputs):
    return inputs["ur_metering_option"] == 0 and any(row[3] == 2 for row in inputs["ur_ec_tou_mat"])


def uneven(rows):
    """The second period's first limit is another than the first's, in months that have both."""
    return [[*row[:2], 13, *row[3:]] if row[:2] == [2, 1] else row for row in rows]


# What: base, inputs that differ, published figures (None: refused).
CASES = {
    "net metering in May": (home, {"ur_nm_credit_month": 4}, {
        "elec_cost_without_system_year1": 771.8, "elec_cost_with_system_year1": 36.6, "year1_true_up_credits[4]": 50.28,
        "utility_bill_w_sys_ym.at(1, 4)": -50.28}),
    "generation by the quarter of an hour": (home, QUARTERS, {
        "elec_cost_without_system_year1": 771.8, "elec_cost_with_system_year1": -27.94}),
    "net billing, generation by the quarter of an hour": (home, {**QUARTERS, "ur_metering_option": 2}, {
        "elec_cost_without_system_year1": 771.8, "elec_cost_with_system_year1": 441.4, "net_billing_credits_ym.at(1, 11)": 0}),
    "net metering in money, no price for what is fed in": (
        home, {"ur_metering_option": 1, "gen": {"file": "gen_year1_commercial.csv", "n": 219000}}, {
            "utility_bill_w_sys[1]": 0, "utility_bill_wo_sys[1]": 771.8, "nm_dollars_applied_ym.at(1, 11)": 0}),
    "carry-over": (home, {"ur_metering_option": 3, "ur_ec_tou_mat": SOLD}, {
        "elec_cost_without_system_year1": 771.8, "elec_cost_with_system_year1": -150.02, "true_up_credits_ym.at(1, 11)": 181.77}),
    "carry-over, January": (
        home, {"ur_metering_option": 3, "ur_ec_tou_mat": SOLD, "ur_nm_credit_month": 0,
               "gen": {"file": "gen_1_yr_residential.csv", "n": 8760}}, {
            "elec_cost_without_system_year1": 771.8, "elec_cost_with_system_year1": 19.12,
            "net_billing_credits_ym.at(1, 3)": 24.65, "net_billing_credits_ym.at(1, 11)": 32.21}),
    "carry-over, least bill of a month": (home, {"ur_metering_option": 3, "ur_ec_tou_mat": SOLD, "ur_monthly_min_charge": 10}, {
        "elec_cost_without_system_year1": 771.8, "elec_cost_with_system_year1": -40.02, "utility_bill_w_sys_ym.at(1, 3)": 10,
        "charge_w_sys_minimum_ym.at(1, 3)": 10, "true_up_credits_ym.at(1, 11)": 181.77}),
    "carry-over used at once": (home, {"ur_metering_option": 3, "ur_ec_tou_mat": SOLD, "ur_nb_apply_credit_current_month": 1}, {
        "elec_cost_with_system_year1": -150.02, "true_up_credits_ym.at(1, 11)": 150.02}),
    "a month that is none": (home, {"ur_metering_option": 3, "ur_ec_tou_mat": SOLD, "ur_nm_credit_month": 12}, None),
    "no price at the year's end": (home, {"ur_nm_yearend_sell_rate": 0}, {
        "elec_cost_without_system_year1": 771.8, "elec_cost_with_system_year1": 64.03}),
    "tiers of net billing": (
        home, {"ur_metering_option": 2, "ur_ec_sched_weekday": ALL_ONE, "ur_ec_sched_weekend": ALL_ONE, "ur_ec_tou_mat": [
            [1, 1, 4, 0, .1, .1], [1, 2, 4.5, 0, .2, .2], [1, 3, 5, 0, .3, .3], [1, 4, OPEN, 0, .4, .4]]}, {
            "year1_hourly_salespurchases_with_system[2]": -.0343, "year1_hourly_salespurchases_with_system[18]": -.184,
            "year1_hourly_salespurchases_with_system[19]": -.3223}),
    "periods of other limits": (daily_tiers, {"ur_ec_tou_mat": uneven}, None),
}
# 36 periods: the first six rows of the year's schedule are full of them, the rest is two prices by season.
MANY = [[n, 1, OPEN, 0, p, p] for n in range(1, 37) for p in [.1 if n == 1 else .25 if n == 36 else .05 if n % 2 == 0 else .2]]
JANUARY = [36, 2, 2, 34, 2, 2, 2, 33, 32, 31, 29, 27, 28, 25, 26, 24, 23, 22, 21, 20, 19, 18, 17, 16]
FEBRUARY = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4] + [2] * 12
FREE_DAYS = [2] * 6 + [20] + [2] * 5 + [23, 2, 2, 2, 25, 2, 2, 2, 29, 2, 32, 2]
REST = [[2] * 24] * 3 + [[1] * 24] * 4 + [[2] * 24] * 3
CASES["36 periods"] = (home, {
    "ur_metering_option": 2, "ur_ec_tou_mat": MANY, "ur_ec_sched_weekday": [JANUARY, FEBRUARY, *REST],
    "ur_ec_sched_weekend": [FREE_DAYS, [2] * 24, *REST]}, {
    "elec_cost_without_system_year1": 475.56, "elec_cost_with_system_year1": -173.25})

TOLERANCES = {"year1_hourly": 0.001, "": 0.1}


@pytest.mark.skipif(not (FILE and FILE.exists()), reason="no reference data")
@pytest.mark.parametrize("name", CASES)
def test_ssc_sibling(name):
    base, changes, figures = CASES[name]
    inputs = copy.deepcopy(next(c["inputs"] for c in json.loads(FILE.read_text())["cases"] if base(c["inputs"])))
    for field, value in changes.items():
        inputs[field] = value(inputs[field]) if callable(value) else value
    expected = [{"quantity": "run_status", "value": "ok" if figures else "error"}]
    for what, value in (figures or {}).items():
        expected.append({"quantity": what, "value": value, "tol": next(t for start, t in TOLERANCES.items() if what.startswith(start))})
    checks = list(ssc_checks(FILE.parent, {"inputs": inputs, "expected": expected}))
    assert len(checks) == len(expected)
    for what, value, tol, compute in checks:
        assert compute, f"{what} is not computed"
        got = compute()
        assert same(value, got, tol), f"{what}: {got}, published {value if isinstance(value, str) else Decimal(str(value))}"
