#include "registry/load_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/zone.h"
#include "model/quantity.h"
#include "store/device.h"
#include "store/premise.h"

/* Empty cells leave *ret as it is. */
static hub_status cell_time(const loader *l, int i, hub_time *ret, hub_fault *fault)
{
	const char *text = l->cells[i];
	if (!*text || clock_parse(text, strlen(text), ret))
		return HUB_OK;
	return hub_fault_set(fault, "load.time", l->columns[i].name,
			     "'%.40s' is no RFC 3339 time; write it as 2026-01-01T00:00:00+08:00", text);
}

static hub_status cell_value(const loader *l, int i, hub_value *ret, hub_fault *fault)
{
	const char *text = l->cells[i];
	if (!*text || hub_value_parse(text, strlen(text), ret) == HUB_OK)
		return HUB_OK;
	return hub_fault_set(fault, "load.number", l->columns[i].name,
			     "'%.40s' is no decimal number that fits; write it as 12.5", text);
}

static hub_status cell_whole(const loader *l, int i, int32_t *ret, hub_fault *fault)
{
	hub_value v = { *ret, 0 };
	hub_status st = cell_value(l, i, &v, fault);
	if (st != HUB_OK)
		return st;
	if (v.scale || v.digits < 0 || v.digits > INT32_MAX)
		return hub_fault_set(fault, "load.number", l->columns[i].name, "'%.40s' is no whole number",
				     l->cells[i]);
	*ret = (int32_t)v.digits;
	return HUB_OK;
}

static hub_status cell_truth(const loader *l, int i, bool *ret, hub_fault *fault)
{
	static const struct { const char *text; bool value; } words[] = {
		{ "", false }, { "yes", true }, { "no", false }, { "true", true }, { "false", false }, { "1", true },
		{ "0", false }, { "是", true }, { "否", false },
	};
	for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
		if (!strcmp(l->cells[i], words[k].text)) {
			*ret = words[k].value;
			return HUB_OK;
		}
	return hub_fault_set(fault, "load.truth", l->columns[i].name, "'%.40s' is neither yes nor no; write one of them",
			     l->cells[i]);
}

static int by_code(const void *key, const void *element)
{
	return strcmp(key, ((const party *)element)->code);
}

static hub_status cell_party(const loader *l, int i, int64_t *ret, hub_fault *fault)
{
	const party *p = bsearch(l->cells[i], l->parties, l->party_count, sizeof *p, by_code);
	if (!p)
		return hub_fault_set(fault, "load.party", l->columns[i].name, "there is no party '%.64s'; load parties first",
				     l->cells[i]);
	*ret = p->id;
	return HUB_OK;
}

/* Rows of one building follow one another, so the last answer is kept. */
static hub_status cell_premise(loader *l, int i, int64_t *ret, hub_fault *fault)
{
	const char *code = l->cells[i];
	if (!*code)
		return HUB_OK;
	if (strcmp(code, l->premise_code)) {
		premise p;
		hub_status st = premise_by_code(l->db, code, l->row, &p);
		if (st == HUB_MISSING)
			return hub_fault_set(fault, "load.premise", l->columns[i].name,
					     "there is no premise '%.64s'; load it first, or above this row", code);
		if (st != HUB_OK)
			return st;
		strncpy(l->premise_code, p.code, sizeof l->premise_code - 1);
		l->premise = p.id;
	}
	*ret = l->premise;
	return HUB_OK;
}

/* The parts of a;b;c, in the row's arena. */
static hub_status cell_list(const loader *l, int i, const char ***ret, size_t *ret_count)
{
	char *text = arena_strdup(l->row, l->cells[i]), *save = NULL;
	const char **list = arena_array(l->row, text ? strlen(text) + 1 : 0, sizeof *list);
	if (!text || !list)
		return HUB_NOMEM;
	size_t n = 0;
	for (char *part = strtok_r(text, "; ", &save); part; part = strtok_r(NULL, "; ", &save))
		list[n++] = part;
	*ret = list;
	*ret_count = n;
	return HUB_OK;
}

/* Whether the thing is there: what a look-up by its key answered. */
static hub_status existed(hub_status found, bool *ret)
{
	*ret = found == HUB_OK;
	return found == HUB_MISSING ? HUB_OK : found;
}

enum { PARTY_CODE, PARTY_ZH, PARTY_EN, PARTY_KIND, PARTY_ROLES };
static const load_column party_columns[] = {
	{ "code", true }, { "name_zh", false }, { "name_en", false }, { "kind", true }, { "roles", false }, { NULL, false },
};

static hub_status party_row(loader *l, bool *ret_existed, bool *ret_changed, hub_fault *fault)
{
	const char **roles;
	party p = { .code = l->cells[PARTY_CODE], .name_zh = l->cells[PARTY_ZH], .name_en = l->cells[PARTY_EN],
		    .kind = l->cells[PARTY_KIND] }, old;
	int64_t id;
	hub_status st = cell_list(l, PARTY_ROLES, &roles, &p.role_count);
	p.roles = roles;
	if (st == HUB_OK)
		st = existed(party_by_code(l->db, p.code, l->row, &old), ret_existed);
	return st == HUB_OK ? party_put(l->db, &p, &id, ret_changed, fault) : st;
}

enum { PREMISE_CODE, PREMISE_PARENT, PREMISE_KIND, PREMISE_ZH, PREMISE_EN, PREMISE_AREA, PREMISE_FROM, PREMISE_TO,
       PREMISE_DWELLING, PREMISE_HEATING, PREMISE_OCCUPANTS, PREMISE_OCCUPIED, PREMISE_LON, PREMISE_LAT, PREMISE_MANAGER };
static const load_column premise_columns[] = {
	{ "code", true }, { "parent", false }, { "kind", true }, { "name_zh", false }, { "name_en", false },
	{ "area", false }, { "valid_from", false }, { "valid_to", false }, { "dwelling", false }, { "heating", false },
	{ "occupants", false }, { "occupied", false }, { "lon", false }, { "lat", false }, { "manager", false }, { NULL, false },
};

/* Degrees × 10^7; what is finer is cut. */
static hub_status cell_degrees(const loader *l, int i, int most, int32_t *ret, hub_fault *fault)
{
	hub_value v = { 0, 0 };
	int64_t scaled = 0;
	hub_status st = cell_value(l, i, &v, fault);
	if (st == HUB_OK && (decimal_to_int64(decimal_of_value(v), 7, DECIMAL_DOWN, &scaled) != HUB_OK ||
			     llabs(scaled) > most * INT64_C(10000000)))
		st = hub_fault_set(fault, "premise.place", l->columns[i].name, "'%.40s' is no number of degrees from -%d to %d",
				   l->cells[i], most, most);
	*ret = (int32_t)scaled;
	return st;
}

/* What makes homes alike. */
static hub_status premise_home(const loader *l, premise *p, hub_fault *fault)
{
	int32_t occupants = 0;
	bool occupied = true;
	p->dwelling = l->cells[PREMISE_DWELLING];
	p->heating = l->cells[PREMISE_HEATING];
	p->placed = *l->cells[PREMISE_LON] || *l->cells[PREMISE_LAT];
	if (p->placed && (!*l->cells[PREMISE_LON] || !*l->cells[PREMISE_LAT]))
		return hub_fault_set(fault, "premise.place", "lat", "lon and lat stand together, or neither");
	hub_status st = cell_degrees(l, PREMISE_LON, 180, &p->lon, fault);
	if (st == HUB_OK)
		st = cell_degrees(l, PREMISE_LAT, 90, &p->lat, fault);
	if (st == HUB_OK)
		st = cell_whole(l, PREMISE_OCCUPANTS, &occupants, fault);
	if (st == HUB_OK && occupants > 999)
		st = hub_fault_set(fault, "premise.occupants", "occupants", "at most 999 people live in a home");
	if (st == HUB_OK && *l->cells[PREMISE_OCCUPIED])
		st = cell_truth(l, PREMISE_OCCUPIED, &occupied, fault);
	p->occupants = (int16_t)occupants;
	p->vacant = !occupied;
	return st;
}

/* An empty cell says nothing about who manages it; "-" says that nobody does. */
static hub_status premise_keep(loader *l, int64_t id, bool *ret_changed, hub_fault *fault)
{
	const char *code = l->cells[PREMISE_MANAGER];
	int64_t manager = 0;
	bool changed = false;
	if (!*code)
		return HUB_OK;
	hub_status st = strcmp(code, "-") ? cell_party(l, PREMISE_MANAGER, &manager, fault) : HUB_OK;
	if (st == HUB_OK)
		st = premise_manage(l->db, id, manager, &changed, fault);
	*ret_changed |= changed;
	return st;
}

static hub_status premise_row(loader *l, bool *ret_existed, bool *ret_changed, hub_fault *fault)
{
	premise p = { .code = l->cells[PREMISE_CODE], .kind = l->cells[PREMISE_KIND], .name_zh = l->cells[PREMISE_ZH],
		      .name_en = l->cells[PREMISE_EN], .area = { -1, 0 } }, old;
	int64_t id;
	hub_status st = cell_premise(l, PREMISE_PARENT, &p.parent, fault);
	if (st == HUB_OK)
		st = cell_value(l, PREMISE_AREA, &p.area, fault);
	if (st == HUB_OK && *l->cells[PREMISE_AREA] && p.area.digits < 0)
		st = hub_fault_set(fault, "premise.area", "area", "an area is not negative; leave it empty if unknown");
	if (st == HUB_OK)
		st = cell_time(l, PREMISE_FROM, &p.valid_from, fault);
	if (st == HUB_OK)
		st = cell_time(l, PREMISE_TO, &p.valid_to, fault);
	if (st == HUB_OK)
		st = premise_home(l, &p, fault);
	if (st == HUB_OK)
		st = existed(premise_by_code(l->db, p.code, l->row, &old), ret_existed);
	if (st == HUB_OK)
		st = premise_put(l->db, &p, &id, ret_changed, fault);
	return st == HUB_OK ? premise_keep(l, id, ret_changed, fault) : st;
}

enum { POINT_CODE, POINT_COMMODITY, POINT_PREMISE, POINT_ZH, POINT_EN, POINT_ZONE, POINT_INTERVAL, POINT_POWER,
       POINT_PROTECTED, POINT_OWNER, POINT_OCCUPANT, POINT_OPERATOR, POINT_SUPPLIER, POINT_READER, POINT_FROM, POINT_TO };
static const load_column point_columns[] = {
	{ "code", true }, { "commodity", true }, { "premise", false }, { "name_zh", false }, { "name_en", false },
	{ "zone", false }, { "interval", false }, { "power", false }, { "protected", false }, { "owner", false },
	{ "occupant", false }, { "operator", false }, { "supplier", false }, { "reader", false },
	{ "valid_from", false }, { "valid_to", false }, { NULL, false },
};

/* Most points of a file share one zone, so the last good name is kept. */
static hub_status check_zone(loader *l, const char *name, hub_fault *fault)
{
	zone *z = NULL;
	if (!strcmp(name, l->zone))
		return HUB_OK;
	if (strlen(name) >= sizeof l->zone || zone_load(name, &z) != HUB_OK)
		return hub_fault_set(fault, "point.zone", "zone", "there is no time zone '%.40s'; write it as Asia/Shanghai",
				     name);
	zone_free(z);
	strcpy(l->zone, name);
	return HUB_OK;
}

static hub_status point_cells(loader *l, point *p, hub_fault *fault)
{
	hub_status st = cell_premise(l, POINT_PREMISE, &p->premise, fault);
	if (st == HUB_OK)
		st = cell_whole(l, POINT_INTERVAL, &p->interval, fault);
	if (st == HUB_OK)
		st = cell_value(l, POINT_POWER, &p->power, fault);
	if (st == HUB_OK)
		st = cell_truth(l, POINT_PROTECTED, &p->protected, fault);
	if (st == HUB_OK)
		st = cell_time(l, POINT_FROM, &p->valid_from, fault);
	if (st == HUB_OK)
		st = cell_time(l, POINT_TO, &p->valid_to, fault);
	return st == HUB_OK ? check_zone(l, p->zone, fault) : st;
}

static hub_status point_parties(loader *l, point_party *list, size_t *ret_count, hub_fault *fault)
{
	size_t n = 0;
	for (int i = POINT_OWNER; i <= POINT_READER; i++) {
		if (!*l->cells[i])
			continue;
		list[n].role = point_columns[i].name;
		hub_status st = cell_party(l, i, &list[n++].party, fault);
		if (st != HUB_OK)
			return st;
	}
	*ret_count = n;
	return HUB_OK;
}

static hub_status point_row(loader *l, bool *ret_existed, bool *ret_changed, hub_fault *fault)
{
	point_party parties[POINT_READER - POINT_OWNER + 1] = { 0 };
	const char *zone_cell = l->cells[POINT_ZONE];
	point p = { .code = l->cells[POINT_CODE], .commodity = l->cells[POINT_COMMODITY], .name_zh = l->cells[POINT_ZH],
		    .name_en = l->cells[POINT_EN], .zone = *zone_cell ? zone_cell : "Asia/Shanghai", .parties = parties }, old;
	int64_t id;
	hub_status st = point_cells(l, &p, fault);
	if (st == HUB_OK)
		st = point_parties(l, parties, &p.party_count, fault);
	if (st == HUB_OK)
		st = existed(point_by_code(l->db, p.code, l->row, &old), ret_existed);
	return st == HUB_OK ? point_put(l->db, &p, &id, ret_changed, fault) : st;
}

enum { DEVICE_PARTY, DEVICE_METER, DEVICE_MAKER, DEVICE_MODEL, DEVICE_MULTIPLIER, DEVICE_MODULUS, DEVICE_POINT,
       DEVICE_CHANNEL, DEVICE_FROM, DEVICE_TO, DEVICE_REGISTERS };
static const load_column device_columns[] = {
	{ "party", true }, { "meter", true }, { "maker", false }, { "model", false }, { "multiplier", false },
	{ "modulus", false }, { "point", false }, { "channel", false }, { "valid_from", false }, { "valid_to", false },
	{ "registers", false }, { NULL, false },
};

/* quantity=value;… as the device shows it when it comes. */
static hub_status device_registers(loader *l, installation *i, hub_fault *fault)
{
	const char **parts;
	size_t n;
	hub_status st = cell_list(l, DEVICE_REGISTERS, &parts, &n);
	installation_register *list = st == HUB_OK ? arena_array(l->row, n, sizeof *list) : NULL;
	if (!list)
		return HUB_NOMEM;
	for (size_t k = 0; k < n; k++) {
		const char *equals = strchr(parts[k], '=');
		char *name = arena_strndup(l->row, parts[k], equals ? (size_t)(equals - parts[k]) : 0);
		const quantity *q = name ? quantity_find(name) : NULL;
		if (!q || hub_value_parse(equals + 1, strlen(equals + 1), &list[k].start) != HUB_OK)
			return hub_fault_set(fault, "load.register", "registers",
					     "'%.60s' is no register; write active_energy_import=123.45, several with ;", parts[k]);
		list[k].quantity = q->number;
		list[k].has_start = true;
	}
	i->registers = list;
	i->register_count = n;
	return HUB_OK;
}

static hub_status device_mount(loader *l, int64_t device_id, bool *ret_changed, hub_fault *fault)
{
	installation i = { .device = device_id, .channel = l->cells[DEVICE_CHANNEL] };
	point p;
	int64_t id;
	if (!*l->cells[DEVICE_POINT])
		return HUB_OK;
	hub_status st = point_by_code(l->db, l->cells[DEVICE_POINT], l->row, &p);
	if (st == HUB_MISSING)
		return hub_fault_set(fault, "load.point", "point", "there is no point '%.64s'; load points first",
				     l->cells[DEVICE_POINT]);
	i.point = st == HUB_OK ? p.id : 0;
	if (st == HUB_OK)
		st = cell_time(l, DEVICE_FROM, &i.valid_from, fault);
	if (st == HUB_OK)
		st = cell_time(l, DEVICE_TO, &i.valid_to, fault);
	if (st == HUB_OK)
		st = device_registers(l, &i, fault);
	return st == HUB_OK ? device_install(l->db, &i, &id, ret_changed, fault) : st;
}

static hub_status device_row(loader *l, bool *ret_existed, bool *ret_changed, hub_fault *fault)
{
	device d = { .meter = l->cells[DEVICE_METER], .maker = l->cells[DEVICE_MAKER], .model = l->cells[DEVICE_MODEL],
		     .multiplier = { 1, 0 } }, old;
	int64_t id;
	bool mounted = false;
	hub_status st = cell_party(l, DEVICE_PARTY, &d.party, fault);
	if (st == HUB_OK)
		st = cell_value(l, DEVICE_MULTIPLIER, &d.multiplier, fault);
	if (st == HUB_OK)
		st = cell_value(l, DEVICE_MODULUS, &d.modulus, fault);
	if (st == HUB_OK)
		st = existed(device_by_meter(l->db, d.party, d.meter, l->row, &old), ret_existed);
	if (st == HUB_OK)
		st = device_put(l->db, &d, &id, ret_changed, fault);
	if (st == HUB_OK)
		st = device_mount(l, id, &mounted, fault);
	/* Another channel or a later installation of a known device is no conflict with it. */
	*ret_existed &= *ret_changed;
	*ret_changed |= mounted;
	return st;
}

const load_table load_tables[] = {
	[LOAD_PARTIES] = { "parties", party_columns, party_row },
	[LOAD_PREMISES] = { "premises", premise_columns, premise_row },
	[LOAD_POINTS] = { "points", point_columns, point_row },
	[LOAD_DEVICES] = { "devices", device_columns, device_row },
};
