#include "billing/tariff.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "billing/ocpi.h"
#include "billing/tariff_parse.h"

static const char *const version_keys[] = { "valid_from", "calendar", "calendars", "charges",
					    "rounding",	  "netting",  "credit",	   NULL };
static const char *const tariff_keys[] = { "tariff",  "text",	  "commodity", "currency",   "zone",	 "cycle",
					   "change",  "versions", "prepaid",   "valid_from", "calendar", "calendars",
					   "charges", "rounding", "netting",   "credit",     NULL };

static void charges_read(form *f, const json_t *o, const char *currency, tariff_version *v)
{
	const json_t *list = form_array(f, o, "charges", TARIFF_CHARGES_MAX);
	if (!list || !json_array_size(list)) {
		form_refuse(f, "tariff.charges", "charges", "'charges' is an array with at least one charge");
		return;
	}
	v->charges = arena_array(f->a, json_array_size(list), sizeof *v->charges);
	if (!v->charges) {
		form_nomem(f);
		return;
	}
	for (size_t i = 0; i < json_array_size(list) && f->st == HUB_OK; i++) {
		const json_t *c = json_array_get(list, i);
		size_t mark = form_enter(f, "charges", (long)i);
		if (!json_is_object(c))
			form_refuse(f, "tariff.charges", "charges", "a charge is an object");
		else
			tariff_charge_read(f, c, v, currency, &v->charges[v->charge_count++]);
		form_leave(f, mark);
	}
}

static void calendars_read(form *f, const json_t *o, tariff_version *v)
{
	v->calendar_names[0] = "";
	v->calendars[0] = tariff_calendar(f, form_object(f, o, "calendar"));
	v->calendar_count = 1;
	const char *name;
	json_t *c;
	json_object_foreach ((json_t *)form_object(f, o, "calendars"), name, c) {
		if (v->calendar_count == TARIFF_CALENDARS_MAX)
			form_refuse(f, "tariff.calendar.size", "calendars", "at most %d calendars",
				    TARIFF_CALENDARS_MAX);
		if (f->st != HUB_OK)
			return;
		size_t mark = form_enter(f, name, -1);
		v->calendar_names[v->calendar_count] = arena_strdup(f->a, name);
		v->calendars[v->calendar_count] = tariff_calendar(f, c);
		if (!v->calendar_names[v->calendar_count++])
			form_nomem(f);
		form_leave(f, mark);
	}
}

static void version_read(form *f, const json_t *o, const char *currency, tariff_version *v)
{
	static const char *const keys[] = { "line", "total", "remainder", NULL };
	static const char *const remainders[] = { "line", "carry", NULL };
	v->to = INT64_MAX;
	v->from = INT64_MIN;
	form_time(f, o, "valid_from", &v->from);
	calendars_read(f, o, v);
	if (f->st != HUB_OK)
		return;
	const json_t *r = form_object(f, o, "rounding");
	if (r) {
		size_t mark = form_enter(f, "rounding", -1);
		form_keys(f, r, keys);
		v->line = tariff_rounding(f, r, "line");
		v->total = tariff_rounding(f, r, "total");
		v->remainder_carry = form_choice(f, r, "remainder", remainders, 0) == 1;
		form_leave(f, mark);
	}
	tariff_netting_read(f, o, v);
	charges_read(f, o, currency, v);
}

static void versions_read(form *f, const json_t *o, tariff *t)
{
	const json_t *list = form_array(f, o, "versions", TARIFF_VERSIONS_MAX);
	if (list && json_object_get(o, "charges"))
		form_refuse(f, "tariff.versions", "versions", "either 'versions' or one version's fields, not both");
	size_t n = list ? json_array_size(list) : 1;
	t->versions = arena_array(f->a, n, sizeof *t->versions);
	if (!t->versions)
		form_nomem(f);
	if (!t->versions || !n) {
		form_refuse(f, "tariff.versions", "versions", "'versions' is an array with at least one version");
		return;
	}
	for (size_t i = 0; i < n && f->st == HUB_OK; i++) {
		tariff_version *v = &t->versions[i];
		size_t mark = strlen(f->path);
		if (list) {
			form_enter(f, "versions", (long)i);
			form_keys(f, json_array_get(list, i), version_keys);
		}
		version_read(f, list ? json_array_get(list, i) : o, t->currency, v);
		t->version_count = i + 1;
		if (i && f->st == HUB_OK && v->from <= v[-1].from)
			form_refuse(f, "tariff.versions.order", "valid_from",
				    "a version begins after the one before it; put 'valid_from' in order");
		if (i)
			v[-1].to = v->from;
		if (f->st == HUB_OK)
			tariff_check(f, t, v);
		form_leave(f, mark);
	}
}

static void head_read(form *f, const json_t *o, bool urdb, tariff *t)
{
	static const char *const cycle_keys[] = { "months", "day", NULL };
	static const char *const change_keys[] = { "usage", "quota", "round", NULL };
	static const char *const prepaid_keys[] = { "first", "second", NULL };
	static const char *const usages[] = { "readings", "days", NULL };
	static const char *const quotas[] = { "days", "full", "shared", NULL };
	t->code = form_need_text(f, o, "tariff");
	t->text = form_text(f, o, "text", t->code);
	t->commodity = form_text(f, o, "commodity", "");
	t->currency = form_need_text(f, o, "currency");
	for (const char *p = t->currency; f->st == HUB_OK && (*p || p == t->currency); p++) {
		if (*p < 'A' || *p > 'Z' || strlen(t->currency) != 3) {
			form_refuse(f, "tariff.currency", "currency", "a code of ISO 4217 as CNY, not '%.20s'",
				    t->currency);
			break;
		}
	}
	const char *name = urdb ? form_text(f, o, "zone", NULL) : form_need_text(f, o, "zone");
	if (name)
		t->zone = form_zone(f, name, "tariff.zone");
	f->zone = t->zone;
	const json_t *c = form_object(f, o, "cycle");
	if (c) {
		form_keys(f, c, cycle_keys);
		t->cycle_months = (int)form_int(f, c, "months", 1, 12, 1);
		t->cycle_day = (int)form_int(f, c, "day", 1, 28, 1);
		if (12 % t->cycle_months)
			form_refuse(f, "tariff.cycle", "cycle", "months is 1, 2, 3, 4, 6 or 12");
	}
	const json_t *change = form_object(f, o, "change");
	if (change) {
		form_keys(f, change, change_keys);
		t->change_by_days = form_choice(f, change, "usage", usages, 0) == 1;
		t->quota = (tariff_quota)form_choice(f, change, "quota", quotas, 0);
		t->change_round = tariff_rounding(f, change, "round");
	}
	const json_t *prepaid = form_object(f, o, "prepaid");
	if (prepaid) {
		form_keys(f, prepaid, prepaid_keys);
		t->has_prepaid = true;
		t->prepaid_first = form_need_decimal(f, prepaid, "first");
		t->prepaid_second = form_need_decimal(f, prepaid, "second");
		if (f->st == HUB_OK && decimal_cmp(t->prepaid_first, t->prepaid_second) < 0)
			form_refuse(f, "tariff.prepaid", "prepaid", "the first level is not below the second");
	}
}

static hub_status parse_into(const char *json, size_t len, tariff *t, hub_fault *fault)
{
	json_error_t error;
	json_t *o = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
	if (!o)
		return hub_fault_set(fault, "tariff.json", "", "not JSON: %.120s at line %d", error.text, error.line);
	form f = { .a = &t->mem, .fault = fault, .st = HUB_OK };
	bool urdb = json_object_get(o, "energyratestructure");
	if (urdb) {
		json_t *own = urdb_convert(&f, o);
		if (own)
			urdb_notes(&f, o, t);
		json_decref(o);
		o = own;
	}
	if (f.st == HUB_OK && !json_is_object(o))
		form_refuse(&f, "tariff.json", "", "a tariff is an object");
	if (f.st == HUB_OK && json_object_get(o, "elements")) {
		ocpi_tariff_read(&f, o, t);
		json_decref(o);
		return f.st;
	}
	if (f.st == HUB_OK)
		form_keys(&f, o, tariff_keys);
	if (f.st == HUB_OK)
		head_read(&f, o, urdb, t);
	if (f.st == HUB_OK)
		versions_read(&f, o, t);
	json_decref(o);
	return f.st;
}

hub_status tariff_parse(const char *json, size_t len, tariff **ret, hub_fault *fault)
{
	tariff *t = fail_calloc(1, sizeof *t);
	if (!t)
		return HUB_NOMEM;
	arena_init(&t->mem, 64 << 20);
	hub_status st = parse_into(json, len, t, fault);
	if (st != HUB_OK)
		tariff_free(t);
	else
		*ret = t;
	return st;
}

void tariff_free(tariff *t)
{
	if (!t)
		return;
	zone_free(t->zone);
	arena_fini(&t->mem);
	free(t);
}

hub_status tariff_prepare(tariff *t, hub_time from, hub_time to)
{
	for (size_t i = 0; i < t->version_count; i++) {
		for (size_t k = 0; t->zone && k < t->versions[i].calendar_count; k++) {
			calendar *cal = t->versions[i].calendars[k];
			calendar_edges edges;
			hub_status st = calendar_between(cal, t->zone, from, to, &t->mem, &edges);
			if (st != HUB_OK)
				return st;
			cal->ready = edges;
		}
	}
	return HUB_OK;
}

const tariff_version *tariff_at(const tariff *t, hub_time at)
{
	for (size_t i = t->version_count; i-- > 0;) {
		if (t->versions[i].from <= at)
			return &t->versions[i];
	}
	return NULL;
}
