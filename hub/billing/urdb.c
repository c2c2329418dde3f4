/*
 * OpenEI Utility Rate Database records (https://openei.org/services/doc/rest/util_rates, version 7
 * and later) as our form. Fields of our own form that stand in the record are taken over and win.
 */
#include "billing/urdb_part.h"

#include <stdio.h>
#include <string.h>

static const urdb_part energy_part = {
	.structure = "energyratestructure",
	.weekday = "energyweekdayschedule",
	.weekend = "energyweekendschedule",
	.code = "energy",
	.text = "电量 energy",
	.calendar = "",
	.price = "rate",
	.quantity = "active_energy_import",
};
static const urdb_part sell_part = {
	.structure = "energyratestructure",
	.weekday = "energyweekdayschedule",
	.weekend = "energyweekendschedule",
	.code = "sell",
	.text = "上网 export",
	.calendar = "",
	.price = "sell",
	.quantity = "active_energy_export",
	.credit = true,
};
static const urdb_part demand_part = {
	.structure = "demandratestructure",
	.weekday = "demandweekdayschedule",
	.weekend = "demandweekendschedule",
	.code = "demand",
	.text = "分时需量 demand",
	.calendar = "demand",
	.demand = true,
	.price = "rate",
	.quantity = "active_energy_import",
	.unit = "demandrateunit",
};
static const urdb_part flat_part = {
	.structure = "flatdemandstructure",
	.months = "flatdemandmonths",
	.code = "demand_flat",
	.text = "需量 demand",
	.calendar = "demand_flat",
	.demand = true,
	.price = "rate",
	.quantity = "active_energy_import",
	.unit = "flatdemandunit",
};
/* The power at the moment when the utility's own peak was: told as a series or a fact, as no meter knows it. */
static const urdb_part coincident_part = {
	.structure = "coincidentratestructure",
	.weekday = "coincidentschedule",
	.code = "coincident",
	.text = "系统峰时需量 coincident demand",
	.calendar = "coincident",
	.demand = true,
	.price = "rate",
	.quantity = "coincident_demand",
	.unit = "coincidentrateunit",
};

static bool any_tier(const json_t *record, bool (*test)(const json_t *tier))
{
	const json_t *structure = json_object_get(record, "energyratestructure");
	for (size_t p = 0; p < json_array_size(structure); p++) {
		const json_t *tiers = json_array_get(structure, p);
		for (size_t i = 0; i < json_array_size(tiers); i++) {
			if (test(json_array_get(tiers, i)))
				return true;
		}
	}
	return false;
}

static bool tier_per_kw(const json_t *tier)
{
	const char *unit = json_string_value(json_object_get(tier, "unit"));
	return unit && !strncmp(unit, "kWh/kW", 6);
}

static bool tier_sells(const json_t *tier)
{
	return json_number_value(json_object_get(tier, "sell")) != 0 || json_is_string(json_object_get(tier, "sell"));
}

/* How far back, and what percentage of an earlier peak; takes the percentages over. */
static json_t *ratchet_json(const json_t *record, json_t *percent)
{
	const json_t *range = json_object_get(record, "lookbackRange");
	return json_pack("{s:I,s:o}", "months", range ? json_integer_value(range) : 11, "percent", percent);
}

/* One percentage, of the peaks of the months that are marked (1), or of any. Some records write it as a part of 1. */
static json_t *lookback(form *f, const json_t *record)
{
	decimal part;
	const json_t *months = form_array(f, record, "lookbackMonths", 12);
	if (!form_decimal(f, record, "lookbackPercent", &part) || decimal_sign(part) <= 0)
		return NULL;
	if (decimal_cmp(part, decimal_of(1, 0)) <= 0 && decimal_mul(part, decimal_of(100, 0), &part) != HUB_OK)
		form_refuse(f, "urdb.lookback", "lookbackPercent", "does not fit");
	bool any = false;
	for (size_t i = 0; i < json_array_size(months); i++)
		any |= json_number_value(json_array_get(months, i)) != 0 || json_is_true(json_array_get(months, i));
	json_t *list = json_array();
	for (size_t i = 0; i < 12; i++) {
		const json_t *m = json_array_get(months, i);
		bool counts = !any || json_number_value(m) != 0 || json_is_true(m);
		json_array_append_new(list, urdb_decimal(counts ? part : decimal_of(0, 0)));
	}
	return list;
}

/* The record's ratchet raises what the month's demand charges bill, unless limits per kW are what it is for. */
static void ratchet_demand(form *f, const json_t *record, json_t *charges)
{
	const json_t *percent = form_array(f, record, "demandratchetpercentage", 12);
	bool own = json_object_get(record, "billing_demand") || any_tier(record, tier_per_kw);
	json_t *charge, *list = !percent ? lookback(f, record) : own ? NULL : json_deep_copy(percent);
	size_t i;
	json_array_foreach (charges, i, charge) {
		const char *code = json_string_value(json_object_get(charge, "code"));
		if (list && !strncmp(code, flat_part.code, strlen(flat_part.code)))
			json_object_set_new(charge, "ratchet", ratchet_json(record, json_incref(list)));
	}
	json_decref(list);
}

/* What fuel adds to a kWh, month by month. */
static void fuel(form *f, const json_t *record, json_t *own, json_t *charges)
{
	const json_t *list = form_array(f, record, "fueladjustmentsmonthly", 12);
	if (!list || !json_array_size(list))
		return;
	if (json_array_size(list) != 12) {
		form_refuse(f, "urdb.fuel", "fueladjustmentsmonthly", "has twelve months, not %zu",
			    json_array_size(list));
		return;
	}
	json_t *periods = json_array(), *rules = json_array(), *prices = json_object();
	bool any = false;
	for (int m = 0; m < 12; m++) {
		char name[8];
		decimal price = decimal_of(0, 0);
		form_number(f, json_array_get(list, (size_t)m), &price);
		any |= decimal_sign(price) != 0;
		snprintf(name, sizeof name, "m%d", m + 1);
		json_array_append_new(periods, json_string(name));
		json_array_append_new(rules, json_pack("{s:[i],s:s}", "months", m + 1, "period", name));
		json_object_set_new(prices, name, urdb_decimal(price));
	}
	json_object_set_new(json_object_get(own, "calendars"), "fuel",
			    json_pack("{s:o,s:o}", "periods", periods, "rules", rules));
	json_t *charge =
	    json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "code", "fuel", "text", "燃料调整 fuel", "kind", "usage",
		      "quantity", energy_part.quantity, "unit", "kWh", "calendar", "fuel", "prices", prices);
	if (any)
		json_array_append_new(charges, charge);
	else
		json_decref(charge);
}

/* What the limits per kW are taken from, with the record's ratchet. */
static void billing_demand(form *f, const json_t *record, json_t *charges)
{
	const json_t *extra = form_object(f, record, "billing_demand");
	const json_t *ratchet = form_array(f, record, "demandratchetpercentage", 12);
	const int64_t window = form_int(f, record, "demandwindow", 1, 1440, 0);
	if (!extra && !ratchet && !any_tier(record, tier_per_kw))
		return;
	json_t *o =
	    json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "code", "billing_demand", "text", "计费需量 billing demand",
		      "kind", "demand", "quantity", "active_energy_import", "unit", "kW", "price", "0", "billing", 1);
	if (ratchet)
		json_object_set_new(o, "ratchet", ratchet_json(record, json_deep_copy(ratchet)));
	if (window)
		json_object_set_new(o, "window", json_integer(window));
	if (extra)
		json_object_update(o, (json_t *)extra);
	json_array_append_new(charges, o);
}

/* What the highest reactive power costs, per kvar. */
static void reactive_charge(form *f, const json_t *record, json_t *charges)
{
	decimal price;
	const int64_t window = form_int(f, record, "demandwindow", 1, 1440, 0);
	if (!form_decimal(f, record, "demandreactivepowercharge", &price) || !decimal_sign(price))
		return;
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:o}", "code", "demand_reactive", "text",
			      "无功需量 reactive demand", "kind", "demand", "quantity", "reactive_energy_import",
			      "unit", "kvar", "price", urdb_decimal(price));
	if (window)
		json_object_set_new(o, "window", json_integer(window));
	json_array_append_new(charges, o);
}

/* Prices of every hour, of a field of ours: {"buy", "sell"} name series of the usage, which stand for the record's own.
 */
static bool market_charge(form *f, const json_t *record, const urdb_part *part, const char *way, json_t *charges)
{
	const char *series = form_text(f, form_object(f, record, "market"), way, NULL);
	if (!series)
		return false;
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:{s:s}}", "code", part->code, "text", part->text, "kind", "usage",
			      "quantity", part->quantity, "unit", "kWh", "market", "series", series);
	if (part->credit)
		json_object_set_new(o, "credit", json_true());
	json_array_append_new(charges, o);
	return true;
}

static void market_keys(form *f, const json_t *record)
{
	static const char *const keys[] = { "buy", "sell", NULL };
	size_t mark = form_enter(f, "market", -1);
	form_keys(f, form_object(f, record, "market"), keys);
	form_leave(f, mark);
}

static void fixed_charge(form *f, const json_t *record, const char *field, const char *units, const char *fallback,
			 const char *code, const char *text, const char *kind, json_t *charges)
{
	static const struct {
		const char *name, *per;
	} pers[] = { { "$/day", "day" }, { "$/month", "cycle" }, { "$/year", "year" } };
	decimal amount;
	if (!form_decimal(f, record, field, &amount) || !decimal_sign(amount))
		return;
	const char *unit = form_text(f, record, units, fallback), *per = NULL;
	for (size_t i = 0; i < sizeof pers / sizeof *pers; i++) {
		if (!strcmp(pers[i].name, unit))
			per = pers[i].per;
	}
	if (!per) {
		form_refuse(f, "urdb.fixed", "fixedchargeunits", "%s is $/day, $/month or $/year, not '%.20s'", units,
			    unit);
		return;
	}
	json_array_append_new(charges, json_pack("{s:s,s:s,s:s,s:o,s:s}", "code", code, "text", text, "kind", kind,
						 "amount", urdb_decimal(amount), "per", per));
	if (!strcmp(kind, "minimum"))
		json_object_set_new(json_array_get(charges, json_array_size(charges) - 1), "after_credit", json_true());
}

static void rules_convert(form *f, const json_t *record, json_t *own)
{
	static const struct {
		const char *name, *mode;
	} rules[] = {
		{ "Net Metering", "energy" },
		{ "Net Billing Instantaneous", "step" },
		{ "Net Billing Hourly", "step" },
		{ "Buy All Sell All", "none" },
	};
	const char *text = form_text(f, record, "dgrules", NULL);
	bool known = !text || !*text || json_object_get(record, "netting");
	for (size_t i = 0; text && i < sizeof rules / sizeof *rules; i++) {
		if (strcmp(rules[i].name, text))
			continue;
		json_object_set_new(own, "netting", json_pack("{s:s}", "mode", rules[i].mode));
		known = true;
	}
	if ((!text || !*text) && !json_object_get(record, "netting") &&
	    json_is_true(json_object_get(record, "usenetmetering")))
		json_object_set_new(own, "netting", json_pack("{s:s}", "mode", "energy"));
	if (!known)
		form_refuse(f, "urdb.dgrules", "dgrules",
			    "'dgrules' is Net Metering, Net Billing Instantaneous, Net Billing Hourly or Buy All Sell "
			    "All, not '%.40s'; "
			    "say it in 'netting'",
			    text);
}

static void take_over(const json_t *record, json_t *own)
{
	static const char *const fields[] = { "tariff", "text",	    "currency", "zone",	  "cycle",
					      "change", "rounding", "netting",	"credit", "prepaid" };
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		json_t *v = json_object_get(record, fields[i]);
		if (v)
			json_object_set(own, fields[i], v);
	}
}

json_t *urdb_convert(form *f, const json_t *record)
{
	const char *label = form_text(f, record, "label", "urdb");
	json_t *charges = json_array();
	json_t *own =
	    json_pack("{s:s,s:s,s:s,s:s,s:{s:i},s:{}}", "tariff", label, "text", form_text(f, record, "name", label),
		      "commodity", "electricity", "currency", "USD", "cycle", "months", 1, "calendars");
	market_keys(f, record);
	billing_demand(f, record, charges);
	if (!market_charge(f, record, &energy_part, "buy", charges) &&
	    !urdb_part_convert(f, record, &energy_part, own, charges))
		form_refuse(f, "urdb.energy", "energyratestructure", "'energyratestructure' has at least one period");
	urdb_part_convert(f, record, &demand_part, own, charges);
	urdb_part_convert(f, record, &flat_part, own, charges);
	ratchet_demand(f, record, charges);
	urdb_part_convert(f, record, &coincident_part, own, charges);
	reactive_charge(f, record, charges);
	fuel(f, record, own, charges);
	fixed_charge(f, record, "fixedchargefirstmeter", "fixedchargeunits", "$/month", "fixed", "固定 fixed", "fixed",
		     charges);
	fixed_charge(f, record, "fixedmonthlycharge", "", "$/month", "fixed_monthly", "固定 fixed", "fixed", charges);
	if (!market_charge(f, record, &sell_part, "sell", charges) && any_tier(record, tier_sells))
		urdb_part_convert(f, record, &sell_part, own, charges);
	fixed_charge(f, record, "mincharge", "minchargeunits", "$/month", "minimum", "最低 minimum", "minimum",
		     charges);
	fixed_charge(f, record, "minmonthlycharge", "", "$/month", "minimum_monthly", "最低 minimum", "minimum",
		     charges);
	fixed_charge(f, record, "annualmincharge", "", "$/year", "minimum_yearly", "年度最低 minimum", "minimum",
		     charges);
	rules_convert(f, record, own);
	take_over(record, own);
	json_object_set_new(own, "charges", charges);
	if (f->st == HUB_OK)
		return own;
	json_decref(own);
	return NULL;
}
