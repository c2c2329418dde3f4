"""From files and contracts to posted unified bills, on the command line of a running hub."""
import datetime
import json

TARIFF = {"tariff": "grid/home", "currency": "CNY", "zone": "Asia/Shanghai",
          "calendar": {"periods": ["peak", "valley"], "rules": [
              {"from": "08:00", "to": "22:00", "period": "peak"}, {"from": "22:00", "to": "08:00", "period": "valley"}]},
          "charges": [{"code": "energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh",
                       "prices": {"peak": "0.6", "valley": "0.3"}}]}
MONTH = datetime.datetime(2026, 10, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))


def readings(path, meters):
    """An hour of 1 kWh each through October, local time."""
    rows = ["meter,start,value"]
    for meter in meters:
        for hour in range(31 * 24):
            rows.append(f"{meter},{(MONTH + datetime.timedelta(hours=hour)).isoformat()},1")
    path.write_text("\n".join(rows) + "\n")
    path.chmod(0o644)


def household(hub, code):
    hub.ctl("point", "add", f"{code}/e", "--commodity", "electricity", "--interval", "3600")
    hub.ctl("point", "add", f"{code}/g", "--commodity", "gas")
    hub.ctl("point", "bind", f"{code}/e", "--party", "grid", "--meter", f"M{code}")
    hub.ctl("account", "add", code, "--name-zh", "住户")
    hub.ctl("account", "supply", code, "--point", f"{code}/e", "--party", "grid", "--tariff", "grid/home", "--from", "2026-01-01")
    hub.ctl("account", "supply", code, "--point", f"{code}/g", "--party", "gas", "--from", "2026-01-01")


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_cycle_from_files_to_posted_bills(hub):
    place = hub.data.parent
    hub.ctl("party", "add", "grid")
    hub.ctl("party", "add", "gas")
    (place / "tariff.json").write_text(json.dumps(TARIFF))
    assert "stored" in hub.ctl("tariff", "add", place / "tariff.json")
    assert "unchanged" in hub.ctl("tariff", "add", place / "tariff.json")
    changed = json.loads(json.dumps(TARIFF).replace("0.6", "0.7"))
    (place / "tariff2.json").write_text(json.dumps(changed))
    refused = hub.run("tariff", "add", place / "tariff2.json")
    assert refused.returncode == 1 and "tariff.version" in refused.stderr
    for code in ("h1", "h2"):
        household(hub, code)
    readings(place / "october.csv", ["Mh1", "Mh2"])
    hub.ctl("import", "--adapter", "csv", "--party", "grid", "--option", "meter_column=meter", "--option", "time_column=start",
            "--option", "stamp=start", "--option", "interval=60", "--option", "value_column=value", place / "october.csv")
    (place / "gas.csv").write_text("account,cycle,point,amount,start,end,quantity,unit,reference\n"
                                   "h1,2026-10,h1/g,31.50,2026-10-01,2026-11-01,12.5,m3,G1\n"
                                   "h9,2026-10,h1/g,31.50,2026-10-01,2026-11-01,12.5,m3,G2\n"
                                   "h2,2026-10,h2/g,31.505,2026-10-01,2026-11-01,12.5,m3,G3\n")
    imported = hub.run("bill", "import", "--party", "gas", place / "gas.csv")
    assert imported.stdout == "1 bills taken, 2 rows refused\n"
    assert ":3: account" in imported.stderr and ":4: amount" in imported.stderr

    preview = lines(hub.run("bill", "run", "--cycle", "2026-10", "--preview").stdout)
    assert (preview[-1]["posted"], preview[-1]["held"]) == (1, 1)
    assert preview[0]["account"] == "h2" and preview[0]["flags"] == ["missing", "imported"]
    run = hub.run("bill", "run", "--cycle", "2026-10")
    # 31 days of 14 peak hours at 0.6 and 10 valley hours at 0.3, and the gas
    expected = 31 * (14 * 60 + 10 * 30) + 3150
    assert run.returncode == 2 and lines(run.stdout)[-1]["total"] == expected
    again = lines(hub.run("bill", "run", "--cycle", "2026-10").stdout)[-1]
    assert (again["posted"], again["there"], again["held"]) == (0, 1, 1)

    bill = hub.json("bill", "show", "h1", "--cycle", "2026-10")
    assert bill["total"] == expected == sum(part["amount"] for part in bill["parts"])
    assert bill["due"] == "2026-11-15T16:00:00Z"
    power = bill["parts"][0]
    assert power["rated"]["total"] == f"{power['amount'] / 100:.1f}"
    assert {line["price"] for line in power["rated"]["lines"]} == {"0.6", "0.3"}
    account = hub.json("account", "show", "h1")
    assert account["owes"] == {"grid": expected - 3150, "gas": 3150}
    assert len(account["contracts"]) == 2

    before = hub.json("ledger", "verify")
    hub.ctl("bill", "cancel", "h1", "--cycle", "2026-10")
    assert hub.json("account", "show", "h1")["owes"] == {"grid": 0, "gas": 0}
    hub.run("bill", "run", "--cycle", "2026-10")
    anew = hub.json("bill", "show", "h1", "--cycle", "2026-10")
    assert anew["revision"] == 1 and [change["difference"] for change in anew["changes"]] == [0, 0]
    after = hub.json("ledger", "verify")
    assert after["entries"] == before["entries"] + 2 and after["digest"] != before["digest"]
