"""One home with everything a bill can show: power by time of use and tiers, water with parts, gas billed by its utility, charging."""
import datetime
import json

EAST = datetime.timezone(datetime.timedelta(hours=8))
POWER = {"tariff": "grid/home", "text": "居民阶梯分时 home, tiers and time of use", "currency": "CNY", "zone": "Asia/Shanghai",
         "calendar": {"periods": ["peak", "valley"], "rules": [
             {"from": "08:00", "to": "22:00", "period": "peak"}, {"from": "22:00", "to": "08:00", "period": "valley"}]},
         "charges": [{"code": "energy", "text": "电量电费 energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh",
                      "ladder": {"period": {"months": 12, "reset": "01-01"}, "blocks": [
                          {"upto": "400", "prices": {"peak": "0.5383", "valley": "0.3583"}},
                          {"upto": "600", "prices": {"peak": "0.5883", "valley": "0.4083"}},
                          {"prices": {"peak": "0.8383", "valley": "0.6583"}}]}},
                     {"code": "fund", "text": "水利基金 works fund", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh",
                      "price": "0.00196"}]}
WATER = {"tariff": "water/home", "text": "居民用水 home water", "currency": "CNY", "zone": "Asia/Shanghai",
         "charges": [{"code": "water", "text": "水费 water", "kind": "usage", "quantity": "water_volume", "unit": "m3", "price": "2.07"},
                     {"code": "sewage", "text": "污水处理费 sewage", "kind": "usage", "quantity": "water_volume", "unit": "m3", "price": "1.36"}]}
CHARGING = {"tariff": "pile/slow", "text": "慢充 slow charging", "currency": "CNY", "zone": "Asia/Shanghai",
            "charges": [{"code": "energy", "text": "充电电费 energy", "kind": "usage", "quantity": "active_energy_import", "unit": "kWh",
                         "price": "0.62"},
                        {"code": "service", "text": "充电服务费 service", "kind": "usage", "quantity": "active_energy_import",
                         "unit": "kWh", "price": "0.4"}]}


def power(hour, day, month):
    """kWh of an hour, in hundredths."""
    return 18 + (hour * 7 + day * 5) % 23 + (40 if 18 <= hour < 22 else 0) + (15 if month == 10 else 0)


def write(path, rows):
    path.write_text("\n".join(rows) + "\n")
    path.chmod(0o644)


def months():
    for year, month, days in ((2026, 9, 30), (2026, 10, 31)):
        for day in range(1, days + 1):
            yield month, datetime.datetime(year, month, day, tzinfo=EAST)


def take(hub, party, path, interval):
    hub.ctl("import", "--adapter", "csv", "--party", party, "--option", "meter_column=meter", "--option", "time_column=start",
            "--option", "stamp=start", "--option", f"interval={interval}", "--option", "value_column=value",
            "--option", "quantity=active_energy_import" if interval == 60 else "quantity=water_volume",
            "--option", "unit=kWh" if interval == 60 else "unit=m3", path)


def readings(hub, code):
    place = hub.data.parent
    electric, water, pile = ["meter,start,value"], ["meter,start,value"], ["meter,start,value"]
    for month, day in months():
        for hour in range(24):
            at = (day + datetime.timedelta(hours=hour)).isoformat()
            electric.append(f"M{code},{at},{power(hour, day.day, month) / 100:.2f}")
            if month == 10:
                pile.append(f"P{code},{at},{3.5 if day.day % 6 == 2 and hour < 5 else 0}")
        water.append(f"W{code},{day.isoformat()},{(30 + day.day * 13 % 29) / 100:.2f}")
    for name, party, rows, interval in (("e", "grid", electric, 60), ("w", "water", water, 1440), ("p", "pile", pile, 60)):
        write(place / f"{code}{name}.csv", rows)
        take(hub, party, place / f"{code}{name}.csv", interval)


def city(hub, code="h1", holder=None):
    """September and October of home `code` are posted; gives October's run."""
    place = hub.data.parent
    for party, zh, en, kind in (("grid", "城市电网公司", "City Grid Company", "grid"), ("water", "自来水公司", "Water Company", "utility"),
                                ("gas", "燃气集团", "Gas Group", "utility"), ("pile", "充电运营公司", "Charge Point Operator", "utility"),
                                ("pay", "支付平台", "Payment Platform", "service")):
        hub.ctl("party", "add", party, "--kind", kind, "--name-zh", zh, "--name-en", en)
    hub.ctl("party", "contact", "grid", "--phone", "95598", "--web", "https://power.example/help")
    hub.ctl("party", "contact", "water", "--phone", "96116")
    write(place / "paykey", ["a shared key of thirty-two bytes"])
    hub.ctl("payment", "provider", "pay", "--key", place / "paykey", "--url", "https://pay.example/scan")
    for tariff in (POWER, WATER, CHARGING):
        name = place / (tariff["tariff"].replace("/", "-") + ".json")
        write(name, [json.dumps(tariff)])
        hub.ctl("tariff", "add", name)
    hub.ctl("account", "add", code, "--name-zh", "李明", "--name-en", "Li Ming", *(["--holder", holder] if holder else []))
    who = ["--occupant", holder] if holder else []
    for letter, party, commodity, interval, tariff in (("e", "grid", "electricity", 3600, "grid/home"), ("w", "water", "water", 86400, "water/home"),
                                                      ("g", "gas", "gas", None, None), ("p", "pile", "ev", 3600, "pile/slow")):
        hub.ctl("point", "add", f"{code}/{letter}", "--commodity", commodity, *(["--interval", interval] if interval else []),
                "--supplier", party, *who)
        if letter != "g":
            hub.ctl("point", "bind", f"{code}/{letter}", "--party", party, "--meter", f"{dict(e='M', w='W', p='P')[letter]}{code}")
        begin = "2026-09-30T16:00:00Z" if letter == "p" else "2026-01-01"
        hub.ctl("account", "supply", code, "--point", f"{code}/{letter}", "--party", party, *(["--tariff", tariff] if tariff else []),
                "--from", begin)
    readings(hub, code)
    gas = ["account,cycle,point,amount,start,end,quantity,unit,reference"]
    for cycle, start, end, amount, quantity in (("2026-09", "2026-09-01", "2026-10-01", "41.04", "15.6"),
                                                ("2026-10", "2026-10-01", "2026-11-01", "57.24", "21.75")):
        gas.append(f"{code},{cycle},{code}/g,{amount},{start},{end},{quantity},m3,RQ-{cycle}")
    write(place / "gas.csv", gas)
    hub.ctl("bill", "import", "--party", "gas", place / "gas.csv")
    runs = [hub.run("bill", "run", "--cycle", cycle, "--accept") for cycle in ("2026-09", "2026-10")]
    return json.loads(runs[-1].stdout.splitlines()[-1]), runs
