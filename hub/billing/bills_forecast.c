#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "billing/bills_parts.h"
#include "billing/whatif.h"
#include "model/quantity.h"
#include "store/party.h"
#include "store/series.h"

#define DAY INT64_C(86400000000)

typedef struct running {
	bills *b;
	const contract *c;
	const point *p;
	const tariff *t;
	hub_time start, at, end;
	const bills_shift *shift;
	const decimal *power;
	arena *a;
	usage now, whole; /* so far, and prolonged */
	const char *quantity;
	int64_t so_far, forecast;
} running;

static hub_status cents_of(const tariff *t, const usage *u, arena *a, int64_t *ret, hub_fault *fault)
{
	rating_bill bill;
	hub_status st = rating_rate(t, u, a, &bill, fault);
	return st == HUB_OK ? decimal_to_int64(bill.total, 2, DECIMAL_HALF_UP, ret) : st;
}

/* Up to where the last reading reaches. */
static hub_time reached(const usage *u, hub_time fallback)
{
	hub_time end = 0;
	for (size_t i = 0; i < u->series_count; i++) {
		const usage_series *s = &u->series[i];
		hub_time e = s->step ? s->start + (int64_t)s->count * s->step : s->count ? s->spans[s->count - 1].end : 0;
		end = e > end ? e : end;
	}
	return end && end < fallback ? end : fallback;
}

/* What there is, but not a whole day of values. */
static hub_status too_little(const usage *u, hub_fault *fault)
{
	size_t values = 0, standings = 0;
	for (size_t i = 0; i < u->series_count; i++)
		*(u->series[i].step ? &values : &standings) += u->series[i].count;
	if (!values && !standings)
		return hub_fault_set(fault, "forecast.none", "readings", "no readings of this cycle came yet");
	if (!values)
		return hub_fault_set(fault, "forecast.registers", "readings",
				     "only standings far apart were read; a forecast goes by values of the hour or the day");
	return hub_fault_set(fault, "forecast.readings", "readings", "a forecast goes by at least one whole day of readings "
			     "without a gap");
}

/* Facts of a fixed fee per cycle stand in both; only use is prolonged. */
static hub_status prolong(running *r, hub_fault *fault)
{
	r->whole = r->now;
	r->whole.owned = NULL;
	r->whole.end = r->end;
	hub_status st = HUB_OK;
	bool any = false;
	for (size_t i = 0; st == HUB_OK && i < r->now.series_count; i++) {
		const usage_series *s = &r->now.series[i];
		if (!s->step || !s->count || s->instant || (int64_t)s->count * s->step < DAY)
			continue;
		st = whatif_forecast(&r->whole, s->quantity, r->a, &r->whole, fault);
		r->quantity = r->quantity ? r->quantity : s->quantity;
		any |= st == HUB_OK;
	}
	return st == HUB_OK && !any ? too_little(&r->now, fault) : st;
}

static hub_status last_power(running *r, decimal *ret, bool *ret_found)
{
	const quantity *q = quantity_find("active_power");
	const series_row key = { .point = r->p->id, .quantity = q->number, .kind = HUB_INSTANT, .channel = "", .time = r->at };
	series_row row;
	*ret_found = r->power != NULL;
	if (r->power) {
		*ret = *r->power;
		return HUB_OK;
	}
	hub_status st = series_last(r->b->db, &key, 1, &row, ret_found);
	if (st == HUB_OK && *ret_found)
		*ret = decimal_of_value(row.value);
	return st;
}

static hub_status write_live(running *r, buf *out, hub_fault *fault)
{
	decimal power, spend;
	bool found;
	char text[DECIMAL_TEXT];
	hub_status st = strcmp(r->p->commodity, "electricity") ? HUB_MISSING : last_power(r, &power, &found);
	if (st != HUB_OK || !found)
		return st == HUB_MISSING ? HUB_OK : st;
	usage u = r->now;
	u.end = r->at;
	st = whatif_rate_of_spend(r->t, &u, r->quantity ? r->quantity : "active_energy_import", power, r->a, &spend, fault);
	if (st == HUB_OK)
		st = decimal_round(spend, 4, DECIMAL_HALF_UP, &spend);
	if (st != HUB_OK)
		return st;
	buf_printf(out, ",\"live\":{\"power\":\"%s\",\"unit\":\"kW\"", decimal_text(decimal_trim(power), text));
	buf_printf(out, ",\"per_hour\":\"%s\"}", decimal_text(decimal_trim(spend), text));
	return HUB_OK;
}

static hub_status write_shift(running *r, buf *out, hub_fault *fault)
{
	usage moved;
	int64_t amount;
	const bills_shift *s = r->shift;
	const tariff_version *v = tariff_at(r->t, r->start);
	if (!s || !s->from || !r->quantity || !v || calendar_period(v->calendars[0], s->from) < 0 || calendar_period(v->calendars[0], s->to) < 0)
		return HUB_OK;
	hub_status st = whatif_shift(r->t, &r->whole, r->quantity, s->from, s->to, s->part, r->a, &moved, fault);
	if (st == HUB_OK)
		st = cents_of(r->t, &moved, r->a, &amount, fault);
	if (st == HUB_OK)
		buf_printf(out, ",\"what_if\":{\"from\":\"%s\",\"to\":\"%s\",\"forecast\":%lld,\"saving\":%lld}", s->from, s->to,
			   (long long)amount, (long long)(r->forecast - amount));
	return st;
}

static hub_status rate_part(running *r, const unify_part *last, buf *out, hub_fault *fault)
{
	const bills_document *d;
	int64_t covered;
	const unify_part part = { .point = r->c->point, .start = r->start, .end = r->at };
	hub_status st = bills_document_at(r->b, r->c->tariff, r->at, &d, fault);
	if (st != HUB_OK)
		return st;
	r->t = d->t;
	st = bills_usage(r->b, d->t, &part, r->c->facts, last ? last->state : "", r->c->valid_from, r->p->interval, r->a, &r->now,
			 &covered, fault);
	if (st != HUB_OK)
		return st;
	hub_time at = r->at;
	r->now.end = r->at = reached(&r->now, at);
	st = cents_of(r->t, &r->now, r->a, &r->so_far, fault);
	if (st == HUB_OK)
		st = prolong(r, fault);
	if (st == HUB_OK)
		st = cents_of(r->t, &r->whole, r->a, &r->forecast, fault);
	if (st == HUB_OK) {
		char reach[CLOCK_TEXT];
		buf_printf(out, ",\"readings_until\":\"%s\",\"so_far\":%lld,\"forecast\":%lld", clock_text(r->at, reach),
			   (long long)r->so_far, (long long)r->forecast);
		st = write_shift(r, out, fault);
	}
	r->at = at;
	if (st == HUB_OK)
		st = write_live(r, out, fault);
	usage_fini(&r->now);
	return st;
}

static hub_status write_part(running *r, const unify_part *last, buf *out, int64_t *sum)
{
	party who;
	hub_fault why = { 0 };
	hub_status st = party_by_id(r->b->db, r->c->party, r->a, &who);
	if (st != HUB_OK)
		return st;
	buf_printf(out, "{\"party\":\"%s\",\"point\":", who.code);
	json_write_text(out, r->p->code);
	buf_text(out, ",\"tariff\":");
	json_write_text(out, r->c->tariff);
	st = rate_part(r, last, out, &why);
	*sum += st == HUB_OK ? r->forecast : 0;
	if (st == HUB_REJECT || st == HUB_MISSING || st == HUB_RANGE) {
		bills_reason_write(&why, out);
		st = HUB_OK;
	}
	buf_text(out, "}");
	return st;
}

static hub_status cycle_at(const zone *z, hub_time at, int32_t *ret, hub_time *start, hub_time *end)
{
	hub_time due;
	zone_civil c = zone_to_civil(z, at);
	*ret = c.year * 100 + c.month;
	return unify_cycle(*ret, z, 0, start, end, &due);
}

hub_status bills_forecast(bills *b, const billing_account *account, hub_time at, const bills_shift *shift,
			  const decimal *power, arena *a, buf *out, hub_fault *fault)
{
	const zone *z;
	int32_t cycle = 0;
	hub_time start, end;
	contract *list;
	size_t count, shown = 0;
	int64_t sum = 0;
	char text[CLOCK_TEXT];
	unify_bill *last = arena_alloc(a, sizeof *last);
	hub_status st = last ? bills_zone(b, account->zone, &z, fault) : HUB_NOMEM;
	if (st == HUB_OK)
		st = cycle_at(z, at, &cycle, &start, &end);
	if (st == HUB_OK)
		st = bills_before(b, &(bill_row){ .account = account->id, .cycle = cycle }, a, last);
	if (st == HUB_OK)
		st = contract_list(b->db, &account->id, 1, start, end, a, &list, &count);
	buf_text(out, "{\"account\":");
	json_write_text(out, account->code);
	buf_printf(out, ",\"cycle\":\"%04d-%02d\",\"at\":\"%s\",\"currency\":\"CNY\",\"parts\":[", cycle / 100, cycle % 100,
		   clock_text(at, text));
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const contract *c = &list[i];
		point *p;
		size_t found;
		if (!c->tariff[0] || c->valid_from >= at || (c->valid_to && c->valid_to <= at))
			continue;
		st = point_by_ids(b->db, &c->point, 1, a, &p, &found);
		running r = { .b = b, .c = c, .p = p, .at = at, .start = c->valid_from > start ? c->valid_from : start,
			      .end = c->valid_to && c->valid_to < end ? c->valid_to : end, .shift = shift, .power = power, .a = a };
		buf_text(out, shown++ ? "," : "");
		if (st == HUB_OK)
			st = found ? write_part(&r, unify_find(last, c->point, c->party), out, &sum) : HUB_MISSING;
	}
	buf_printf(out, "],\"forecast\":%lld}", (long long)sum);
	return st;
}
