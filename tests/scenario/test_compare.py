"""The neighbour comparison: from a city's readings to what each home is told, against an oracle that asks every home about every other."""
import datetime
import decimal
import json
import math
import random

import pytest

from bill_city import POWER, write
from hub import Hub, directory

EAST = datetime.timezone(datetime.timedelta(hours=8))
DAYS = 31
KINDS = {"electricity": ("e", "active_energy_import", "kWh"), "water": ("w", "water_volume", "m3")}
D = decimal.Decimal


class Home:
    def __init__(self, i, rnd):
        self.code = f"h{i:03}"
        self.dwelling = rnd.choice(["flat", "flat", "detached"])
        self.heating = rnd.choice(["central", "central", "gas"])
        self.area = rnd.randrange(7000, 11000)
        self.occupants = rnd.randrange(1, 5)
        self.occupied = rnd.randrange(15) != 0
        self.lon, self.lat = 1201000000 + rnd.randrange(300) * 1000, 302000000 + rnd.randrange(300) * 1000
        self.known = rnd.randrange(20) != 0  # its heating stands in the registry
        self.days = {"electricity": DAYS, "water": rnd.choice([DAYS, DAYS, 20, 5])}
        self.day = {c: [rnd.randrange(100, 1500) for _ in range(DAYS)] for c in KINDS}  # hundredths
        self.out = False

    def premise(self):
        heating = self.heating if self.known else ""
        return (f"{self.code},home,est,{self.area // 100}.{self.area % 100:02},{self.dwelling},{heating},{self.occupants},"
                f"{'yes' if self.occupied else 'no'},{D(self.lon).scaleb(-7)},{D(self.lat).scaleb(-7)}")

    def counts(self):
        return self.known and self.occupied and not self.out

    def use(self, commodity):
        """Of ten days or more, a day and square metre, × 10^9."""
        days = self.days[commodity]
        if days < 10:
            return None
        total = D(sum(self.day[commodity][:days])) / 100
        return int((total / days / (D(self.area) / 100)).scaleb(9).quantize(D(1), decimal.ROUND_HALF_UP))

    def spot(self):
        return (round(self.lon * 1e-7 * 111320 * math.cos(math.radians(30))), round(self.lat * 1e-7 * 110574))


def peers(homes, me, commodity):
    near = []
    for order, other in enumerate(homes):
        alike = (other.dwelling, other.heating) == (me.dwelling, me.heating)
        if other is me or not alike or not other.counts() or abs(other.area - me.area) * 100 > 15 * me.area or other.use(commodity) is None:
            continue
        (x, y), (a, b) = me.spot(), other.spot()
        near.append(((x - a) ** 2 + (y - b) ** 2, order, other))
    near = [other for _, _, other in sorted(near)[:100]]
    return near if len(near) >= 20 else None


def answer(homes, me, commodity):
    """The exact figures, or the reason."""
    if not me.counts():
        return "out" if me.out else "vacant" if me.known else "attributes"
    if me.use(commodity) is None:
        return "use"
    near = peers(homes, me, commodity)
    if not near:
        return "peers"
    uses, mine = sorted(other.use(commodity) for other in near), me.use(commodity)
    n = len(uses)
    median = uses[n // 2] if n % 2 else (uses[n // 2 - 1] + uses[n // 2]) // 2
    return {"peers": n, "rank": 1 + sum(u < mine for u in uses), "own": mine, "median": median, "efficient": uses[(n + 4) // 5 - 1]}


def build(hub, homes, start=datetime.datetime(2026, 10, 1, tzinfo=EAST)):
    place = hub.data.parent
    hub.ctl("party", "add", "grid", "--kind", "grid", "--role", "grid")
    hub.ctl("party", "add", "water", "--kind", "utility", "--role", "water")
    parties, points, devices = ["code,kind,roles"], ["code,commodity,premise,interval,occupant,supplier"], ["party,meter,point,valid_from"]
    premises = ["code,kind,parent,area,dwelling,heating,occupants,occupied,lon,lat", "est,estate,,,,,,,,"]
    rows = {c: ["meter,start,value"] for c in KINDS}
    for home in homes:
        parties.append(f"{home.code},household,resident")
        premises.append(home.premise())
        for commodity, (letter, *_) in KINDS.items():
            party = "grid" if letter == "e" else "water"
            points.append(f"{home.code}/{letter},{commodity},{home.code},86400,{home.code},{party}")
            devices.append(f"{party},{letter.upper()}{home.code},{home.code}/{letter},2026-01-01T00:00:00Z")
            for d in range(home.days[commodity]):
                at = (start + datetime.timedelta(days=d)).isoformat()
                rows[commodity].append(f"{letter.upper()}{home.code},{at},{D(home.day[commodity][d]).scaleb(-2)}")
    for kind, lines in (("parties", parties), ("premises", premises), ("points", points), ("devices", devices)):
        write(place / f"{kind}.csv", lines)
        hub.ctl("load", kind, place / f"{kind}.csv")
    for commodity, lines in rows.items():
        letter, quantity, unit = KINDS[commodity]
        write(place / f"{commodity}.csv", lines)
        hub.ctl("import", "--adapter", "csv", "--party", "grid" if letter == "e" else "water", "--option", "meter_column=meter", "--option",
                "time_column=start", "--option", "stamp=start", "--option", "interval=1440", "--option", "value_column=value", "--option",
                f"quantity={quantity}", "--option", f"unit={unit}", place / f"{commodity}.csv")
    # Accounts and contracts as the commands make them, all at once, since starting hubctl for each takes the longest.
    hub.sql("insert into billing_account (code, kind, holder) select code, kind, id from party where kind = 'household' order by code")
    hub.sql("insert into contract (account, point, party, tariff, valid_from) select a.id, p.id, u.id, '', '2026-01-01' from billing_account a"
            " join point p on p.code like a.code || '/%' join party u on u.code = case p.commodity when 'water' then 'water' else 'grid' end")


@pytest.fixture(scope="module")
def city():
    rnd = random.Random(7)
    homes = [Home(i, rnd) for i in range(160)]
    with directory() as place:
        hub = Hub(place / "data")
        try:
            hub.up()
            build(hub, homes)
            homes[3].out = True
            hub.ctl("consent", "comparison", "h003/e", "out")
            yield hub, homes
        finally:
            hub.end()


def run(hub, *more):
    return json.loads(hub.ctl("compare", "run", "--cycle", "2026-10", "--per", "area", *more))


def documents(text):
    decoder, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        document, at = decoder.raw_decode(text, at)
        yield document
        at += 1


def shown(hub, home):
    return {c["commodity"]: c for c in hub.json("compare", "show", home.code)["comparisons"]}


def stored(hub):
    """By home and commodity: the reason, or the exact figures."""
    rows = hub.sql("select a.code, commodity, reason, peers, rank, own, median, efficient, c.round from comparison c"
                   " join billing_account a on a.id = c.account")
    return {(code, commodity): reason or dict(zip(("peers", "rank", "own", "median", "efficient", "round"), figures))
            for code, commodity, reason, *figures in rows}


def test_every_home_is_told_what_the_oracle_says(city):
    hub, homes = city
    first = run(hub)
    assert (first["homes"], first["round"]) == (len(homes), 1)
    wanted = [answer(homes, h, c) for h in homes for c in KINDS]
    assert first["answers"] == sum(isinstance(w, dict) for w in wanted) > 50
    assert {w for w in wanted if isinstance(w, str)} == {"out", "vacant", "attributes", "use", "peers"}
    again = run(hub)
    assert (again["answers"], again["there"], again["round"]) == (0, first["answers"], 1)
    found = stored(hub)
    for home in homes:
        for commodity in KINDS:
            want, got = answer(homes, home, commodity), found[home.code, commodity]
            assert got == (want if isinstance(want, str) else {**want, "round": 1}), (home.code, commodity, got, want)
    for home in homes[:6]:
        for commodity, got in shown(hub, home).items():
            want = answer(homes, home, commodity)
            if isinstance(want, str):
                assert got["reason"] == want and got["text_zh"]
                continue
            assert {k: int(D(got["normalised"][k]).scaleb(9)) for k in ("own", "median", "efficient")} == {k: want[k] for k in ("own", "median", "efficient")}
            assert D(got["own"]) == D(sum(home.day[commodity][:home.days[commodity]])) / 100
    told = hub.run("compare", "run", "--cycle", "2026-10")
    assert told.returncode != 0 and "compare.changed" in told.stderr


def test_a_resident_sees_its_own_alone_in_round_figures(city):
    hub, homes = city
    home = next(h for h in homes if isinstance(answer(homes, h, "electricity"), dict))
    tokens = {code: hub.ctl("party", "token", code).strip() for code in (home.code, homes[3].code, "grid")}
    status, told = hub.request("/v1/comparison?cycle=2026-10", tokens[home.code])
    assert status == 200 and told["divided_by"] == ["days", "area"] and told["home"]["dwelling"] == home.dwelling
    power, want = told["comparisons"][0], answer(homes, home, "electricity")
    for name in ("median", "efficient"):
        exact = D(want[name]).scaleb(-9) * DAYS * D(home.area) / 100
        assert power[name] == format(D(f"{exact:.1e}").normalize(), "f") or abs(D(power[name]) - exact) / exact <= D("0.05")
        assert len(power[name].replace(".", "").strip("0")) <= 2
    assert "normalised" not in power and power["best_fifth"] == (want["own"] <= want["efficient"])
    assert hub.request(f"/v1/comparison?account={home.code}", tokens["grid"])[0] == 404
    # and it stands on the bill, where the utility's part of it has none
    hub.sql("insert into bill (account, cycle, revision, state, currency, total, due, paid, body) select id, 202610, 0, 1, 156, 0, now(), '{}',"
            " '[]' from billing_account where code = %s", home.code)
    number = hub.sql("select id from billing_account where code = %s", home.code)[0][0]
    status, bill = hub.request(f"/v1/bills/{number}-202610-0", tokens[home.code])
    assert status == 200 and bill["comparisons"] == told["comparisons"], bill
    assert hub.request(f"/v1/comparison?account={home.code}", tokens[homes[3].code])[0] == 404
    status, told = hub.request("/v1/comparison", tokens[homes[3].code])
    assert status == 200 and told["reason"] == "out" and told["comparisons"] == []
    assert hub.request("/v1/comparison?cycle=2026-9", tokens[home.code])[0] == 400
    assert hub.request("/v1/comparison?cycle=2025-09", tokens[home.code])[0] == 404


def test_answers_are_frozen_and_can_be_followed(city):
    """Late readings make answers where there were none, and leave those that were given as they were."""
    hub, homes = city
    before = stored(hub)
    late = next(h for h in homes if answer(homes, h, "water") == "use" and h.days["water"] == 5)
    start = datetime.datetime(2026, 10, 6, tzinfo=EAST)
    place = hub.data.parent
    write(place / "late.csv", ["meter,start,value"] + [f"W{late.code},{(start + datetime.timedelta(days=d)).isoformat()},4.00" for d in range(26)])
    hub.ctl("import", "--adapter", "csv", "--party", "water", "--option", "meter_column=meter", "--option", "time_column=start", "--option",
            "stamp=start", "--option", "interval=1440", "--option", "value_column=value", "--option", "quantity=water_volume", "--option",
            "unit=m3", place / "late.csv")
    second = run(hub)
    assert second["round"] == 2
    late.days["water"] = DAYS
    late.day["water"] = late.day["water"][:5] + [400] * 26
    want = answer(homes, late, "water")
    after = stored(hub)
    assert after[late.code, "water"] == (want if isinstance(want, str) else {**want, "round": 2})
    assert all(after[key] == was for key, was in before.items() if isinstance(was, dict))
    sample = next(h for h in homes if h is not late and isinstance(answer(homes, h, "electricity"), dict))
    followed = list(documents(hub.ctl("compare", "show", sample.code, "--peers")))[1:]
    assert followed and all(f["same"] for f in followed)
    accounts = dict(hub.sql("select id, code from billing_account"))
    power = next(f for f in followed if f["commodity"] == "electricity")
    assert [accounts[p["account"]] for p in power["peers"]] == [h.code for h in peers(homes, sample, "electricity")]
    # whoever leaves counts no more in what is made afterwards, and sees nothing from then on
    hub.ctl("consent", "comparison", f"{sample.code}/e", "out")
    run(hub)
    assert hub.sql("select count(*) from comparison_home h join billing_account a on a.id = h.account where a.code = %s and parted is null",
                   sample.code)[0][0] == 0
    token = hub.ctl("party", "token", sample.code).strip()
    assert hub.request("/v1/comparison", token)[1]["comparisons"] == []


def hours(hub, home, start, days, power, water):
    """Hourly readings of a home: what an hour of the day came to."""
    place = hub.data.parent
    for letter, party, quantity, unit, amount in (("e", "grid", "active_energy_import", "kWh", power), ("w", "water", "water_volume", "m3", water)):
        rows = ["meter,start,value"] + [f"{letter.upper()}{home.code},{(start + datetime.timedelta(hours=h)).isoformat()},{amount(h % 24)}"
                                        for h in range(24 * days)]
        write(place / f"hours-{letter}.csv", rows)
        hub.ctl("import", "--adapter", "csv", "--party", party, "--option", "meter_column=meter", "--option", "time_column=start", "--option",
                "stamp=start", "--option", "interval=60", "--option", "value_column=value", "--option", f"quantity={quantity}", "--option",
                f"unit={unit}", place / f"hours-{letter}.csv")


def evening(h):
    return "0.8" if 18 <= h < 22 else "0.15"


@pytest.mark.thorough
def test_advice_comes_with_the_figures_of_the_home(city):
    """150 W that are always on, a cistern that drips four litres an hour, and peak use that is cheaper in the valley."""
    hub, homes = city
    home, other = homes[10], homes[11]
    flat = {**POWER, "tariff": "grid/flat", "charges": [{"code": "energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh",
                                                         "prices": {"peak": "0.6", "valley": "0.3"}}]}
    write(hub.data.parent / "flat.json", [json.dumps(flat)])
    hub.ctl("tariff", "add", hub.data.parent / "flat.json")
    hub.ctl("account", "supply", home.code, "--point", f"{home.code}/e", "--party", "grid", "--tariff", "grid/flat", "--from",
            "2026-10-31T16:00:00Z")
    hours(hub, home, datetime.datetime(2026, 11, 1, tzinfo=EAST), 10, evening, lambda h: "0.004" if h < 6 else "0.03")
    token = hub.ctl("party", "token", home.code).strip()
    status, told = hub.request("/v1/advice?at=2026-11-11T03:00:00Z", token)
    assert status == 200, told
    found = {one["kind"]: one for one in told["advice"]}
    load, flow, shift = found["always_on"], found["night_flow"], found["shift"]
    mean = (20 * 0.15 + 4 * 0.8) / 24
    assert (load["power"], load["days"], load["percent"], load["act"]) == ("0.15", 10, int(100 * 0.15 / mean), True)
    assert (load["month"], load["unit"]) == ("109.5", "kWh")
    assert (flow["nights"], flow["litres_an_hour"], flow["month"], flow["act"]) == (10, "4", "2.9", True)
    # 30 days of ten hours at 0.15 and four at 0.8 in the peak, a fifth of which moves to half the price
    assert (shift["from"], shift["to"], shift["saving"]) == ("peak", "valley", round(30 * (10 * 15 + 4 * 80) * 0.2 * 0.3))
    unknown = hub.json("compare", "advice", other.code, "--at", "2026-11-11T03:00:00Z")["advice"]
    assert {one["kind"] for one in unknown if one.get("unknown")} == {"always_on", "night_flow"} and len(unknown) == 2
    assert hub.request(f"/v1/advice?account={home.code}", hub.ctl("party", "token", other.code).strip())[0] == 404
