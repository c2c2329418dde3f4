"""Random tariffs and uses through `hubctl rate`, against an oracle that shares nothing with it: fractions, zoneinfo, no code of ours."""
import datetime
import os
import random
import zoneinfo
from decimal import Decimal
from fractions import Fraction

import pytest

from rated import Refused, rate

ZONES = ("Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC")
HOURS = datetime.timedelta(hours=1)
UTC = datetime.timezone.utc
CASES = int(os.environ.get("HUB_ORACLE_CASES", "60"))


def rounded(value, unit, mode):
    """A fraction to a multiple of the unit."""
    quotient = value / unit
    low = quotient.numerator // quotient.denominator
    rest = quotient - low
    up = {"floor": False, "ceiling": rest > 0, "down": value < 0 and rest > 0, "up": value > 0 and rest > 0,
          "half_up": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and value >= 0),
          "half_even": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and low % 2 == 1)}[mode]
    return (low + up) * unit


def number(value):
    """A decimal text; fractions here always have one."""
    text = format(Decimal(value.numerator) / Decimal(value.denominator), "f") if isinstance(value, Fraction) else str(value)
    assert Fraction(text) == value
    return text


class Case:
    def __init__(self, seed):
        r = self.random = random.Random(seed)
        self.zone = r.choice(ZONES)
        zone = zoneinfo.ZoneInfo(self.zone)
        year, month = r.choice((2023, 2024, 2026)), r.randrange(1, 13)
        self.start = datetime.datetime(year, month, 1, tzinfo=zone)
        self.end = datetime.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
        self.hours = int((self.end.astimezone(UTC) - self.start.astimezone(UTC)) / HOURS)
        self.spread()
        self.tariff()

    def spread(self):
        """An hour's use; sometimes nothing, sometimes so that the total falls exactly on a limit."""
        r = self.random
        self.limits = sorted(r.sample(range(5, 600), r.randrange(0, 4)))
        self.use = [Fraction(r.choice((0, r.randrange(2000))), 1000) for _ in range(self.hours)]
        if r.random() < 0.1:
            self.use = [Fraction(0)] * self.hours
        self.prior = Fraction(r.choice((0, 0, r.randrange(700))))
        if self.limits and r.random() < 0.4:
            want = Fraction(r.choice(self.limits)) - self.prior
            if want >= 0:
                self.use = [Fraction(0)] * self.hours
                for _ in range(3):
                    part = Fraction(r.randrange(int(want) + 1))
                    self.use[r.randrange(self.hours)] += part
                    want -= part
                self.use[-1] += max(want, Fraction(0))

    def price(self):
        return Fraction(self.random.randrange(1, 20000), 10000)

    def tariff(self):
        r = self.random
        self.switch = sorted(r.sample(range(24), 2))
        self.weekend = r.random() < 0.5
        self.volume = bool(self.limits) and r.random() < 0.3
        self.periods = r.random() < 0.6 and not self.volume
        self.prices = [[self.price() for _ in range(2)] for _ in range(len(self.limits) + 1)]
        self.fixed, self.per = Fraction(r.randrange(0, 3000), 100), r.choice(("month", "day"))
        self.tax, self.off = Fraction(r.randrange(0, 20), 100), Fraction(r.randrange(0, 10), 100)
        self.minimum = Fraction(r.choice((0, r.randrange(50000))), 100)
        self.maximum = Fraction(r.choice((0, 60000 + r.randrange(50000))), 100)
        self.line = r.choice((None, (Fraction(1, 100), r.choice(("half_up", "half_even", "floor", "up", "down", "ceiling")))))
        self.sum = r.choice((None, (Fraction(r.choice((1, 5, 10, 100)), 100), r.choice(("half_up", "half_even", "floor", "down")))))
        self.demand, self.window = Fraction(r.choice((0, r.randrange(1, 4000))), 100), r.choice((60, 120))
        self.ratchet = r.choice((None, r.randrange(10, 120)))
        self.peak = Fraction(r.randrange(1, 60), 10)
        self.contract = r.choice((None, Fraction(r.randrange(1, 40), 10)))

    def period(self, at):
        local = at.astimezone(zoneinfo.ZoneInfo(self.zone))
        if self.weekend and local.weekday() >= 5:
            return 1
        return 0 if self.switch[0] <= local.hour < self.switch[1] else 1

    def documents(self):
        rules = [{"days": ["weekday"] if self.weekend else ["all"], "from": f"{self.switch[0]:02}:00", "to": f"{self.switch[1]:02}:00", "period": "a"}]
        blocks = []
        for i, pair in enumerate(self.prices):
            block = {"prices": {"a": number(pair[0]), "b": number(pair[1])}} if self.periods else {"price": number(pair[0])}
            blocks.append({**block, **({"upto": str(self.limits[i])} if i < len(self.limits) else {})})
        energy = {"code": "energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh",
                  "ladder": {"mode": "volume" if self.volume else "graduated", "period": {"months": 12}, "blocks": blocks}}
        charges = [energy, {"code": "fixed", "kind": "fixed", "amount": number(self.fixed), "per": self.per}]
        if self.demand:
            charge = {"code": "demand", "kind": "demand", "quantity": "active_energy_import", "unit": "kW", "window": self.window,
                      "price": number(self.demand)}
            charge |= {"ratchet": {"months": 11, "percent": str(self.ratchet)}} if self.ratchet else {}
            charge |= {"contract": "kw", "over": "1.05", "over_times": "2"} if self.contract else {}
            charges.append(charge)
        charges.append({"code": "off", "kind": "percent", "rate": number(-self.off), "base": ["energy"]})
        charges.append({"code": "tax", "kind": "percent", "rate": number(self.tax), "base": "all"})
        if self.minimum:
            charges.append({"code": "minimum", "kind": "minimum", "amount": number(self.minimum)})
        if self.maximum:
            charges.append({"code": "maximum", "kind": "maximum", "amount": number(self.maximum)})
        rounding = {name: {"unit": number(rule[0]), "mode": rule[1]} for name, rule in (("line", self.line), ("total", self.sum)) if rule}
        tariff = {"tariff": "random", "currency": "CNY", "zone": self.zone, "cycle": {"months": 1}, "charges": charges,
                  "calendar": {"periods": ["a", "b"], "default": "b", "rules": rules}, "rounding": rounding}
        facts = {"prior_usage": number(self.prior), "peaks": [{"at": (self.start - 60 * 24 * HOURS).date().isoformat(), "value": number(self.peak)}]}
        if self.contract:
            facts["kw"] = {"value": number(self.contract), "unit": "kW"}
        usage = {"zone": self.zone, "start": self.start.isoformat(), "end": self.end.isoformat(), "facts": facts,
                 "series": [{"quantity": "active_energy_import", "unit": "kWh", "start": self.start.isoformat(), "step": 3600,
                             "values": [number(v) for v in self.use]}]}
        return tariff, usage

    # --- the answer, by the definition of each charge -----------------------------------------------------------------

    def blocks(self, total):
        """(block, use in it)"""
        edges = [Fraction(0), *map(Fraction, self.limits), None]
        low, high = self.prior, self.prior + total
        for i, upto in enumerate(edges[1:]):
            lower, upper = max(low, edges[i]), high if upto is None else min(high, upto)
            if upper > lower:
                yield i, upper - lower

    def energy(self):
        """Amounts of lines."""
        total = sum(self.use)
        by = [Fraction(0), Fraction(0)]
        for i, value in enumerate(self.use):  # by halves: on Lord Howe the clock moves by half an hour, and an edge cuts an hour
            for half in (0, 1):
                by[self.period(self.start.astimezone(UTC) + (2 * i + half) * HOURS / 2)] += value / 2
        if self.volume:
            reached = self.prior + total
            block = next((i for i, limit in enumerate(self.limits) if reached <= limit), len(self.limits))
            return [total * self.prices[block][0]]
        lines = []
        for i, part in self.blocks(total):
            lines += [part * by[p] / total * self.prices[i][p] for p in (0, 1)] if self.periods else [part * self.prices[i][0]]
        return lines

    def power(self):
        if not self.demand:
            return []
        n = self.window // 60
        actual = max(sum(self.use[i:i + n]) / n for i in range(0, self.hours, n))
        billed = max(actual, self.peak * (self.ratchet or 0) / 100)
        allowed = self.contract * Fraction("1.05") if self.contract else billed
        return [min(billed, allowed) * self.demand, max(billed - allowed, Fraction(0)) * self.demand * 2]

    def answer(self):
        once = (lambda x: rounded(x, *self.line)) if self.line else lambda x: x
        days = (self.end.date() - self.start.date()).days
        energy = sum(map(once, self.energy()))
        total = energy + once(self.fixed * (days if self.per == "day" else 1)) + sum(map(once, self.power()))
        total += once(-self.off * energy)
        total += once(self.tax * total)
        if self.minimum and total < self.minimum:
            total += once(self.minimum - total)
        if self.maximum and total > self.maximum:
            total += once(self.maximum - total)
        return rounded(total, *self.sum) if self.sum else total


@pytest.mark.parametrize("seed", range(CASES))
def test_a_random_tariff_comes_to_what_its_definition_says(seed):
    case = Case(seed)
    tariff, usage = case.documents()
    try:
        bill = rate(tariff, usage)
    except Refused as refused:
        pytest.fail(f"seed {seed}: {refused}")
    got, wanted = Fraction(bill["total"]), case.answer()
    # A share of a period may be a number without end; its amount is then cut at no less than nine digits.
    assert abs(got - wanted) <= Fraction(1, 10 ** 8), f"seed {seed}: {float(got)}, not {float(wanted)}\n{tariff}\n{bill['lines']}"
    assert sum(Fraction(line["amount"]) for line in bill["lines"]) == got
