/* MeterValue and its sampled values (OCPP 1.6, 7.31 and 7.43) as readings. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "ocpp16.h"

enum { DETAILS = 48, PIECE = 4000, PIECES = 16 };

/*
 * A measurand as a quantity: that of the outlet (an EV's own where it has one), that of a phase or
 * of the grid side, to which _l1 … is added if `phased`.
 */
typedef struct measurand {
	const char *name, *outlet, *grid;
	bool phased;
	hub_kind kind;
	const char *unit; /* if the value names none */
} measurand;

static const measurand measurands[] = {
	{ "Energy.Active.Import.Register", "ev_energy", "active_energy_import", true, HUB_REGISTER, "Wh" },
	{ "Energy.Active.Export.Register", "ev_energy_export", "active_energy_export", true, HUB_REGISTER, "Wh" },
	{ "Energy.Reactive.Import.Register", NULL, "reactive_energy_import", true, HUB_REGISTER, "varh" },
	{ "Energy.Reactive.Export.Register", NULL, "reactive_energy_export", true, HUB_REGISTER, "varh" },
	{ "Energy.Active.Import.Interval", "ev_energy", "active_energy_import", true, HUB_INTERVAL, "Wh" },
	{ "Energy.Active.Export.Interval", "ev_energy_export", "active_energy_export", true, HUB_INTERVAL, "Wh" },
	{ "Energy.Reactive.Import.Interval", NULL, "reactive_energy_import", true, HUB_INTERVAL, "varh" },
	{ "Energy.Reactive.Export.Interval", NULL, "reactive_energy_export", true, HUB_INTERVAL, "varh" },
	{ "Power.Active.Import", "ev_power", "active_power", true, HUB_INSTANT, "W" },
	{ "Power.Active.Export", "ev_power_export", "active_power_export", true, HUB_INSTANT, "W" },
	{ "Power.Offered", "ev_power_offered", "ev_power_offered", false, HUB_INSTANT, "W" },
	{ "Power.Reactive.Import", NULL, "reactive_power", true, HUB_INSTANT, "var" },
	{ "Power.Reactive.Export", NULL, "reactive_power_export", true, HUB_INSTANT, "var" },
	{ "Power.Factor", NULL, "power_factor", true, HUB_INSTANT, "1" },
	{ "Current.Import", "ev_current", "current", true, HUB_INSTANT, "A" },
	{ "Current.Export", "ev_current_export", "current_export", true, HUB_INSTANT, "A" },
	{ "Current.Offered", "ev_current_offered", "ev_current_offered", false, HUB_INSTANT, "A" },
	{ "Voltage", "ev_voltage", "voltage", true, HUB_INSTANT, "V" },
	{ "Frequency", NULL, "frequency", false, HUB_INSTANT, "Hz" },
	{ "Temperature", "device_temperature", "device_temperature", false, HUB_INSTANT, "Cel" },
	{ "SoC", "ev_state_of_charge", "ev_state_of_charge", false, HUB_INSTANT, "%" },
	{ "RPM", "fan_speed", "fan_speed", false, HUB_INSTANT, "1/min" },
};

static const struct {
	const char *phase, *ending, *line;
} phases[] = {
	{ "L1", "_l1" },
	{ "L1-N", "_l1" },
	{ "L2", "_l2" },
	{ "L2-N", "_l2" },
	{ "L3", "_l3" },
	{ "L3-N", "_l3" },
	{ "N", "_neutral" },
	{ "L1-L2", "_l1_l2", "_l1" },
	{ "L2-L3", "_l2_l3", "_l2" },
	{ "L3-L1", "_l3_l1", "_l3" },
};

static const struct {
	const char *said, *unit;
} units[] = {
	{ "Celsius", "Cel" },
	{ "Celcius", "Cel" },
	{ "Percent", "%" },
};

static const measurand *measurand_find(const char *name)
{
	for (size_t i = 0; i < sizeof measurands / sizeof *measurands; i++)
		if (!strcasecmp(measurands[i].name, name))
			return &measurands[i];
	return NULL;
}

/* Only a voltage lies between two lines; what flows there is counted at the first of them. */
static const char *ending_of(const measurand *m, const char *phase)
{
	for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
		if (!strcasecmp(phases[i].phase, phase))
			return strcmp(m->unit, "V") && phases[i].line ? phases[i].line : phases[i].ending;
	return "";
}

/* "12.50", "-3", ".5", "1.5e3" and blanks around, exactly; the rest is no number. */
static bool value_parse(const char *text, hub_value *ret)
{
	bool minus = false, any = false, dot = false;
	int64_t digits = 0;
	int scale = 0;
	text += strspn(text, " ");
	if (*text == '-' || *text == '+')
		minus = *text++ == '-';
	for (; isdigit((unsigned char)*text) || (*text == '.' && !dot); text++) {
		if (*text == '.') {
			dot = true;
			continue;
		}
		if (__builtin_mul_overflow(digits, 10, &digits) || __builtin_add_overflow(digits, *text - '0', &digits))
			return false;
		scale += dot;
		any = true;
	}
	if (any && (*text == 'e' || *text == 'E')) {
		char *end;
		long e = strtol(text + 1, &end, 10);
		if (end == text + 1 || e < -18 || e > 18)
			return false;
		scale -= (int)e;
		text = end;
	}
	for (; scale < 0; scale++)
		if (__builtin_mul_overflow(digits, 10, &digits))
			return false;
	text += strspn(text, " ");
	if (!any || *text || scale > HUB_VALUE_SCALE_MAX)
		return false;
	*ret = (hub_value) { minus ? -digits : digits, (uint8_t)scale };
	return true;
}

/* (F − 32) × 5/9, to two more decimals, half to even: the one unit that has no exact Celsius. */
static bool celsius(hub_value *v)
{
	decimal d = decimal_of_value(*v), c;
	uint8_t scale = (uint8_t)(v->scale + 2 > HUB_VALUE_SCALE_MAX ? HUB_VALUE_SCALE_MAX : v->scale + 2);
	return decimal_sub(d, decimal_of(32, 0), &d) == HUB_OK && decimal_mul(d, decimal_of(5, 0), &d) == HUB_OK &&
	       decimal_div(d, decimal_of(9, 0), scale, DECIMAL_HALF_EVEN, &c) == HUB_OK &&
	       decimal_to_value(c, v) == HUB_OK;
}

static const char *unit_of(const char *said, const measurand *m)
{
	/* The standard has no unit for these, whatever default it names. */
	if (!*said || !strcmp(m->unit, "Hz") || !strcmp(m->unit, "1") || !strcmp(m->unit, "1/min"))
		return m->unit;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (!strcasecmp(units[i].said, said))
			return units[i].unit;
	return said;
}

static void quantity_of(const measurand *m, const char *phase, const char *location, char out[64])
{
	const char *ending = m->phased ? ending_of(m, phase) : "";
	bool outlet = !*ending && strcasecmp(location, "Inlet") != 0;
	if (!strcmp(m->name, "Temperature"))
		snprintf(out, 64, "%s",
			 !strcasecmp(location, "EV")	  ? "ev_temperature"
			 : !strcasecmp(location, "Cable") ? "cable_temperature"
							  : m->grid);
	else
		snprintf(out, 64, "%s%s", outlet && m->outlet ? m->outlet : m->grid, ending);
}

static hub_status signed_keep(session *s, const json_t *sample, const char *channel, int32_t transaction, hub_time time)
{
	const char *data = member_text(sample, "value", "");
	hub_setting details[PIECES + 4];
	char pieces[PIECES][PIECE + 1], names[PIECES][16], number[16];
	size_t count = 0, len = strlen(data);
	if (!s->in->keep_signed)
		return HUB_OK;
	snprintf(number, sizeof number, "%d", (int)transaction);
	details[count++] = (hub_setting) { "context", member_text(sample, "context", "Sample.Periodic") };
	details[count++] =
	    (hub_setting) { "measurand", member_text(sample, "measurand", "Energy.Active.Import.Register") };
	details[count++] = (hub_setting) { "transaction", number };
	for (size_t i = 0; i < PIECES && i * PIECE < len; i++) {
		snprintf(names[i], sizeof names[i], i ? "data_%zu" : "data", i + 1);
		snprintf(pieces[i], sizeof pieces[i], "%s", data + i * PIECE);
		details[count++] = (hub_setting) { names[i], pieces[i] };
	}
	hub_record r = { .type = HUB_RECORD_ARCHIVE,
			 .archive = { s->st->name, channel, "signed_meter_value", time, details, count } };
	return session_emit(s, &r);
}

static hub_status value_refuse(session *s, const char *value)
{
	hub_fault fault;
	hub_fault_set(&fault, "ocpp16.value", "value",
		      "a sampled value is a decimal number, got '%.60s'; see the station's "
		      "firmware, or its format if it is signed",
		      value);
	return session_refuse(s, &fault);
}

/* The value at hand, as the transaction's update tells it. */
typedef struct note {
	hub_setting details[DETAILS];
	char names[DETAILS][64], values[DETAILS][48];
	size_t count;
} note;

static void note_add(note *n, const char *name, const char *value, const char *unit)
{
	if (!n || n->count == DETAILS)
		return;
	snprintf(n->names[n->count], sizeof n->names[0], "%s", name);
	snprintf(n->values[n->count], sizeof n->values[0], "%s%s%s", value, *unit ? " " : "", unit);
	n->details[n->count] = (hub_setting) { n->names[n->count], n->values[n->count] };
	n->count++;
}

static hub_time start_of(session *s, connector *c, hub_time time, uint32_t *flags)
{
	if (c && c->sampled && c->sampled < time)
		return c->sampled;
	*flags |= HUB_ESTIMATED;
	return time - s->in->sample_time;
}

static hub_status sample_emit(session *s, const json_t *sample, const char *channel, int64_t id, hub_time time, note *n)
{
	const char *said = member_text(sample, "value", ""), *phase = member_text(sample, "phase", "");
	const measurand *m = measurand_find(member_text(sample, "measurand", "Energy.Active.Import.Register"));
	const char *unit = m ? unit_of(member_text(sample, "unit", ""), m) : "";
	char quantity[64];
	hub_value v;
	uint32_t flags = 0;
	if (!m || !value_parse(said, &v))
		return value_refuse(s, said);
	bool wide = v.digits > INT64_MAX / 1000 || v.digits < INT64_MIN / 1000;
	if ((s->st->quirks & QUIRK_WH_IS_KWH) && m->kind == HUB_REGISTER && !strcmp(unit, "Wh"))
		unit = "kWh";
	if (!strcasecmp(unit, "Fahrenheit")) {
		if (wide || !celsius(&v))
			return value_refuse(s, said);
		unit = "Cel";
	}
	quantity_of(m, phase, member_text(sample, "location", "Outlet"), quantity);
	hub_time start = m->kind == HUB_INTERVAL ? start_of(s, station_connector(s->st, (int)id), time, &flags) : 0;
	hub_record r = { .type = HUB_RECORD_READING,
			 .reading = { s->st->name, channel, quantity, unit, m->kind, flags, v, start, time } };
	char text[DECIMAL_TEXT];
	note_add(n, quantity, hub_value_text(v, text), unit);
	return session_emit(s, &r);
}

static hub_status update_emit(session *s, note *n, const char *channel, int32_t transaction, hub_time time)
{
	char number[16];
	snprintf(number, sizeof number, "%d", (int)transaction);
	hub_record r = { .type = HUB_RECORD_TRANSACTION,
			 .transaction = { s->st->name, channel, number, "update", "", time, n->details, n->count } };
	return session_emit(s, &r);
}

static hub_status value_emit(session *s, const json_t *value, int64_t id, int32_t transaction, bool updates)
{
	hub_time time = member_time(s, value, "timestamp");
	const json_t *sample;
	char channel[12];
	size_t i;
	bool interval = false;
	hub_status st = HUB_OK;
	note *n = updates ? calloc(1, sizeof *n) : NULL;
	if (updates && !n)
		return HUB_NOMEM;
	channel_of(id, channel);
	json_array_foreach (json_object_get(value, "sampledValue"), i, sample) {
		const char *context = member_text(sample, "context", "Sample.Periodic");
		interval |= strstr(member_text(sample, "measurand", ""), ".Interval") != NULL;
		if (n && !n->count)
			note_add(n, "context", context, "");
		st = !strcasecmp(member_text(sample, "format", "Raw"), "SignedData")
			 ? signed_keep(s, sample, channel, transaction, time)
			 : sample_emit(s, sample, channel, id, time, n);
		if (st != HUB_OK)
			break;
	}
	if (st == HUB_OK && n && n->count > 1)
		st = update_emit(s, n, channel, transaction, time);
	connector *c = st == HUB_OK && interval ? station_connector(s->st, (int)id) : NULL;
	if (c && s->taken == s->index)
		c->sampled = time;
	free(n);
	return st;
}

hub_status meter_values(session *s, const json_t *list, int64_t id, int32_t transaction, bool updates)
{
	const json_t *value;
	size_t i;
	hub_status st = HUB_OK;
	json_array_foreach (list, i, value)
		if ((st = value_emit(s, value, id, transaction, updates)) != HUB_OK)
			return st;
	return st;
}

hub_status meter_register(session *s, int64_t id, int64_t wh, hub_time time)
{
	char channel[12];
	hub_record r = { .type = HUB_RECORD_READING,
			 .reading = { s->st->name,
				      channel_of(id, channel),
				      "ev_energy",
				      s->st->quirks & QUIRK_WH_IS_KWH ? "kWh" : "Wh",
				      HUB_REGISTER,
				      0,
				      { wh, 0 },
				      0,
				      time } };
	return session_emit(s, &r);
}
