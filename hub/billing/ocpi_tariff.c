#include "billing/ocpi.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "billing/tariff_parse.h"

static const char *const dimensions[] = { "ENERGY", "FLAT", "PARKING_TIME", "TIME", NULL };

/* How a component is billed, by dimension; the last is a reservation's time. */
static const struct {
	const char *code, *text, *unit;
	tariff_kind kind;
} forms[] = {
	[OCPI_ENERGY] = { "energy", "电量 energy", "kWh", TARIFF_USAGE },
	[OCPI_FLAT] = { "flat", "单次费用 flat fee", "1", TARIFF_FIXED },
	[OCPI_PARKING] = { "parking_time", "占位 parking", "h", TARIFF_USAGE },
	[OCPI_TIME] = { "time", "充电时长 charging time", "h", TARIFF_USAGE },
	[OCPI_DIMENSIONS] = { "reservation_time", "预约 reservation", "h", TARIFF_USAGE },
};

static tariff_charge *charge_add(form *f, tariff_version *v, const char *code, const char *text, tariff_kind kind,
				 const char *unit)
{
	size_t same = 0, len = strlen(code);
	for (size_t i = 0; i < v->charge_count; i++) {
		const char *other = v->charges[i].code;
		same += !strncmp(other, code, len) && (!other[len] || (other[len] == '_' && other[len + 1] <= '9'));
	}
	tariff_charge *c = &v->charges[v->charge_count++];
	c->code = same ? arena_printf(f->a, "%s_%zu", code, same + 1) : form_copy(f, code);
	if (!c->code) {
		form_nomem(f);
		c->code = "";
	}
	c->text = text;
	c->kind = kind;
	c->unit = unit;
	c->quantity = code;
	c->calendar = v->calendars[0];
	return c;
}

static bool two_digits(const char *p, int most, int *ret)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*ret = (p[0] - '0') * 10 + p[1] - '0';
	return *ret <= most;
}

/* "17:00" as a minute of the day; -1 where absent. */
static int clock_read(form *f, const json_t *o, const char *key)
{
	int hour, minute;
	const char *text = form_text(f, o, key, NULL);
	if (!text)
		return -1;
	if (strlen(text) == 5 && text[2] == ':' && two_digits(text, 23, &hour) && two_digits(text + 3, 59, &minute))
		return hour * 60 + minute;
	form_refuse(f, "ocpi.time", key, "'%s' is a time of day from 00:00 to 23:59, not '%.20s'", key, text);
	return -1;
}

static int64_t day_read(form *f, const json_t *o, const char *key, int64_t fallback)
{
	const zone *kept = f->zone;
	const json_t *v = json_object_get(o, key);
	hub_time at = 0;
	if (!v || json_is_null(v))
		return fallback;
	f->zone = NULL;
	if (!json_is_string(v) || json_string_length(v) != 10 || !form_moment(f, v, &at))
		form_refuse(f, "ocpi.date", key, "'%s' is a date as 2026-01-31", key);
	f->zone = kept;
	return at / INT64_C(86400000000);
}

static uint8_t weekdays_read(form *f, const json_t *o)
{
	static const char *const names[] = { "SUNDAY",	 "MONDAY", "TUESDAY", "WEDNESDAY",
					     "THURSDAY", "FRIDAY", "SATURDAY" };
	const json_t *list = form_array(f, o, "day_of_week", 7);
	uint8_t ret = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		uint8_t bit = 0;
		for (int d = 0; d < 7; d++)
			if (name && !strcmp(names[d], name))
				bit = (uint8_t)(1u << d);
		if (!bit)
			form_refuse(f, "ocpi.day_of_week", "day_of_week", "days are MONDAY to SUNDAY");
		ret |= bit;
	}
	return ret ? ret : 0x7f;
}

static void restrictions_read(form *f, const json_t *o, ocpi_tariff *t, ocpi_restrictions *r)
{
	static const char *const keys[] = { "start_time",   "end_time",	    "start_date",  "end_date",	  "min_kwh",
					    "max_kwh",	    "min_current",  "max_current", "min_power",	  "max_power",
					    "min_duration", "max_duration", "day_of_week", "reservation", NULL };
	static const char *const reservations[] = { "", "RESERVATION", "RESERVATION_EXPIRES", NULL };
	static const struct {
		const char *key;
		size_t at;
	} bounds[] = {
		{ "min_kwh", offsetof(ocpi_restrictions, min_kwh) },
		{ "max_kwh", offsetof(ocpi_restrictions, max_kwh) },
		{ "min_current", offsetof(ocpi_restrictions, min_current) },
		{ "max_current", offsetof(ocpi_restrictions, max_current) },
		{ "min_power", offsetof(ocpi_restrictions, min_power) },
		{ "max_power", offsetof(ocpi_restrictions, max_power) },
	};
	*r = (ocpi_restrictions) { -1, -1, INT64_MIN, INT64_MAX, 0x7f, .min_duration = -1, .max_duration = -1 };
	if (!o)
		return;
	form_keys(f, o, keys);
	r->from_minute = clock_read(f, o, "start_time");
	r->to_minute = clock_read(f, o, "end_time");
	if (r->from_minute >= 0 || r->to_minute >= 0) {
		r->from_minute = r->from_minute < 0 ? 0 : r->from_minute;
		r->to_minute = r->to_minute <= 0 ? 1440 : r->to_minute;
	}
	r->from_day = day_read(f, o, "start_date", INT64_MIN);
	r->to_day = day_read(f, o, "end_date", INT64_MAX);
	r->weekdays = weekdays_read(f, o);
	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		ocpi_bound *b = (ocpi_bound *)((char *)r + bounds[i].at);
		b->set = form_decimal(f, o, bounds[i].key, &b->value);
	}
	const int64_t longest = INT64_C(366) * 86400;
	r->min_duration = form_int(f, o, "min_duration", 0, longest, -1);
	r->max_duration = form_int(f, o, "max_duration", 0, longest, -1);
	r->min_duration *= r->min_duration < 0 ? 1 : 1000000;
	r->max_duration *= r->max_duration < 0 ? 1 : 1000000;
	r->reservation = (ocpi_reservation)form_choice(f, o, "reservation", reservations, OCPI_SESSION);
	t->local |= r->from_minute >= 0 || r->from_day != INT64_MIN || r->to_day != INT64_MAX || r->weekdays != 0x7f;
}

static void component_read(form *f, const json_t *o, size_t element, tariff_version *v, ocpi_tariff *t)
{
	static const char *const keys[] = { "type", "price", "vat", "step_size", NULL };
	if (t->count == OCPI_COMPONENTS_MAX) {
		form_refuse(f, "ocpi.size", "price_components", "at most %d price components", OCPI_COMPONENTS_MAX);
		return;
	}
	ocpi_component *c = &t->components[t->count++];
	form_keys(f, o, keys);
	c->element = element;
	c->reservation = t->elements[element].reservation;
	c->dimension = (ocpi_dimension)form_choice(f, o, "type", dimensions, -1);
	c->price = form_need_decimal(f, o, "price");
	c->has_vat = form_decimal(f, o, "vat", &c->vat);
	c->step = form_int(f, o, "step_size", 0, 1000000000, 0);
	if (f->st != HUB_OK)
		return;
	if (c->has_vat && (decimal_sign(c->vat) < 0 || decimal_mul(c->vat, decimal_of(1, 2), &c->vat) != HUB_OK))
		form_refuse(f, "ocpi.vat", "vat", "VAT is a percentage of at least 0");
	if (c->reservation && c->dimension != OCPI_FLAT && c->dimension != OCPI_TIME)
		form_refuse(f, "ocpi.reservation", "type",
			    "a reservation has only FLAT and TIME; move %s to an element of its own",
			    dimensions[c->dimension]);
	size_t way = c->reservation && c->dimension == OCPI_TIME ? OCPI_DIMENSIONS : (size_t)c->dimension;
	tariff_charge *made = charge_add(f, v, forms[way].code, forms[way].text, forms[way].kind, forms[way].unit);
	made->price = (tariff_price) { .all = c->price, .periods = UINT64_MAX };
	c->charge = made;
}

static void element_read(form *f, const json_t *o, tariff_version *v, ocpi_tariff *t)
{
	static const char *const keys[] = { "price_components", "restrictions", NULL };
	size_t at = t->element_count++;
	form_keys(f, o, keys);
	size_t mark = form_enter(f, "restrictions", -1);
	restrictions_read(f, form_object(f, o, "restrictions"), t, &t->elements[at]);
	form_leave(f, mark);
	const json_t *list = form_array(f, o, "price_components", OCPI_COMPONENTS_MAX);
	if (!json_array_size(list))
		form_refuse(f, "ocpi.components", "price_components", "an element has at least one price component");
	for (size_t i = 0; i < json_array_size(list) && f->st == HUB_OK; i++) {
		mark = form_enter(f, "price_components", (long)i);
		component_read(f, json_array_get(list, i), at, v, t);
		form_leave(f, mark);
	}
}

/* One charge for every rate of VAT, behind the components. */
static void vat_charges(form *f, tariff_version *v, const ocpi_tariff *t)
{
	for (size_t i = 0; i < t->count && f->st == HUB_OK; i++) {
		const ocpi_component *c = &t->components[i];
		bool known = !c->has_vat;
		for (size_t k = 0; k < i && !known; k++)
			known = t->components[k].has_vat && !decimal_cmp(t->components[k].vat, c->vat);
		if (known)
			continue;
		if (v->charge_count + 6 > TARIFF_CHARGES_MAX)
			form_refuse(f, "ocpi.size", "vat", "too many rates of VAT");
		else
			charge_add(f, v, "vat", "增值税 VAT", TARIFF_PERCENT, "")->price.all = c->vat;
	}
}

static void price_read(form *f, const json_t *o, const char *key, tariff_version *v, ocpi_price *ret)
{
	static const char *const keys[] = { "excl_vat", "incl_vat", NULL };
	const json_t *p = form_object(f, o, key);
	if (!p || v->charge_count + 2 > TARIFF_CHARGES_MAX)
		return;
	bool least = key[1] == 'i';
	size_t mark = form_enter(f, key, -1);
	form_keys(f, p, keys);
	ret->excl = (ocpi_bound) { true, form_need_decimal(f, p, "excl_vat") };
	ret->incl.set = form_decimal(f, p, "incl_vat", &ret->incl.value);
	form_leave(f, mark);
	tariff_kind kind = least ? TARIFF_MINIMUM : TARIFF_MAXIMUM;
	ret->excl_charge = charge_add(f, v, key, least ? "最低收费 minimum" : "封顶 maximum", kind, "");
	ret->incl_charge =
	    charge_add(f, v, least ? "min_price_incl" : "max_price_incl",
		       least ? "最低收费（含税） minimum with VAT" : "封顶（含税） maximum with VAT", kind, "");
}

static void elements_read(form *f, const json_t *o, tariff_version *v, ocpi_tariff *t)
{
	const json_t *list = form_array(f, o, "elements", OCPI_ELEMENTS_MAX);
	if (!json_array_size(list))
		form_refuse(f, "ocpi.elements", "elements", "a tariff has at least one element");
	for (size_t i = 0; i < json_array_size(list) && f->st == HUB_OK; i++) {
		size_t mark = form_enter(f, "elements", (long)i);
		if (json_is_object(json_array_get(list, i)))
			element_read(f, json_array_get(list, i), v, t);
		else
			form_refuse(f, "ocpi.elements", "elements", "an element is an object");
		form_leave(f, mark);
	}
	vat_charges(f, v, t);
	price_read(f, o, "min_price", v, &t->min);
	price_read(f, o, "max_price", v, &t->max);
	if (f->st == HUB_OK && t->min.excl.set && t->max.excl.set &&
	    decimal_cmp(t->min.excl.value, t->max.excl.value) > 0)
		form_refuse(f, "ocpi.price", "max_price", "the maximum is not below the minimum");
}

static void tax_check(form *f, const json_t *o)
{
	const char *tax = form_text(f, o, "tax_included", "NO");
	if (strcmp(tax, "NO") && strcmp(tax, "N/A"))
		form_refuse(f, "ocpi.tax_included", "tax_included",
			    "prices are without VAT here (NO or N/A), not '%.10s'; write them so", tax);
}

void ocpi_tariff_read(form *f, const json_t *o, tariff *t)
{
	static const char *const keys[] = { "country_code",
					    "party_id",
					    "id",
					    "currency",
					    "type",
					    "tariff_alt_text",
					    "tariff_alt_url",
					    "min_price",
					    "max_price",
					    "elements",
					    "start_date_time",
					    "end_date_time",
					    "energy_mix",
					    "last_updated",
					    "tax_included",
					    "zone",
					    "text",
					    NULL };
	ocpi_tariff *own = arena_alloc(f->a, sizeof *own);
	tariff_version *v = arena_array(f->a, 1, sizeof *v);
	if (v)
		v->charges = arena_array(f->a, TARIFF_CHARGES_MAX, sizeof *v->charges);
	if (!own || !v || !v->charges) {
		form_nomem(f);
		return;
	}
	form_keys(f, o, keys);
	tax_check(f, o);
	t->code = form_text(f, o, "id", "ocpi");
	t->text = form_text(f, o, "text", t->code);
	t->commodity = "charging";
	t->currency = form_need_text(f, o, "currency");
	const char *name = form_text(f, o, "zone", NULL);
	if (name)
		t->zone = form_zone(f, name, "tariff.zone");
	v->from = INT64_MIN;
	v->to = INT64_MAX;
	v->calendar_names[0] = "";
	v->calendars[0] = tariff_calendar(f, NULL);
	v->calendar_count = 1;
	form_time(f, o, "start_date_time", &own->from);
	form_time(f, o, "end_date_time", &own->to);
	if (f->st == HUB_OK)
		elements_read(f, o, v, own);
	t->versions = v;
	t->version_count = 1;
	t->ocpi = own;
}
