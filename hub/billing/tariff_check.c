#include <string.h>

#include "billing/tariff_parse.h"

/* The unit a known quantity is charged in; what is not listed may have any. */
static const struct {
	const char *prefix, *unit;
} units[] = {
	{ "active_energy_", "kWh" },	{ "ev_energy", "kWh" },	    { "reactive_energy_", "kvarh" },
	{ "apparent_energy_", "kVAh" }, { "active_demand_", "kW" }, { "water_volume", "m3" },
	{ "hot_water_volume", "m3" },	{ "gas_volume", "m3" },	    { "heat_energy", "kWh" },
	{ "cold_energy", "kWh" },	{ "gas_energy", "kWh" },
};

/* A demand is the power of its energy. */
static const char *power_of(const char *unit)
{
	static const char *const powers[][2] = { { "kWh", "kW" }, { "kVAh", "kVA" }, { "kvarh", "kvar" } };
	for (size_t i = 0; i < sizeof powers / sizeof *powers; i++)
		if (!strcmp(powers[i][0], unit))
			return powers[i][1];
	return unit;
}

/* A charge that converts its quantity states the unit it converts to. */
static void unit_check(form *f, const tariff_charge *c)
{
	if (c->scale_count || decimal_sign(c->divide))
		return;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (strncmp(c->quantity, units[i].prefix, strlen(units[i].prefix)))
			continue;
		const char *unit = c->kind == TARIFF_DEMAND ? power_of(units[i].unit) : units[i].unit;
		if (strcmp(c->unit, unit))
			form_refuse(f, "tariff.charge.unit", "unit",
				    "%s is charged per %s here, not per '%.20s'; convert with "
				    "'scale'",
				    c->quantity, unit, c->unit);
	}
}

static const tariff_charge *charge_of(const tariff_version *v, const char *code, size_t before)
{
	for (size_t i = 0; i < before; i++) {
		if (!strcmp(v->charges[i].code, code))
			return &v->charges[i];
	}
	return NULL;
}

static void netting_check(form *f, const tariff_version *v)
{
	if (v->netting.mode != TARIFF_NETTING_NONE && !strcmp(v->netting.import, v->netting.export))
		form_refuse(f, "tariff.netting", "netting", "'import' and 'export' are two quantities");
	for (size_t i = 0; i < v->charge_count; i++) {
		const tariff_charge *c = &v->charges[i];
		bool netted = v->netting.mode > TARIFF_NETTING_STEP && c->kind == TARIFF_USAGE &&
			      (!strcmp(c->quantity, v->netting.import) || !strcmp(c->quantity, v->netting.export));
		if (netted && c->calendar != v->calendars[0])
			form_refuse(f, "tariff.netting", "netting",
				    "use that is netted over a cycle has the main calendar");
		if (netted && (c->market.series || (c->has_ladder && c->ladder.share == TARIFF_SHARE_TIME)))
			form_refuse(
			    f, "tariff.netting", "netting",
			    "use that is netted over a cycle has no time left: no market price and no share by time");
	}
}

void tariff_check(form *f, const tariff *t, const tariff_version *v)
{
	(void)t;
	size_t billing = 0;
	for (size_t i = 0; i < v->charge_count && f->st == HUB_OK; i++) {
		const tariff_charge *c = &v->charges[i];
		size_t mark = form_enter(f, "charges", (long)i);
		if (charge_of(v, c->code, i))
			form_refuse(f, "tariff.charge.code", "code", "codes are unique: '%.40s' stands twice", c->code);
		for (size_t b = 0; b < c->base_count; b++) {
			if (!charge_of(v, c->base[b], i))
				form_refuse(f, "tariff.charge.base", "base",
					    "a base is an earlier charge: '%.40s' does not stand before this one",
					    c->base[b]);
		}
		if (c->quantity)
			unit_check(f, c);
		if (c->to && c->from && c->to <= c->from)
			form_refuse(f, "tariff.charge.validity", "to", "'to' is after 'from'");
		billing += c->billing;
		if (c->has_ladder && c->ladder.demand && !billing)
			form_refuse(f, "tariff.ladder.demand", "times",
				    "limits per kW need the billing demand: mark an earlier demand charge with "
				    "\"billing\": true");
		form_leave(f, mark);
	}
	if (billing > 1)
		form_refuse(f, "tariff.demand.billing", "billing", "at most one charge gives the billing demand");
	netting_check(f, v);
}
