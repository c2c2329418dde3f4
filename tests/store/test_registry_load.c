#include "fixture.h"

#include "registry/load.h"
#include "store/epoch.h"
#include "store/party.h"
#include "store/premise.h"

static load_result result;

static hub_status load_text(load_kind kind, const char *text, bool update)
{
	fault = (hub_fault){ 0 };
	return registry_load(db, kind, text, strlen(text), update, &mem, &result, &fault);
}

static void counts(size_t loaded, size_t unchanged, size_t refused)
{
	for (size_t i = 0; i < result.fault_count && result.fault_count != refused; i++)
		print_error("line %zu: %s %s %s\n", result.faults[i].line, result.faults[i].fault.code,
			    result.faults[i].fault.field, result.faults[i].fault.message);
	assert_int_equal(result.loaded, loaded);
	assert_int_equal(result.unchanged, unchanged);
	assert_int_equal(result.fault_count, refused);
	assert_int_equal(result.rows, loaded + unchanged + refused);
}

static void told(size_t i, size_t line, const char *code, const char *field)
{
	assert_int_equal(result.faults[i].line, line);
	assert_string_equal(result.faults[i].fault.code, code);
	assert_string_equal(result.faults[i].fault.field, field);
	assert_true(strlen(result.faults[i].fault.message) > 10);
}

static const char parties[] = "code,name_zh,kind,roles\ngrid,电网公司,grid,billing;reader\nhome,张三,household,\n";
static const char premises[] = "code,parent,kind,area\ncity,,city,\nhouse,city,building,1200.5\n1-101,house,home,89\n";
static const char homes[] = "code,parent,kind,area,dwelling,heating,occupants,occupied,lon,lat\n"
			    "1-102,house,home,71.5,flat,central,3,no,120.15,30.25\n"
			    "1-103,house,home,71.5,flat,central,3,yes,190,30.25\n"
			    "1-104,house,home,71.5,flat,central,3,yes,120.15,\n"
			    "1-105,house,home,71.5,flat,central,1000,yes,,\n";
static const char points[] = "code,commodity,premise,interval,owner,operator,protected\n"
			     "E1,electricity,1-101,900,home,grid,yes\nW1,water,1-101,,home,,no\n";
static const char devices[] = "party,meter,multiplier,modulus,point,valid_from,registers\n"
			      "grid,000123,1.5,1000000,E1,2026-01-01T00:00:00+08:00,active_energy_import=12.5\n";

static void load_city(void)
{
	OK(load_text(LOAD_PARTIES, parties, false));
	counts(2, 0, 0);
	OK(load_text(LOAD_PREMISES, premises, false));
	counts(3, 0, 0);
	OK(load_text(LOAD_POINTS, points, false));
	counts(2, 0, 0);
	OK(load_text(LOAD_DEVICES, devices, false));
	counts(1, 0, 0);
}

static void a_city_is_loaded_once_and_again(void **state)
{
	(void)state;
	int64_t before, after;
	load_city();
	OK(epoch_get(db, "point", &before));
	OK(load_text(LOAD_PARTIES, parties, false));
	counts(0, 2, 0);
	OK(load_text(LOAD_PREMISES, premises, false));
	counts(0, 3, 0);
	OK(load_text(LOAD_POINTS, points, false));
	counts(0, 2, 0);
	OK(load_text(LOAD_DEVICES, devices, false));
	counts(0, 1, 0);
	OK(epoch_get(db, "point", &after));
	assert_int_equal(after, before);
	party grid;
	const char *meter = "000123";
	point_binding *b;
	size_t n;
	OK(party_by_code(db, "grid", &mem, &grid));
	OK(point_bindings(db, grid.id, &meter, 1, &mem, &b, &n));
	assert_int_equal(n, 1);
	assert_string_equal(b[0].point.code, "E1");
	assert_true(b[0].multiplier.digits == 15 && b[0].multiplier.scale == 1 && b[0].point.protected);
}

static void each_wrong_row_is_told_and_its_neighbours_are_loaded(void **state)
{
	(void)state;
	load_city();
	OK(load_text(LOAD_PARTIES, "code,kind\nfine-1,grid\nBad Code,grid\nodd,pirate\n,grid\nshort\nfine-2,grid\n", false));
	counts(2, 0, 4);
	told(0, 3, "party.code", "code");
	told(1, 4, "party.kind", "kind");
	told(2, 5, "load.missing", "code");
	told(3, 6, "load.cells", "");
	OK(load_text(LOAD_POINTS,
		     "code,commodity,premise,zone,owner,interval,power,valid_from\n"
		     "A1,steam,,,,,,\nA2,gas,nowhere,,,,,\nA3,gas,,Mars/Base,,,,\nA4,gas,,,nobody,,,\nA5,gas,,,,1.5,,\n"
		     "A6,gas,,,,,ten,\nA7,gas,,,,,,yesterday\nA8,gas,,,,,,\n\"A\"9,gas,,,,,,\nE1,gas,,,,,,\n", false));
	counts(1, 0, 9);
	static const char *const codes[] = { "point.commodity", "load.premise", "point.zone", "load.party", "load.number",
					     "load.number", "load.time", "load.quote", "point.commodity" };
	for (size_t i = 0; i < 9; i++)
		assert_string_equal(result.faults[i].fault.code, codes[i]);
	OK(load_text(LOAD_DEVICES,
		     "party,meter,multiplier,point,valid_from,registers\ngrid,7,0,,,\ngrid,8,1,E9,,\ngrid,9,1,W1,,\n"
		     "grid,10,1,E1,2026-02-01T00:00:00Z,\ngrid,11,1,W1,2026-02-01T00:00:00Z,volume\n", false));
	counts(0, 0, 5);
	told(0, 2, "device.multiplier", "multiplier");
	told(1, 3, "load.point", "point");
	told(2, 4, "installation.from", "valid_from");
	told(3, 5, "installation.overlap", "valid_from");
	told(4, 6, "load.register", "registers");
	device *list;
	size_t n;
	OK(device_list(db, 0, 10, &mem, &list, &n));
	assert_int_equal(n, 1); /* a refused row leaves no half of itself */
}

static void what_makes_homes_alike_is_loaded_and_checked(void **state)
{
	(void)state;
	premise p;
	load_city();
	OK(load_text(LOAD_PREMISES, homes, false));
	counts(1, 0, 3);
	told(0, 3, "premise.place", "lon");
	told(1, 4, "premise.place", "lat");
	told(2, 5, "premise.occupants", "occupants");
	OK(premise_by_code(db, "1-102", &mem, &p));
	assert_string_equal(p.dwelling, "flat");
	assert_string_equal(p.heating, "central");
	assert_int_equal(p.occupants, 3);
	assert_true(p.vacant && p.placed);
	assert_int_equal(p.lon, 1201500000);
	assert_int_equal(p.lat, 302500000);
	OK(premise_by_code(db, "1-101", &mem, &p));
	assert_false(p.vacant || p.placed || *p.dwelling);
}

static void who_manages_a_place_is_loaded_and_counts_below_it(void **state)
{
	(void)state;
	premise p, house;
	party who;
	bool managed;
	load_city();
	OK(load_text(LOAD_PREMISES, "code,parent,kind,manager\ncourt,,estate,grid\ncourt-1,court,home,\nother,,home,nobody\n", false));
	counts(2, 0, 1);
	told(0, 4, "load.party", "manager");
	OK(party_by_code(db, "grid", &mem, &who));
	OK(premise_by_code(db, "court-1", &mem, &p));
	OK(premise_by_code(db, "house", &mem, &house));
	OK(premise_managed(db, who.id, &p.id, 1, &managed));
	assert_true(managed);
	const int64_t both[] = { p.id, house.id };
	OK(premise_managed(db, who.id, both, 2, &managed));
	assert_false(managed);
	OK(load_text(LOAD_PREMISES, "code,parent,kind,manager\ncourt,,estate,grid\n", false));
	counts(0, 1, 0);
	OK(load_text(LOAD_PREMISES, "code,parent,kind,manager\ncourt,,estate,\n", true)); /* says nothing of it */
	counts(0, 1, 0);
	OK(load_text(LOAD_PREMISES, "code,parent,kind,manager\ncourt,,estate,-\n", true));
	counts(1, 0, 0);
	OK(premise_managed(db, who.id, &p.id, 1, &managed));
	assert_false(managed);
}

static void other_content_is_a_conflict_unless_told_to_update(void **state)
{
	(void)state;
	load_city();
	OK(load_text(LOAD_PREMISES, "code,parent,kind,area\n1-101,house,home,90\nnew,house,home,\n", false));
	counts(1, 0, 1);
	told(0, 2, "load.conflict", "");
	OK(load_text(LOAD_PREMISES, "code,parent,kind,area\n1-101,house,home,90\n", true));
	counts(1, 0, 0);
	OK(load_text(LOAD_PREMISES, "code,parent,kind,area\ncity,1-101,city,\n", true));
	counts(0, 0, 1);
	told(0, 2, "premise.loop", "parent");
}

static void a_wrong_header_loads_nothing(void **state)
{
	(void)state;
	assert_int_equal(load_text(LOAD_PARTIES, "", false), HUB_REJECT);
	assert_int_equal(load_text(LOAD_PARTIES, "code,kind,colour\na,grid,red\n", false), HUB_REJECT);
	assert_int_equal(load_text(LOAD_PARTIES, "code,code,kind\na,a,grid\n", false), HUB_REJECT);
	assert_int_equal(load_text(LOAD_PARTIES, "code\na\n", false), HUB_REJECT);
	assert_string_equal(fault.field, "kind");
	party *list;
	size_t n;
	OK(party_list(db, 0, 1, &mem, &list, &n));
	assert_int_equal(n, 0);
	load_kind kind;
	assert_true(load_kind_parse("devices", &kind) && kind == LOAD_DEVICES && !load_kind_parse("device", &kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_city_is_loaded_once_and_again),
		store_test(what_makes_homes_alike_is_loaded_and_checked),
		store_test(each_wrong_row_is_told_and_its_neighbours_are_loaded),
		store_test(who_manages_a_place_is_loaded_and_counts_below_it),
		store_test(other_content_is_a_conflict_unless_told_to_update),
		store_test(a_wrong_header_loads_nothing),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
