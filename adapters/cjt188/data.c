#include "data.h"

#include <stdio.h>
#include <string.h>

enum { VALUE = 4, UNIT = 1, CLOCK = 7, STATUS = 2, VOLUMES = 2 * (VALUE + UNIT) + CLOCK + STATUS,
       HEAT = 5 * (VALUE + UNIT) + 3 * 3 + CLOCK + STATUS, PURCHASE = 1 + 3 * VALUE + STATUS };

/* Units of table 5 (2004). shift: the value is to be multiplied by 10^shift. */
typedef struct unit_row {
	uint8_t code;
	int8_t shift;
	const char *unit;
} unit_row;

static const unit_row units[] = {
	{ 0x01, 0, "J" },   { 0x02, 0, "Wh" },  { 0x05, 0, "kWh" }, { 0x08, 0, "MWh" }, { 0x0a, 2, "MWh" }, { 0x0b, 0, "kJ" },
	{ 0x0e, 0, "MJ" },  { 0x11, 0, "GJ" },  { 0x13, 2, "GJ" },  { 0x14, 0, "W" },   { 0x17, 0, "kW" },  { 0x1a, 0, "MW" },
	{ 0x29, 0, "L" },   { 0x2c, 0, "m3" },  { 0x32, 0, "L/h" }, { 0x35, 0, "m3/h" },
};

static const unit_row *unit_find(uint8_t code)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (units[i].code == code)
			return &units[i];
	return NULL;
}

typedef enum bcd_state { BCD_VALUE, BCD_NONE, BCD_BAD } bcd_state;

/* Low byte first, two digits a byte; all FFH: the meter has none. */
static bcd_state bcd(const uint8_t *bytes, size_t n, int64_t *ret)
{
	int64_t v = 0;
	bool none = true;
	for (size_t i = 0; i < n; i++)
		none = none && bytes[i] == 0xff;
	if (none)
		return BCD_NONE;
	for (size_t i = n; i-- > 0;) {
		if (bytes[i] >> 4 > 9 || (bytes[i] & 15) > 9)
			return BCD_BAD;
		v = v * 100 + (bytes[i] >> 4) * 10 + (bytes[i] & 15);
	}
	*ret = v;
	return BCD_VALUE;
}

/* Days since 1970-01-01 of a day in 2000–2099; every fourth year is a leap year there. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int64_t days = 10957 + 365 * year + (year + 3) / 4 + before[month - 1] + day - 1;
	return days + (month > 2 && year % 4 == 0);
}

/* ss mm hh DD MM YY 20; 0 if the meter has no clock, or one that was never set. */
static hub_time clock_of(const uint8_t *bytes, int64_t utc_offset)
{
	static const int days_in[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t f[CLOCK];
	for (int i = 0; i < CLOCK; i++)
		if (bcd(bytes + i, 1, &f[i]) != BCD_VALUE)
			return 0;
	if (f[6] != 20 || f[4] < 1 || f[4] > 12 || f[3] < 1 || f[3] > days_in[f[4] - 1] || f[2] > 23 || f[1] > 59 || f[0] > 59)
		return 0;
	int64_t seconds = ((days_of(f[5], f[4], f[3]) * 24 + f[2]) * 60 + f[1]) * 60 + f[0];
	return seconds * 1000000 - utc_offset;
}

/* Bits 0 and 1 of the first status byte; bit 2: the battery is low. */
static cjt_valve valve_of(const uint8_t *status)
{
	static const cjt_valve states[] = { CJT_VALVE_OPEN, CJT_VALVE_CLOSED, CJT_VALVE_ABNORMAL, CJT_VALVE_ABNORMAL };
	return states[status[0] & 3];
}

typedef struct taking {
	const cjt_sink *sink;
	const cjt_frame *f;
	const uint8_t *at; /* the next field */
	hub_time time;
	hub_status st;
} taking;

static void give(taking *t, const char *quantity, hub_kind kind, const char *unit, hub_value value)
{
	const hub_reading r = { .meter = t->f->meter, .channel = "", .quantity = quantity, .unit = unit, .kind = kind,
				.value = value, .time = t->time };
	if (t->st == HUB_OK)
		t->st = t->sink->reading(t->sink->context, &r);
}

static void refuse(taking *t, const hub_fault *fault)
{
	if (t->st == HUB_OK)
		t->st = t->sink->refuse(t->sink->context, fault);
}

static void refuse_bcd(taking *t, const char *quantity)
{
	hub_fault fault;
	hub_fault_set(&fault, "cjt188.bcd", quantity, "a value is BCD, two digits a byte: its low byte is %02XH; check the meter",
		      t->at[0]);
	refuse(t, &fault);
}

/* A number without unit of its own. quantity NULL passes over it. */
static void number(taking *t, size_t bytes, uint8_t scale, const char *quantity, hub_kind kind, const char *unit)
{
	int64_t digits;
	bcd_state found = quantity ? bcd(t->at, bytes, &digits) : BCD_NONE;
	if (found == BCD_BAD)
		refuse_bcd(t, quantity);
	else if (found == BCD_VALUE)
		give(t, quantity, kind, unit, (hub_value){ digits, scale });
	t->at += bytes;
}

/* Four bytes and a unit. quantity NULL passes over it. */
static void measured(taking *t, uint8_t scale, const char *quantity, hub_kind kind)
{
	int64_t digits;
	const unit_row *unit = unit_find(t->at[VALUE]);
	bcd_state found = quantity ? bcd(t->at, VALUE, &digits) : BCD_NONE;
	hub_fault fault;
	if (found == BCD_BAD) {
		refuse_bcd(t, quantity);
	} else if (found == BCD_VALUE && !unit) {
		hub_fault_set(&fault, "cjt188.unit", quantity, "units come from table 5 of CJ/T 188: %02XH is none; check the meter",
			      t->at[VALUE]);
		refuse(t, &fault);
	} else if (found == BCD_VALUE) {
		/* Every scale here is 2 or more, every shift at most 2. */
		give(t, quantity, kind, unit->unit, (hub_value){ digits, (uint8_t)(scale - unit->shift) });
	}
	t->at += VALUE + UNIT;
}

static void status(taking *t, bool has_valve)
{
	if (has_valve)
		give(t, "valve_state", HUB_STATE, "1", (hub_value){ valve_of(t->at), 0 });
	give(t, "meter_state", HUB_STATE, "1", (hub_value){ t->at[0] >> 2 & 1, 0 });
	t->at += STATUS;
}

/* The quantity that a type of meter counts: table 2. */
static const char *counted(uint8_t type)
{
	switch (type >> 4) {
	case 1: return type == 0x11 ? "hot_water_volume" : "water_volume";
	case 2: return type == 0x21 ? "cold_energy" : "heat_energy";
	case 3: return "gas_volume";
	default: return "active_energy_import";
	}
}

static void settled(taking *t, const char *kind, const char *quantity, const uint8_t *field, unsigned months)
{
	int64_t digits;
	char value[24], month[4];
	const unit_row *unit = unit_find(field[VALUE]);
	if (t->st != HUB_OK || !unit || bcd(field, VALUE, &digits) != BCD_VALUE)
		return;
	digits *= unit->shift ? 100 : 1;
	snprintf(value, sizeof value, "%lld.%02lld", (long long)(digits / 100), (long long)(digits % 100));
	snprintf(month, sizeof month, "%u", months % 100);
	const hub_setting details[] = { { "quantity", quantity }, { "value", value }, { "unit", unit->unit },
					{ "months_ago", month } };
	t->st = t->sink->keep(t->sink->context, kind, details, months ? 4 : 3);
}

/* Now, at the settlement day, the clock, the status. */
static void volumes(taking *t)
{
	const uint8_t *day = t->at + VALUE + UNIT;
	t->time = clock_of(t->at + 2 * (VALUE + UNIT), t->sink->utc_offset);
	measured(t, 2, counted(t->f->type), HUB_REGISTER);
	settled(t, "settlement", counted(t->f->type), day, 0);
	t->at = day + VALUE + UNIT + CLOCK;
	status(t, true);
}

static void heat(taking *t)
{
	const uint8_t *first = t->at;
	t->time = clock_of(t->at + HEAT - STATUS - CLOCK, t->sink->utc_offset);
	measured(t, 2, t->sink->cold_first ? "cold_energy" : NULL, HUB_REGISTER);
	measured(t, 2, counted(t->f->type), HUB_REGISTER);
	measured(t, 2, "heat_power", HUB_INSTANT);
	measured(t, 4, "heat_flow", HUB_INSTANT);
	measured(t, 2, "heat_volume", HUB_REGISTER);
	number(t, 3, 2, "flow_temperature", HUB_INSTANT, "Cel");
	number(t, 3, 2, "return_temperature", HUB_INSTANT, "Cel");
	number(t, 3, 0, "operating_time", HUB_REGISTER, "h");
	t->at += CLOCK;
	if (!t->sink->cold_first)
		settled(t, "settlement", counted(t->f->type), first, 0);
	status(t, false);
}

static void purchase(taking *t)
{
	number(t, 1, 0, "purchase_count", HUB_REGISTER, "1");
	number(t, VALUE, 2, NULL, 0, ""); /* this purchase */
	number(t, VALUE, 2, NULL, 0, ""); /* all of them */
	number(t, VALUE, 2, "remaining_amount", HUB_INSTANT, "CNY");
	status(t, true);
}

static void valve(taking *t)
{
	status(t, true);
}

static void history(taking *t)
{
	settled(t, "history", counted(t->f->type), t->at, cjt_identifier(t->f->data) - CJT_HISTORY + 1u);
}

/* What is not a layout of the standard's is kept as it came. */
static void other(taking *t)
{
	char id[5], text[2 * CJT_DATA_MAX + 1] = "";
	size_t n = t->f->len - 3u;
	snprintf(id, sizeof id, "%04X", cjt_identifier(t->f->data));
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02X", t->at[i]);
	const hub_setting details[] = { { "identifier", id }, { "value", text } };
	t->st = t->sink->keep(t->sink->context, "data", details, 2);
}

/* size: bytes behind identifier and sequence number. family: the high digit of T; 0: any. */
typedef struct layout_row {
	uint16_t first, last;
	uint8_t family, size;
	void (*take)(taking *t);
} layout_row;

static const layout_row layouts[] = {
	{ CJT_CURRENT, CJT_CURRENT, 1, VOLUMES, volumes },
	{ CJT_CURRENT, CJT_CURRENT, 3, VOLUMES, volumes },
	{ CJT_CURRENT, CJT_CURRENT, 4, VOLUMES, volumes },
	{ CJT_CURRENT, CJT_CURRENT, 2, HEAT, heat },
	{ CJT_HISTORY, CJT_HISTORY + 11, 0, VALUE + UNIT, history },
	{ CJT_PURCHASE, CJT_PURCHASE, 0, PURCHASE, purchase },
	{ CJT_VALVE, CJT_VALVE, 0, STATUS, valve },
};

static const layout_row *layout_of(const cjt_frame *f)
{
	uint16_t id = cjt_identifier(f->data);
	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
		const layout_row *l = &layouts[i];
		if (id >= l->first && id <= l->last && (!l->family || f->type >> 4 == l->family) && f->len == l->size + 3u)
			return l;
	}
	return NULL;
}

/* 2004 prints 901F and sends 90H first, 2018 sends 1FH first; both are met. No low byte is a high one. */
uint16_t cjt_identifier(const uint8_t *data)
{
	static const uint8_t high[] = { 0x90, 0xd1, 0x81, 0xa0 };
	if (memchr(high, data[0], sizeof high))
		return (uint16_t)(data[0] << 8 | data[1]);
	return (uint16_t)(data[1] << 8 | data[0]);
}

hub_status cjt_data_take(const cjt_sink *sink, const cjt_frame *f)
{
	taking t = { .sink = sink, .f = f, .at = f->data + 3 };
	const layout_row *l = layout_of(f);
	(l ? l->take : other)(&t);
	return t.st;
}

cjt_valve cjt_data_valve(const cjt_frame *f)
{
	const layout_row *l = layout_of(f);
	bool shows = l && (l->take == volumes || l->take == valve || l->take == purchase);
	return shows ? valve_of(f->data + f->len - STATUS) : CJT_VALVE_UNKNOWN;
}
