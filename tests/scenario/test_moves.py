"""Meters are exchanged, suppliers and tariffs change, people move: from readings to posted bills, nothing lost between."""
import json

import pytest

from hub import Hub, directory
from test_bills import lines

YEARLY = {"tariff": "gas/home", "currency": "CNY", "zone": "Asia/Shanghai", "charges": [
    {"code": "gas", "kind": "usage", "quantity": "gas_volume", "unit": "m3", "ladder": {
        "period": {"months": 12}, "blocks": [{"upto": "100", "price": "2"}, {"upto": "150", "price": "3"}, {"price": "4"}]}}]}
FLAT = {"tariff": "rival/home", "currency": "CNY", "zone": "Asia/Shanghai", "charges": [
    {"code": "gas", "kind": "usage", "quantity": "gas_volume", "unit": "m3", "price": "2.5"}]}


def standings(hub, party, meter, rows):
    """Register standings (local date or time, value)."""
    path = hub.data.parent / f"{meter}.csv"
    path.write_text("meter,time,value\n" + "".join(f"{meter},{at if 'T' in at else at + 'T00:00:00'}+08:00,{value}\n" for at, value in rows))
    path.chmod(0o644)
    hub.ctl("import", "--adapter", "csv", "--party", party, "--option", "meter_column=meter", "--option", "time_column=time",
            "--option", "kind=register", "--option", "value_column=value", "--option", "quantity=gas_volume", "--option", "unit=m3", path)


def local(date):
    return date + ("" if "T" in date else "T00:00:00") + "+08:00"


@pytest.fixture(scope="module")
def town():
    with directory() as place:
        hub = Hub(place / "data")
        try:
            hub.up()
            for party in ("gas", "rival"):
                hub.ctl("party", "add", party, "--kind", "utility", "--role", "gas")
            for tariff in (YEARLY, FLAT):
                path = hub.data.parent / "tariff.json"
                path.write_text(json.dumps(tariff))
                hub.ctl("tariff", "add", path)
            yield hub
        finally:
            hub.end()


def home(hub, code):
    """A point with a meter, and who lives there."""
    hub.ctl("point", "add", f"{code}/g", "--commodity", "gas", "--supplier", "gas")
    hub.ctl("point", "bind", f"{code}/g", "--party", "gas", "--meter", f"A{code}", "--from", local("2025-12-01"))
    hub.ctl("account", "add", code)
    hub.ctl("account", "supply", code, "--point", f"{code}/g", "--party", "gas", "--tariff", "gas/home", "--from", local("2026-01-01"))


def run(hub, account, cycle):
    return lines(hub.run("bill", "run", "--cycle", cycle, "--accept", "--account", account).stdout)[-1]


def parts(hub, account, cycle):
    return hub.json("bill", "show", account, "--cycle", cycle)["parts"]


def money(hub, account):
    shown = hub.json("account", "show", account)
    return shown["credit"], shown["owes"]


def test_a_meter_exchange_in_the_middle_of_a_cycle(town):
    """Use of both meters is one sum on one ladder, and the money in the old meter pays the bill."""
    hub = town
    home(hub, "x")
    standings(hub, "gas", "Ax", [("2026-01-01", 1000), ("2026-02-01", 1090), ("2026-02-10", 1104)])
    # The new meter counts tenths: multiplier 0.1. The old went with 1106 on its dial and 23.50 yuan in it.
    hub.ctl("point", "bind", "x/g", "--party", "gas", "--meter", "Bx", "--from", local("2026-02-11T10:00:00"), "--exchange",
            "--end", "gas_volume=1106", "--start", "gas_volume=50", "--multiplier", "0.1", "--balance", "23.50")
    standings(hub, "gas", "Bx", [("2026-02-20", 250), ("2026-03-01", 400)])
    assert money(hub, "x") == (2350, {})
    run(hub, "x", "2026-01")
    assert parts(hub, "x", "2026-01")[0]["amount"] == 90 * 200
    assert money(hub, "x") == (0, {"gas": 90 * 200 - 2350})
    assert run(hub, "x", "2026-02")["posted"] == 1
    # February: 16 m³ by the old meter, 35 by the new; 90 were used before, so 10 at 2 and 41 at 3
    part = parts(hub, "x", "2026-02")[0]
    assert part["quantity"] == "51" and part["amount"] == 10 * 200 + 41 * 300
    assert [(line["quantity"], line["price"]) for line in part["rated"]["lines"]] == [("10", "2"), ("41", "3")]
    refused = hub.run("point", "bind", "x/g", "--party", "gas", "--meter", "Cx", "--from", local("2026-03-05"), "--exchange", "--balance", "0")
    assert refused.returncode and "carry.amount" in refused.stderr
    assert hub.sql("select count(*) from installation i join point p on p.id = i.point where p.code = 'x/g'") == [(2,)]


def test_supplier_and_tariff_change_within_a_cycle(town):
    """Each supplier bills its own days; a tariff of the same supplier goes on where the ladder stood."""
    hub = town
    home(hub, "s")
    standings(hub, "gas", "As", [("2026-01-01", 0), ("2026-01-16", 60), ("2026-02-01", 120), ("2026-02-11T12:00:00", 150), ("2026-03-01", 180)])
    other = json.loads(json.dumps(YEARLY).replace("gas/home", "gas/green").replace('"3"', '"3.5"'))
    path = hub.data.parent / "green.json"
    path.write_text(json.dumps(other))
    hub.ctl("tariff", "add", path)
    hub.ctl("account", "supply", "s", "--point", "s/g", "--party", "gas", "--tariff", "gas/green", "--from", local("2026-01-16"))
    hub.ctl("account", "supply", "s", "--point", "s/g", "--party", "rival", "--tariff", "rival/home", "--from", local("2026-02-11T12:00:00"))
    run(hub, "s", "2026-01")
    first, second = parts(hub, "s", "2026-01")
    assert (first["amount"], second["amount"]) == (60 * 200, 40 * 200 + 20 * 350)
    run(hub, "s", "2026-02")
    first, second = parts(hub, "s", "2026-02")
    # The supplier changed at noon: 30 m³ before and 30 after
    assert (first["party"], first["quantity"], first["amount"]) == ("gas", "30", 30 * 350)
    assert (second["party"], second["quantity"], second["amount"]) == ("rival", "30", 30 * 250)
    assert money(hub, "s") == (0, {"gas": 27000 + 30 * 350, "rival": 30 * 250})


@pytest.mark.thorough
def test_moving_out_and_in_with_the_balance_carried_over(town):
    """The one who leaves pays to the day, the one who comes begins the ladder; what was paid ahead goes along."""
    hub = town
    home(hub, "old")
    hub.ctl("account", "add", "new")
    standings(hub, "gas", "Aold", [("2026-01-01", 0), ("2026-02-01", 140), ("2026-02-15", 150)])
    clash = hub.run("account", "supply", "new", "--point", "old/g", "--party", "gas", "--tariff", "gas/home", "--from", local("2026-02-15"))
    assert clash.returncode == 1 and "contract.overlap" in clash.stderr
    hub.ctl("account", "leave", "old", "--at", local("2026-02-15"))
    hub.ctl("account", "supply", "new", "--point", "old/g", "--party", "gas", "--tariff", "gas/home", "--from", local("2026-02-15"))
    # The prepaid meter went too; who lived there until then gets the money in it.
    hub.ctl("point", "bind", "old/g", "--party", "gas", "--meter", "Bold", "--from", local("2026-02-15"), "--exchange",
            "--end", "gas_volume=150", "--start", "gas_volume=7", "--balance", "1000")
    standings(hub, "gas", "Bold", [("2026-03-01", 107), ("2026-04-01", 117)])
    for account, cycle in (("old", "2026-01"), ("old", "2026-02"), ("new", "2026-02")):
        made = hub.run("bill", "run", "--cycle", cycle, "--accept", "--account", account)
        assert lines(made.stdout)[-1]["posted"] == 1, (account, cycle, made.stdout)
    assert parts(hub, "old", "2026-02")[0]["amount"] == 10 * 300
    assert parts(hub, "new", "2026-02")[0]["amount"] == 100 * 200
    left = 100000 - (100 * 200 + 40 * 300) - 10 * 300
    assert money(hub, "old") == (left, {"gas": 0})
    assert hub.json("account", "carry", "old", "--to", "new", "--key", "move-1")["carried"] == left
    assert hub.json("account", "carry", "old", "--to", "new", "--key", "move-1")["carried"] == 0
    assert money(hub, "new") == (left, {"gas": 20000})
    run(hub, "new", "2026-03")
    assert money(hub, "new") == (left - 20000 - 10 * 300, {"gas": 0})
    assert run(hub, "old", "2026-03")["without"] == 1
    for row in lines(hub.ctl("ledger", "reconcile")):
        assert row["agrees"]
    hub.json("ledger", "verify")
