#include "billing/bills_charging.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "billing/bills_parts.h"
#include "store/computed.h"

#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)
/* µs: an open session is looked at again; one of which nothing was heard for so long never closes by itself. */
#define LOOK_AGAIN HOUR
#define SILENT (24 * HOUR)

static const char reference[] = "charging";

/* Registers as rating takes them, in kWh; what lies outside or falls is left out. */
static void write_registers(const bills_session *s, buf *out)
{
	char text[CLOCK_TEXT];
	int64_t last = s->start_wh;
	hub_time at = s->start;
	const char *form = "%s{\"time\":\"%s\",\"value\":\"%lld.%03lld\"}";
	buf_printf(out, form, "", clock_text(s->start, text), (long long)(last / 1000), (long long)(last % 1000));
	for (size_t i = 0; i < s->sample_count; i++) {
		const charging_sample *x = &s->samples[i];
		if (x->time <= at || x->time >= s->end || x->wh < last || x->wh > s->stop_wh)
			continue;
		last = x->wh;
		at = x->time;
		buf_printf(out, form, ",", clock_text(at, text), (long long)(last / 1000), (long long)(last % 1000));
	}
	buf_printf(out, form, ",", clock_text(s->end, text), (long long)(s->stop_wh / 1000),
		   (long long)(s->stop_wh % 1000));
}

/* A usage document: the session's energy under each name that the tariff has for it, and how long it took. */
static void write_usage(const tariff *t, const bills_session *s, buf *out)
{
	static const char *const names[] = { "ev_energy", "active_energy_import" };
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	buf_text(out, "{\"zone\":");
	json_write_text(out, t->zone ? zone_name(t->zone) : "UTC");
	buf_printf(out, ",\"start\":\"%s\",\"end\":\"%s\",\"series\":[", clock_text(s->start, from),
		   clock_text(s->end, to));
	for (size_t i = 0; i < 2; i++) {
		buf_printf(out, "%s{\"quantity\":\"%s\",\"unit\":\"kWh\",\"registers\":[", i ? "," : "", names[i]);
		write_registers(s, out);
		buf_text(out, "]}");
	}
	buf_printf(out, "],\"facts\":{\"charging_time\":{\"value\":\"%lld\",\"unit\":\"s\"}}}",
		   (long long)((s->end - s->start) / SECOND));
}

static hub_status keep_lines(const rating_bill *bill, arena *a, const char **ret)
{
	buf whole = { 0 };
	rating_json(bill, &whole);
	json_t *o = whole.bad ? NULL : json_loadb((const char *)whole.bytes, whole.len, 0, NULL);
	char *text = o ? json_dumps(json_object_get(o, "lines"), JSON_COMPACT) : NULL;
	*ret = text ? arena_strdup(a, text) : NULL;
	free(text);
	json_decref(o);
	buf_fini(&whole);
	return *ret ? HUB_OK : HUB_NOMEM;
}

hub_status bills_session_bill(const tariff *t, const bills_session *s, arena *a, rating_bill *ret, hub_fault *fault)
{
	buf text = { 0 };
	usage u;
	write_usage(t, s, &text);
	hub_status st = text.bad ? HUB_NOMEM : usage_parse(buf_cstr(&text), text.len, a, &u, fault);
	buf_fini(&text);
	if (st != HUB_OK)
		return st;
	st = rating_rate(t, &u, a, ret, fault);
	usage_fini(&u);
	return st;
}

hub_status bills_session_rate(const tariff *t, const bills_session *s, arena *a, int64_t *ret_amount,
			      const char **ret_lines, hub_fault *fault)
{
	rating_bill bill;
	hub_status st = bills_session_bill(t, s, a, &bill, fault);
	if (st == HUB_OK)
		st = decimal_to_int64(bill.total, 2, DECIMAL_HALF_UP, ret_amount);
	return st == HUB_OK ? keep_lines(&bill, a, ret_lines) : st;
}

/* The account has a contract at the point: its meter bills what is charged there. */
static hub_status by_meter(bills *b, const charging_case *c, arena *a, bool *ret)
{
	contract *list;
	size_t count;
	hub_status st = contract_list(b->db, &c->account, 1, c->started, c->ended + 1, a, &list, &count);
	*ret = false;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		*ret |= list[i].point == c->point;
	return st;
}

static hub_status rate_by(bills *b, const charging_key *k, const charging_case *c, arena *a, charging_charge *ret,
			  hub_fault *fault)
{
	const bills_document *d;
	bills_session s = { .start = c->started, .end = c->ended, .start_wh = c->start_wh, .stop_wh = c->stop_wh };
	charging_sample *samples = NULL;
	int16_t currency;
	hub_status st = bills_document_at(b, c->tariff, c->ended, &d, fault);
	if (st == HUB_OK && (bills_currency(d->t->currency, &currency) != HUB_OK || currency != LEDGER_CNY))
		st = hub_fault_set(fault, "bill.currency", "currency",
				   "the tariff is in '%.8s'; the account's bills are in CNY", d->t->currency);
	if (st == HUB_OK)
		st = charging_samples(b->db, k, a, &samples, &s.sample_count);
	s.samples = samples;
	*ret = (charging_charge) { .account = c->account,
				   .party = k->party,
				   .station = k->station,
				   .transaction = k->transaction,
				   .point = c->point,
				   .started = c->started,
				   .ended = c->ended,
				   .energy_wh = c->stop_wh - c->start_wh };
	if (st == HUB_OK)
		ret->tariff = d->id;
	return st == HUB_OK ? bills_session_rate(d->t, &s, a, &ret->amount, &ret->lines, fault) : st;
}

/* The payer's feed: what this session costs. */
static hub_status tell_payer(bills *b, const charging_key *k, const charging_case *c, const charging_charge *made,
			     arena *a)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	if (!c->holder)
		return HUB_OK;
	const char *key = arena_printf(a, "charging_fee|%lld|%s|%s", (long long)k->party, k->station, k->transaction);
	const char *body = arena_printf(
	    a,
	    "{\"code\":\"charging_fee\",\"meter\":\"\",\"channel\":\"\",\"cleared\":false,\"details\":{\"session\":\"%"
	    "lld\","
	    "\"started\":\"%s\",\"ended\":\"%s\",\"energy_wh\":\"%lld\",\"amount\":\"%lld\",\"currency\":\"CNY\"}}",
	    (long long)c->id, clock_text(c->started, from), clock_text(c->ended, to), (long long)made->energy_wh,
	    (long long)made->amount);
	if (!key || !body)
		return HUB_NOMEM;
	const computed m = { .party = c->holder, .type = HUB_RECORD_EVENT, .time = c->ended, .key = key, .body = body };
	return computed_send(b->db, BILLS_SOURCE, &m, 1);
}

static bool is_the_input(hub_status st)
{
	return st == HUB_REJECT || st == HUB_MISSING || st == HUB_RANGE;
}

static hub_status charge(bills *b, const charging_key *k, const charging_case *c, arena *a)
{
	bool metered = false;
	hub_fault why = { 0 };
	charging_charge made;
	if (!c->account)
		return charging_end(b->db, k, "free", "no_account", 0, false);
	hub_status st = c->point ? by_meter(b, c, a, &metered) : HUB_OK;
	if (st == HUB_OK && (metered || c->stop_wh == c->start_wh || c->ended == c->started))
		return charging_end(b->db, k, "free", metered ? "by_meter" : "no_energy", 0, false);
	if (st == HUB_OK && !c->point)
		return charging_end(b->db, k, "held", "no_point", LOOK_AGAIN, false);
	if (st == HUB_OK && !c->tariff[0])
		return charging_end(b->db, k, "held", "no_tariff", LOOK_AGAIN, false);
	if (st == HUB_OK)
		st = rate_by(b, k, c, a, &made, &why);
	if (is_the_input(st))
		return charging_end(b->db, k, "held", why.code && why.code[0] ? why.code : "range", LOOK_AGAIN, false);
	if (st == HUB_OK)
		st = charging_charge_put(b->db, &made);
	if (st == HUB_OK)
		st = tell_payer(b, k, c, &made, a);
	return st == HUB_OK ? charging_end(b->db, k, "charged", "", 0, false) : st;
}

/* Whether it goes on, or nobody will ever end it: the operator is told once. */
static hub_status look_at_open(bills *b, const charging_key *k, const charging_case *c, hub_time now, arena *a)
{
	char since[CLOCK_TEXT];
	bool silent = c->heard && c->heard + SILENT <= now;
	if (!silent || k->told)
		return charging_end(b->db, k, "waiting", silent ? "silent" : "", silent ? SILENT : LOOK_AGAIN, false);
	buf body = { 0 };
	buf_text(&body, "{\"code\":\"session_open\",\"meter\":");
	json_write_text(&body, k->station);
	buf_text(&body, ",\"channel\":");
	json_write_text(&body, c->channel);
	buf_printf(&body, ",\"cleared\":false,\"details\":{\"transaction\":\"%s\",\"heard\":\"%s\"}}", k->transaction,
		   clock_text(c->heard, since));
	const char *key = arena_printf(a, "session_open|%s|%s", k->station, k->transaction);
	const computed m = { .party = k->party,
			     .type = HUB_RECORD_EVENT,
			     .point = c->point,
			     .time = now,
			     .key = key,
			     .body = buf_cstr(&body) };
	hub_status st = !key || body.bad ? HUB_NOMEM : computed_send(b->db, BILLS_SOURCE, &m, 1);
	buf_fini(&body);
	return st == HUB_OK ? charging_end(b->db, k, "waiting", "silent", SILENT, true) : st;
}

static hub_status look(bills *b, const charging_key *k, hub_time now, arena *a)
{
	charging_case c;
	hub_status st = charging_case_of(b->db, k, a, &c);
	if (st != HUB_OK)
		return st;
	if (!strcmp(c.problem, "open"))
		return look_at_open(b, k, &c, now, a);
	return c.problem[0] ? charging_end(b->db, k, "held", c.problem, SILENT, false) : charge(b, k, &c, a);
}

hub_status bills_charge_next(bills *b, hub_time now, arena *a, bool *ret_any, hub_fault *fault)
{
	charging_key k;
	*ret_any = false;
	hub_status st = store_begin(b->db);
	if (st != HUB_OK)
		return st;
	st = charging_take(b->db, a, &k);
	*ret_any = st == HUB_OK;
	if (st == HUB_OK)
		st = look(b, &k, now, a);
	else if (st == HUB_MISSING)
		st = HUB_OK;
	if (st == HUB_OK)
		return store_commit(b->db);
	store_rollback(b->db);
	/* One that cannot be done must not stand before the others. */
	if (*ret_any && st != HUB_AGAIN && charging_end(b->db, &k, "held", "failed", LOOK_AGAIN, false) != HUB_OK)
		*ret_any = false;
	hub_fault_set(fault, "charging.failed", "", "a charging session could not be charged: %s", hub_status_name(st));
	return st;
}

bool bills_is_charging(const unify_part *p)
{
	return (p->flags & UNIFY_IMPORTED) && !strncmp(p->reference, reference, sizeof reference - 1);
}

/* Charges of one account and operator, in a row. */
static hub_status part_of(const charging_charge *list, size_t count, arena *a, unify_part *ret)
{
	int64_t wh = 0;
	*ret = (unify_part) { .point = list[0].point,
			      .party = list[0].party,
			      .start = list[0].started,
			      .end = list[0].ended,
			      .unit = "kWh",
			      .state = "",
			      .why = "",
			      .flags = UNIFY_IMPORTED };
	for (size_t i = 0; i < count; i++) {
		ret->start = list[i].started < ret->start ? list[i].started : ret->start;
		ret->end = list[i].ended > ret->end ? list[i].ended : ret->end;
		wh += list[i].energy_wh;
		if (__builtin_add_overflow(ret->amount, list[i].amount, &ret->amount))
			return HUB_RANGE;
	}
	ret->quantity = decimal_of(wh, 3);
	ret->reference = arena_printf(a, "%s %zu", reference, count);
	return ret->reference ? HUB_OK : HUB_NOMEM;
}

hub_status bills_charging_parts(const charging_charge *list, size_t count, int64_t account, size_t *at, arena *a,
				unify_bill *bill, hub_fault *fault)
{
	hub_status st = HUB_OK;
	while (st == HUB_OK && *at < count && list[*at].account == account) {
		size_t n = 1;
		while (*at + n < count && list[*at + n].account == account && list[*at + n].party == list[*at].party)
			n++;
		if (bill->count == UNIFY_PARTS_MAX)
			return hub_fault_set(fault, "bill.parts", "",
					     "an account has at most %d parts a cycle; divide it", UNIFY_PARTS_MAX);
		st = part_of(&list[*at], n, a, &bill->parts[bill->count]);
		bill->count += st == HUB_OK;
		*at += n;
	}
	return st;
}

void bills_charge_write(const charging_charge *c, buf *out)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	buf_text(out, "{\"station\":");
	json_write_text(out, c->station);
	buf_text(out, ",\"transaction\":");
	json_write_text(out, c->transaction);
	buf_printf(out, ",\"started\":\"%s\",\"ended\":\"%s\",\"energy_wh\":%lld,\"amount\":%lld,\"lines\":%s}",
		   clock_text(c->started, from), clock_text(c->ended, to), (long long)c->energy_wh,
		   (long long)c->amount, c->lines);
}

hub_status bills_charging_show(bills *b, const bill_row *row, const unify_part *p, arena *a, buf *out)
{
	charging_charge *list;
	size_t count;
	hub_status st = charging_of_cycle(b->db, row->account, row->cycle, p->party, a, &list, &count);
	buf_text(out, ",\"sessions\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_text(out, i ? ",\n" : "\n");
		bills_charge_write(&list[i], out);
	}
	buf_text(out, "]");
	return st;
}
