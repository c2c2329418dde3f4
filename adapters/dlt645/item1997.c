#include "item.h"

#include <stdio.h>

#include "value.h"

enum { BLOCK = 0xf, ACTIVE_KINDS = 2 };

/* DI0's high half: what the register counts (1997 annex A, tables A.1 and A.2). */
typedef struct kind_row {
	const char *energy, *demand;
} kind_row;

static const kind_row active[] = {
	[1] = { "active_energy_import", "active_demand_import_max" },
	[2] = { "active_energy_export", "active_demand_export_max" },
};
static const kind_row reactive[] = {
	[1] = { "reactive_energy_import", "reactive_demand_import_max" },
	[2] = { "reactive_energy_export", "reactive_demand_export_max" },
	[3] = { "reactive_energy_q1", "reactive_demand_q1_max" },
	[4] = { "reactive_energy_q4", "reactive_demand_q4_max" },
	[5] = { "reactive_energy_q2", "reactive_demand_q2_max" },
	[6] = { "reactive_energy_q3", "reactive_demand_q3_max" },
};

typedef struct place {
	const char *quantity;
	unsigned month; /* 0 now, 1 last month, 2 the one before */
} place;

static bool name_register(const void *row, size_t i, dlt_value *v)
{
	const place *p = row;
	int n = 0;
	if (i > 14)
		return false;
	if (i && i <= 8)
		snprintf(v->quantity, sizeof v->quantity, "%s_t%zu", p->quantity, i);
	else
		snprintf(v->quantity, sizeof v->quantity, "%s", p->quantity);
	if (p->month)
		n = snprintf(v->channel, sizeof v->channel, "s%u", p->month);
	if (i > 8)
		snprintf(v->channel + n, sizeof v->channel - (size_t)n, "t%zu", i);
	return true;
}

/* Where the digits of 9xxx energy, Axxx demand and Bxxx time of demand agree. */
static const kind_row *kind_find(uint32_t id, unsigned *ret_month)
{
	unsigned middle = id >> 8 & 0xf, kind = id >> 4 & 0xf;
	bool is_reactive = middle & 1;
	*ret_month = middle >> 2;
	if (middle & 2 || *ret_month > 2 || !kind)
		return NULL;
	if (is_reactive)
		return kind < sizeof reactive / sizeof *reactive ? &reactive[kind] : NULL;
	return kind <= ACTIVE_KINDS ? &active[kind] : NULL;
}

/* A block ends with AAH where the meter separates blocks. */
static size_t without_mark(const uint8_t *bytes, size_t len, size_t size)
{
	return len % size == 1 && bytes[len - 1] == 0xaa ? len - 1 : len;
}

static hub_status registers(const dlt_sink *sink, uint32_t id, const uint8_t *bytes, size_t len)
{
	place p;
	const kind_row *k = kind_find(id, &p.month);
	unsigned tariff = id & 0xf;
	bool demand = id >> 12 == 0xa, is_reactive = id >> 8 & 1;
	if (!k)
		return dlt_unknown(sink, id, 4);
	dlt_layout layout = demand ? (dlt_layout){ 3, 4, false, false, HUB_INSTANT, is_reactive ? "kvar" : "kW" }
				   : (dlt_layout){ 4, 2, false, false, HUB_REGISTER, is_reactive ? "kvarh" : "kWh" };
	p.quantity = demand ? k->demand : k->energy;
	bool block = tariff == BLOCK;
	return dlt_run(sink, id, &layout, name_register, &p, block ? 0 : tariff, block ? 0 : 1, bytes,
		       without_mark(bytes, len, layout.bytes));
}

/* B6xy: DI0's high half what, its low half the phase (table A.4). */
typedef struct variable_row {
	uint8_t what, first_phase;
	const char *quantity;
	dlt_layout layout;
} variable_row;

static const variable_row variables[] = {
	{ 1, 1, "voltage", { 2, 0, false, false, HUB_INSTANT, "V" } },
	{ 2, 1, "current", { 2, 2, false, false, HUB_INSTANT, "A" } },
	{ 3, 0, "active_power", { 3, 4, true, false, HUB_INSTANT, "kW" } },
	{ 4, 0, "reactive_power", { 2, 2, true, false, HUB_INSTANT, "kvar" } },
	{ 5, 0, "power_factor", { 2, 3, true, false, HUB_INSTANT, "1" } },
};

static bool name_phase(const void *row, size_t i, dlt_value *v)
{
	const variable_row *r = row;
	if (i > 3)
		return false;
	if (i)
		snprintf(v->quantity, sizeof v->quantity, "%s_l%zu", r->quantity, i);
	else
		snprintf(v->quantity, sizeof v->quantity, "%s", r->quantity);
	return true;
}

static hub_status variable(const dlt_sink *sink, uint32_t id, const uint8_t *bytes, size_t len)
{
	unsigned what = id >> 4 & 0xf, phase = id & 0xf;
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const variable_row *r = &variables[i];
		if (r->what != what)
			continue;
		if (phase == BLOCK)
			return dlt_run(sink, id, &r->layout, name_phase, r, r->first_phase, 0, bytes, len);
		if (phase >= r->first_phase && phase <= 3)
			return dlt_run(sink, id, &r->layout, name_phase, r, phase, 1, bytes, len);
		if (phase > 3 && phase < 6)
			return sink->keep(sink->context, "parameter", id, bytes, len);
	}
	return dlt_unknown(sink, id, 4);
}

static bool name_battery(const void *row, size_t i, dlt_value *v)
{
	(void)row;
	(void)i;
	snprintf(v->quantity, sizeof v->quantity, "battery_time");
	return true;
}

hub_status dlt_item_1997(const dlt_sink *sink, uint32_t id, const uint8_t *bytes, size_t len)
{
	static const dlt_layout battery = { 3, 0, false, false, HUB_INSTANT, "min" };
	unsigned month;
	if (id == 0xb214)
		return dlt_run(sink, id, &battery, name_battery, NULL, 0, 1, bytes, len);
	switch (id >> 12) {
	case 0x9:
	case 0xa:
		return registers(sink, id, bytes, len);
	case 0xb:
		if (id >> 8 == 0xb6)
			return variable(sink, id, bytes, len);
		if ((id >> 8 & 2) || kind_find(id, &month))
			return sink->keep(sink->context, "record", id, bytes, len);
		return dlt_unknown(sink, id, 4);
	case 0xc:
		return sink->keep(sink->context, "parameter", id, bytes, len);
	case 0xd:
	case 0xe:
		return sink->keep(sink->context, "load_record", id, bytes, len);
	default:
		return dlt_unknown(sink, id, 4);
	}
}
