"""
NREL SSC utility rate cases: the inputs as a URDB record with our netting and credit beside it, the
load and generation files as series of a year whose first day is a Monday.
"""
import re
from decimal import Decimal

from rated import Refused, rate
from mapping import NotComputable

YEAR = 2018
UNITS = {0: "kWh", 1: "kWh/kW", 2: "kWh daily", 3: "kWh/kW daily"}


def number(value):
    return format(Decimal(repr(float(value))), "f")


def tiers_of(rows, price_at, unit_at=None, sell_at=None):
    """[period, tier, max, …] rows as URDB structures, by period."""
    structure = {}
    for row in sorted(rows, key=lambda r: (r[0], r[1])):
        tier = {"rate": number(row[price_at])}
        if row[2] < 1e37:
            tier["max"] = number(row[2])
        if unit_at:
            tier["unit"] = UNITS[int(row[unit_at])]
        if sell_at and row[sell_at]:
            tier["sell"] = number(row[sell_at])
        structure.setdefault(int(row[0]), []).append(tier)
    return structure


def schedule(matrix, first):
    return [[int(cell) - first for cell in row] for row in matrix]


def fill(structure, count):
    """Every period number has a structure, as the schedule counts them."""
    return [structure.get(p, [{"rate": "0"}]) for p in count]


def record(i):
    energy = tiers_of(i["ur_ec_tou_mat"], 4, 3, 5)
    known = range(1, max(energy) + 1)
    out = {
        "label": "case", "zone": "UTC", "energyratestructure": fill(energy, known),
        "energyweekdayschedule": schedule(i["ur_ec_sched_weekday"], 1),
        "energyweekendschedule": schedule(i["ur_ec_sched_weekend"], 1),
        "fixedchargefirstmeter": number(i.get("ur_monthly_fixed_charge", 0)), "fixedchargeunits": "$/month",
        "mincharge": number(i.get("ur_monthly_min_charge", 0)), "minchargeunits": "$/month",
        "annualmincharge": number(i.get("ur_annual_min_charge", 0)),
    }
    if i.get("ur_dc_enable"):
        demand = tiers_of(i["ur_dc_tou_mat"], 3)
        out["demandratestructure"] = fill(demand, range(1, max(demand) + 1))
        out["demandweekdayschedule"] = schedule(i["ur_dc_sched_weekday"], 1)
        out["demandweekendschedule"] = schedule(i["ur_dc_sched_weekend"], 1)
        flat = tiers_of(i["ur_dc_flat_mat"], 3)
        out["flatdemandstructure"] = fill(flat, range(12))
        out["flatdemandmonths"] = list(range(12))
    if i.get("ur_enable_billing_demand"):
        out["demandratchetpercentage"] = [number(row[0]) for row in i["ur_billing_demand_lookback_percentages"]]
        out["lookbackRange"] = int(i["ur_billing_demand_lookback_period"])
        out["billing_demand"] = {"minimum": number(i["ur_billing_demand_minimum"])}
    netting(i, out)
    return out


def netting(i, out):
    option = int(i["ur_metering_option"])
    month = int(i.get("ur_nm_credit_month", 11)) + 1
    rolls = bool(i.get("ur_nm_credit_rollover"))
    out["netting"] = {"mode": ("energy", "money", "step", "step", "none")[option]}
    if option == 0:
        out["credit"] = {"true_up_month": month, "price": number(i.get("ur_nm_yearend_sell_rate", 0)),
                         "at_true_up": "roll_over" if rolls else "pay"}
    elif option == 1:
        out["credit"] = {"carry": True, "true_up_month": month, "at_true_up": "pay"}
    elif option == 3:
        expires = bool(i.get("ur_nb_credit_expire"))
        out["credit"] = {"carry": True, "true_up_month": month,
                         "apply": "now" if i.get("ur_nb_apply_credit_current_month") else "next",
                         "at_true_up": "roll_over" if rolls else "expire" if expires else "pay"}
    # Prices of every hour stand for the schedule's where what is netted has a time: net billing, and all bought and sold.
    market = {way: f"{way}_price" for way in ("buy", "sell") if option >= 2 and i.get(f"ur_en_ts_{way}_rate")}
    if market:
        out["market"] = market


def hourly_prices(folder, i, way):
    """Inline, or in a file as loads are; one for each step of a year, or for each year as the first."""
    given = i.get(f"ur_ts_{way}_rate")
    rows = (folder / given["file"]).read_text(encoding="utf-8-sig").split() if isinstance(given, dict) else given
    if not rows or len(rows) % 8760:
        raise NotComputable("prices of every hour are not among the inputs")
    return {"quantity": f"{way}_price", "unit": "USD/kWh", "instant": True, "start": f"{YEAR}-01-01", "step": 3600 * 8760 // len(rows),
            "values": [number(x) for x in rows]}


def values(folder, spec):
    rows = (folder / spec["file"]).read_text(encoding="utf-8-sig").split()
    if spec["n"] % len(rows):
        raise NotComputable(f"{spec['file']} is cut")
    per_hour = len(rows) // 8760
    return per_hour, [str(round(Decimal(x) / per_hour, 9)) for x in rows]


def series(folder, i, with_system):
    out = []
    for quantity, field in (("active_energy_import", "load"), ("active_energy_export", "gen")):
        if field == "gen" and not with_system:
            continue
        per_hour, rows = values(folder, i[field])
        out.append({"quantity": quantity, "unit": "kWh", "start": f"{YEAR}-01-01", "step": 3600 // per_hour, "values": rows})
    out += [hourly_prices(folder, i, way) for way in record(i).get("market", {})]
    return out


def peaks(i):
    if not i.get("ur_yearzero_usage_peaks"):
        return {}
    return {"peaks": [{"at": f"{YEAR - 1}-{m:02}-01", "value": number(v)}
                      for m, v in enumerate(i["ur_yearzero_usage_peaks"], 1)]}


class Run:
    """The year with and without the system, each rated once, on demand."""

    def __init__(self, folder, case):
        self.folder, self.inputs, self.bills = folder, case["inputs"], {}

    def bill(self, with_system, end=None):
        key = (with_system, end)
        if key not in self.bills:
            self.bills[key] = rate(record(self.inputs), {
                "zone": "UTC", "start": f"{YEAR}-01-01", "end": end or f"{YEAR + 1}-01-01", "facts": peaks(self.inputs),
                "series": series(self.folder, self.inputs, with_system)})
        return self.bills[key]

    def total(self, with_system):
        return Decimal(self.bill(with_system)["total"])

    def month(self, with_system, month, *codes, sign=0):
        """A month's lines of these codes; sign keeps those above or below zero."""
        start = f"{YEAR}-{month + 1:02}-01"
        return sum((Decimal(line["amount"]) for line in self.bill(with_system)["lines"]
                    if line["start"][:10] == start and (not codes or line["code"] in codes)
                    and Decimal(line["amount"]) * sign >= 0), Decimal(0))

    def tier_energy(self, with_system, month, tier):
        """Energy of the month's blocks that hold any, counted from 1."""
        start, blocks = f"{YEAR}-{month + 1:02}-01", {}
        for line in self.bill(with_system)["lines"]:
            if line["start"][:10] == start and line["code"].startswith("energy"):
                blocks[line["tier"]] = blocks.get(line["tier"], Decimal(0)) + Decimal(line["quantity"])
        filled = sorted(blocks)
        return blocks[filled[tier - 1]] if tier <= len(filled) else Decimal(0)

    def hour_sales(self, hour):
        """What an hour earns: the bill up to its end against the bill up to its beginning."""
        end = [Decimal(self.bill(True, f"{YEAR}-01-01T{h:02}:00:00Z")["total"]) for h in (hour, hour + 1)]
        return end[0] - end[1]

    def status(self):
        try:
            self.bill(False)
        except Refused:
            return "error"
        return "ok"

    def invariant(self):
        worst = Decimal(0)
        for bill in (self.bill(False), self.bill(True)):
            parts = sum((Decimal(line["amount"]) for line in bill["lines"]), Decimal(0))
            months = sum((Decimal(c["total"]) for c in bill["cycles"]), Decimal(0))
            worst = max(worst, abs(parts - Decimal(bill["total"])), abs(months - Decimal(bill["total"])))
        return worst


CREDIT = ("credit", "true_up")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHLY = {"utility_bill": (), "fixed": ("fixed", "fixed_monthly"), "minimum": ("minimum", "minimum_yearly"), "dc_fixed": ("demand_flat",),
           "dc_tou": ("demand",)}


def computed(run, quantity):
    """The function that gives an output of SSC, or None where it needs what is not here (later years)."""
    month_names = {"credit_month": int(run.inputs.get("ur_nm_credit_month", 11)), "length": 12}
    index = quantity
    for name, value in month_names.items():
        index = re.sub(rf"\b{name}\b", str(value), index)
    index = re.sub(r"(\d+) ([+-]) (\d+)", lambda m: str(int(m[1]) + (int(m[3]) if m[2] == "+" else -int(m[3]))), index)
    if quantity == "run_status":
        return run.status
    if quantity == "invariant":
        return run.invariant
    if m := re.fullmatch(r"utility_bill_(wo|w)_sys(_year1|\[1\])", index):
        return lambda: run.total(m[1] == "w")
    if m := re.fullmatch(r"utility_bill_(wo|w)_sys_ym\.at\(1, (\d+)\)", index):
        return lambda: run.month(m[1] == "w", int(m[2]))
    if m := re.fullmatch(r"(?:year1_true_up_credits\[(\d+)\]|true_up_credits_ym\.at\(1, (\d+)\))", index):
        return lambda: -run.month(True, int(m[1] or m[2]), "true_up")
    if m := re.fullmatch(r"(?:year1_nm_dollars_applied\[(\d+)\]|nm_dollars_applied_ym\.at\(1, (\d+)\))", index):
        return lambda: -run.month(True, int(m[1] or m[2]), "credit", sign=-1)
    if m := re.fullmatch(r"(?:year1_net_billing_credits\[(\d+)\]|net_billing_credits_ym\.at\(1, (\d+)\))", index):
        month = int(m[1] or m[2])
        if run.inputs["ur_metering_option"] == 3:
            return lambda: -run.month(True, month, "credit", sign=-1)
        return lambda: -sum(run.month(True, month, f"sell{k}") for k in ("", "_2", "_3", "_4"))
    if m := re.fullmatch(r"two_meter_sales_ym\.at\(1, (\d+)\)", index):
        return lambda: -sum(run.month(True, int(m[1]), f"sell{k}") for k in ("", "_2", "_3", "_4"))
    if m := re.fullmatch(r"charge_(wo|w)_sys_minimum_ym\.at\(1, (\d+)\)", index):
        return lambda: run.month(m[1] == "w", int(m[2]), "minimum", "minimum_yearly")
    if m := re.fullmatch(r"charge_(wo|w)_sys_dc_(fixed|tou)_ym\.at\(1, (\d+)\)", index):
        return lambda: run.month(m[1] == "w", int(m[3]), "demand_flat" if m[2] == "fixed" else "demand")
    if m := re.fullmatch(r"billing_demand_(wo|w)_sys_ym\.at\(1, (\d+)\)", index):
        return lambda: Decimal(run.bill(m[1] == "w")["cycles"][int(m[2])]["demand"])
    if m := re.fullmatch(rf"energy_(wo|w)_sys_ec_({'|'.join(MONTHS)})_tp\.at\(1, (\d+)\)", index):
        return lambda: run.tier_energy(m[1] == "w", MONTHS.index(m[2]), int(m[3]))
    if m := re.fullmatch(r"elec_cost_(with|without)_system_year1", index):
        return lambda: run.total(m[1] == "with")
    if index == "savings_year1":
        return lambda: run.total(False) - run.total(True)
    if m := re.fullmatch(r"year1_monthly_(utility_bill|fixed|minimum|dc_fixed|dc_tou)_(?:charge_)?(w|wo|with|without)_sys(?:tem)?\[(\d+)\]", index):
        return lambda: run.month(m[2] in ("w", "with"), int(m[3]), *MONTHLY[m[1]])
    if m := re.fullmatch(r"year1_hourly_salespurchases_with_system\[(\d+)\]", index):
        return lambda: run.hour_sales(int(m[1]))
    return None


def ssc_checks(folder, case):
    run = Run(folder, case)
    fails = any(e["quantity"] == "run_status" and e["value"] == "error" for e in case["expected"])
    for e in case["expected"]:
        compute = computed(run, e["quantity"])
        if fails and e["quantity"] != "run_status":
            continue
        value = 0 if e["quantity"] == "invariant" else e["value"]
        yield e["quantity"], value, e.get("tol"), compute
