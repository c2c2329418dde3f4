#include "item.h"

#include <stdio.h>

#include "value.h"

enum { BLOCK = 0xff, TARIFF_NAMED = 8, TARIFF_MAX = 63, SETTLEMENT_MAX = 12, PHASE_STEP = 0x14 };

/* DI2 of energies and demands; the per-phase ones follow at + 14H, 28H, 3CH (A.1, A.2). */
typedef struct kind_row {
	uint8_t di2;
	const char *energy, *demand; /* NULL: none */
	const char *energy_unit, *demand_unit;
	bool has_sign; /* a combination of registers may be below zero */
} kind_row;

static const kind_row kinds[] = {
	{ 0x00, "active_energy_total", NULL, "kWh", NULL, true },
	{ 0x01, "active_energy_import", "active_demand_import_max", "kWh", "kW" },
	{ 0x02, "active_energy_export", "active_demand_export_max", "kWh", "kW" },
	{ 0x03, "reactive_energy_import", "reactive_demand_import_max", "kvarh", "kvar", true },
	{ 0x04, "reactive_energy_export", "reactive_demand_export_max", "kvarh", "kvar", true },
	{ 0x05, "reactive_energy_q1", "reactive_demand_q1_max", "kvarh", "kvar" },
	{ 0x06, "reactive_energy_q2", "reactive_demand_q2_max", "kvarh", "kvar" },
	{ 0x07, "reactive_energy_q3", "reactive_demand_q3_max", "kvarh", "kvar" },
	{ 0x08, "reactive_energy_q4", "reactive_demand_q4_max", "kvarh", "kvar" },
	{ 0x09, "apparent_energy_import", "apparent_demand_import_max", "kVAh", "kVA" },
	{ 0x0a, "apparent_energy_export", "apparent_demand_export_max", "kVAh", "kVA" },
	{ 0x80, "active_energy_associated", NULL, "kWh", NULL },
	{ 0x81, "active_energy_fundamental_import", NULL, "kWh", NULL },
	{ 0x82, "active_energy_fundamental_export", NULL, "kWh", NULL },
	{ 0x83, "active_energy_harmonic_import", NULL, "kWh", NULL },
	{ 0x84, "active_energy_harmonic_export", NULL, "kWh", NULL },
	{ 0x85, "copper_loss_energy", NULL, "kWh", NULL },
	{ 0x86, "iron_loss_energy", NULL, "kWh", NULL },
};

/* A register's place: which quantity, phase and, for the values of a run, what the index counts. */
typedef struct place {
	const char *quantity;
	int phase; /* 0: the meter's */
	int tariff, settlement;
	bool over_settlements; /* index counts settlement days, else tariffs */
	const char *frozen;    /* "fd" …, else NULL; settlement is then the n-th last freeze */
} place;

static bool name_register(const void *row, size_t i, dlt_value *v)
{
	const place *p = row;
	int tariff = p->over_settlements ? p->tariff : (int)i;
	int settlement = p->over_settlements ? (int)i : p->settlement;
	int n = 0;
	if (tariff > TARIFF_MAX || (!p->frozen && settlement > SETTLEMENT_MAX))
		return false;
	if (p->phase)
		snprintf(v->quantity, sizeof v->quantity, "%s_l%d", p->quantity, p->phase);
	else if (tariff && tariff <= TARIFF_NAMED)
		snprintf(v->quantity, sizeof v->quantity, "%s_t%d", p->quantity, tariff);
	else
		snprintf(v->quantity, sizeof v->quantity, "%s", p->quantity);
	if (p->frozen)
		n = snprintf(v->channel, sizeof v->channel, "%s%d", p->frozen, settlement);
	else if (settlement)
		n = snprintf(v->channel, sizeof v->channel, "s%d", settlement);
	if (tariff > TARIFF_NAMED)
		snprintf(v->channel + n, sizeof v->channel - (size_t)n, "t%d", tariff);
	return true;
}

static const kind_row *kind_find(uint8_t di2, int *ret_phase)
{
	for (int phase = 0; phase <= 3; phase++)
		for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
			if (kinds[i].di2 + phase * PHASE_STEP == di2 && (!phase || kinds[i].di2)) {
				*ret_phase = phase;
				return &kinds[i];
			}
	return NULL;
}

/* DI3 = 00 energy, 01 demand: DI1 tariff, DI0 settlement day; FF is a block over that one. */
static hub_status registers(const dlt_sink *sink, uint32_t id, const uint8_t *bytes, size_t len)
{
	uint8_t di1 = (uint8_t)(id >> 8), di0 = (uint8_t)id;
	bool demand = id >> 24 == 1;
	place p = { .tariff = di1, .settlement = di0, .over_settlements = di0 == BLOCK };
	const kind_row *k = kind_find((uint8_t)(id >> 16), &p.phase);
	if (!k || !(demand ? k->demand : k->energy) || ((p.phase || k->di2 >= 0x80) && di1) ||
	    (di1 == BLOCK ? di0 > SETTLEMENT_MAX : di1 > TARIFF_MAX || (di0 != BLOCK && di0 > SETTLEMENT_MAX)))
		return dlt_unknown(sink, id, 8);
	dlt_layout layout = demand ? (dlt_layout){ 3, 4, k->has_sign, true, HUB_INSTANT, k->demand_unit }
				   : (dlt_layout){ 4, 2, k->has_sign, false, HUB_REGISTER, k->energy_unit };
	p.quantity = demand ? k->demand : k->energy;
	bool block = di1 == BLOCK || di0 == BLOCK;
	size_t first = block ? 0 : di1;
	return dlt_run(sink, id, &layout, name_register, &p, first, block ? 0 : 1, bytes, len);
}

/* DI3 = 05: DI2 what froze it, DI1 what, DI0 the n-th last (A.6). */
static hub_status frozen(const dlt_sink *sink, uint32_t id, const uint8_t *bytes, size_t len)
{
	static const char *const by[] = { "ft", "fi", "fz", "fp", "fh", "fs", "fd" };
	uint8_t di2 = (uint8_t)(id >> 16), di1 = (uint8_t)(id >> 8);
	if (di2 >= sizeof by / sizeof *by || !(uint8_t)id)
		return dlt_unknown(sink, id, 8);
	bool demand = di1 == 9 || di1 == 10;
	if (!di1 || di1 > 10)
		return sink->keep(sink->context, "frozen", id, bytes, len);
	const kind_row *k = &kinds[demand ? di1 - 8 : di1];
	dlt_layout layout = demand ? (dlt_layout){ 3, 4, false, true, HUB_INSTANT, k->demand_unit }
				   : (dlt_layout){ 4, 2, k->has_sign, false, HUB_REGISTER, k->energy_unit };
	place p = { .quantity = demand ? k->demand : k->energy, .frozen = by[di2], .settlement = (uint8_t)id };
	return dlt_run(sink, id, &layout, name_register, &p, 0, 0, bytes, len);
}

/* DI3 = 02: DI2 what, DI1 total and phases (A.3). */
typedef struct variable_row {
	uint8_t di2, first_phase;
	bool by_order; /* DI0 is the harmonic's order */
	const char *quantity;
	dlt_layout layout;
} variable_row;

static const variable_row variables[] = {
	{ 0x01, 1, false, "voltage", { 2, 1, false, false, HUB_INSTANT, "V" } },
	{ 0x02, 1, false, "current", { 3, 3, true, false, HUB_INSTANT, "A" } },
	{ 0x03, 0, false, "active_power", { 3, 4, true, false, HUB_INSTANT, "kW" } },
	{ 0x04, 0, false, "reactive_power", { 3, 4, true, false, HUB_INSTANT, "kvar" } },
	{ 0x05, 0, false, "apparent_power", { 3, 4, true, false, HUB_INSTANT, "kVA" } },
	{ 0x06, 0, false, "power_factor", { 2, 3, true, false, HUB_INSTANT, "1" } },
	{ 0x07, 1, false, "phase_angle", { 2, 1, false, false, HUB_INSTANT, "deg" } },
	{ 0x08, 1, false, "voltage_thd", { 2, 2, false, false, HUB_INSTANT, "%" } },
	{ 0x09, 1, false, "current_thd", { 2, 2, false, false, HUB_INSTANT, "%" } },
	{ 0x0a, 1, true, "voltage_harmonic", { 2, 2, false, false, HUB_INSTANT, "%" } },
	{ 0x0b, 1, true, "current_harmonic", { 2, 2, false, false, HUB_INSTANT, "%" } },
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

typedef struct harmonic {
	const char *quantity;
	int phase;
} harmonic;

static bool name_harmonic(const void *row, size_t i, dlt_value *v)
{
	const harmonic *h = row;
	snprintf(v->quantity, sizeof v->quantity, "%s_l%d", h->quantity, h->phase);
	snprintf(v->channel, sizeof v->channel, "h%zu", i);
	return i <= 254;
}

/* Identifiers that stand alone. */
typedef struct single_row {
	uint32_t id;
	const char *quantity;
	dlt_layout layout;
} single_row;

static const single_row singles[] = {
	{ 0x000b0000, "active_energy_period", { 4, 2, true, false, HUB_INSTANT, "kWh" } },
	{ 0x00900100, "remaining_energy", { 4, 2, false, false, HUB_INSTANT, "kWh" } },
	{ 0x00900101, "overdraft_energy", { 4, 2, false, false, HUB_INSTANT, "kWh" } },
	{ 0x00900200, "remaining_amount", { 4, 2, false, false, HUB_INSTANT, "CNY" } },
	{ 0x00900201, "overdraft_amount", { 4, 2, false, false, HUB_INSTANT, "CNY" } },
	{ 0x02800001, "current_neutral", { 3, 3, true, false, HUB_INSTANT, "A" } },
	{ 0x02800002, "frequency", { 2, 2, false, false, HUB_INSTANT, "Hz" } },
	{ 0x02800003, "active_power_average", { 3, 4, true, false, HUB_INSTANT, "kW" } },
	{ 0x02800004, "active_demand", { 3, 4, true, false, HUB_INSTANT, "kW" } },
	{ 0x02800005, "reactive_demand", { 3, 4, true, false, HUB_INSTANT, "kvar" } },
	{ 0x02800006, "apparent_demand", { 3, 4, true, false, HUB_INSTANT, "kVA" } },
	{ 0x02800007, "device_temperature", { 2, 1, true, false, HUB_INSTANT, "Cel" } },
	{ 0x02800008, "battery_voltage", { 2, 2, false, false, HUB_INSTANT, "V" } },
	{ 0x02800009, "battery_voltage_backup", { 2, 2, false, false, HUB_INSTANT, "V" } },
	{ 0x0280000a, "battery_time", { 4, 0, false, false, HUB_INSTANT, "min" } },
	{ 0x0280000b, "current_tier_price", { 4, 4, false, false, HUB_INSTANT, "CNY/kWh" } },
	{ 0x02800020, "current_price", { 4, 4, false, false, HUB_INSTANT, "CNY/kWh" } },
	{ 0x02800021, "current_tariff_price", { 4, 4, false, false, HUB_INSTANT, "CNY/kWh" } },
	{ 0x02800022, "current_tier_price", { 4, 4, false, false, HUB_INSTANT, "CNY/kWh" } },
	{ 0x03330201, "purchase_count", { 2, 0, false, false, HUB_REGISTER, "1" } },
};

static bool name_single(const void *row, size_t i, dlt_value *v)
{
	(void)i;
	snprintf(v->quantity, sizeof v->quantity, "%s", ((const single_row *)row)->quantity);
	return true;
}

static hub_status variable(const dlt_sink *sink, uint32_t id, const uint8_t *bytes, size_t len)
{
	uint8_t di2 = (uint8_t)(id >> 16), di1 = (uint8_t)(id >> 8), di0 = (uint8_t)id;
	const variable_row *r = NULL;
	for (size_t i = 0; i < sizeof variables / sizeof *variables && !r; i++)
		r = variables[i].di2 == di2 ? &variables[i] : NULL;
	if (!r || (!r->by_order && di0) || (di1 != BLOCK && (di1 > 3 || di1 < r->first_phase)))
		return dlt_unknown(sink, id, 8);
	if (!r->by_order)
		return dlt_run(sink, id, &r->layout, name_phase, r, di1 == BLOCK ? r->first_phase : di1, di1 != BLOCK,
			       bytes, len);
	harmonic h = { r->quantity, di1 };
	if (di1 == BLOCK)
		return dlt_unknown(sink, id, 8);
	/* Some lists of identifiers begin with 00 for the first harmonic, the standard with 01. */
	return dlt_run(sink, id, &r->layout, name_harmonic, &h, di0 == BLOCK || !di0 ? 1 : di0, di0 != BLOCK, bytes, len);
}

/* Status words 1–7, two bytes each, bit 0 first (annex C); in the block FF one behind the other. */
static hub_status status_words(const dlt_sink *sink, uint32_t id, const uint8_t *bytes, size_t len)
{
	enum { WORDS = 7, RELAY_WORD = 3, RELAY_OPEN = 1 << 4 };
	unsigned di0 = id & 0xff, first = di0 == BLOCK ? 1 : di0, count = di0 == BLOCK ? WORDS : 1;
	hub_status st = HUB_OK;
	if (!first || first > WORDS)
		return dlt_unknown(sink, id, 8);
	if (len < 2 * count) {
		hub_fault fault;
		hub_fault_set(&fault, "dlt645.length", "L", "%08X holds %u status words of 2 bytes: got %zu bytes",
			      (unsigned)id, count, len);
		return sink->refuse(sink->context, &fault);
	}
	for (unsigned i = 0; i < count && st == HUB_OK; i++) {
		unsigned word = bytes[2 * i] | bytes[2 * i + 1] << 8;
		dlt_value v = { .unit = "1", .kind = HUB_INSTANT, .value = { word, 0 } };
		snprintf(v.quantity, sizeof v.quantity, "status_word_%u", first + i);
		st = sink->value(sink->context, &v);
		if (st != HUB_OK || first + i != RELAY_WORD)
			continue;
		dlt_value relay = { "switch_state", "", "1", HUB_STATE, { !(word & RELAY_OPEN), 0 }, 0 };
		st = sink->value(sink->context, &relay);
	}
	return st;
}

hub_status dlt_item_2007(const dlt_sink *sink, uint32_t id, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof singles / sizeof *singles; i++)
		if (singles[i].id == id)
			return dlt_run(sink, id, &singles[i].layout, name_single, &singles[i], 0, 1, bytes, len);
	switch (id >> 24) {
	case 0x00:
	case 0x01:
		return registers(sink, id, bytes, len);
	case 0x02:
		return variable(sink, id, bytes, len);
	case 0x03:
		return sink->keep(sink->context, "event_record", id, bytes, len);
	case 0x04:
		if (id >> 8 == 0x040005)
			return status_words(sink, id, bytes, len);
		return sink->keep(sink->context, "parameter", id, bytes, len);
	case 0x05:
		return frozen(sink, id, bytes, len);
	case 0x06:
		return sink->keep(sink->context, "load_record", id, bytes, len);
	default:
		return dlt_unknown(sink, id, 8);
	}
}
