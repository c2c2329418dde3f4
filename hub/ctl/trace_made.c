/* A batch's way on from its rows: the session, the bill, the ledger and the area's sum. */
#include "ctl/trace.h"

#include <stdio.h>
#include <string.h>

#include "aggregate/day.h"
#include "aggregate/publish.h"
#include "base/clock.h"
#include "base/decimal.h"
#include "billing/bills_trace.h"
#include "model/quantity.h"
#include "store/charging.h"
#include "store/ledger.h"
#include "store/party.h"
#include "store/point.h"
#include "store/premise.h"

typedef struct making {
	ctl *c;
	const trace_rows *rows;
	arena *a;
	bills *b;
	json_t *sessions, *bills, *sums;
} making;

static json_t *time_of(hub_time t)
{
	char text[CLOCK_TEXT];
	return t ? json_string(clock_text(t, text)) : json_null();
}

/* The object of the list that has these two words, NULL if none has; the item is noted in it. */
static bool noted(json_t *list, const char *name, const char *word, const char *other, json_int_t number, uint32_t item)
{
	json_t *o;
	size_t i;
	json_array_foreach(list, i, o) {
		if (strcmp(json_string_value(json_object_get(o, name)), word) || json_integer_value(json_object_get(o, other)) != number)
			continue;
		json_array_append_new(json_object_get(o, "items"), json_integer(item));
		return true;
	}
	return false;
}

static const char *owner_of(making *m, const ledger_account *of)
{
	billing_account account;
	party who;
	if (of->account > 0)
		return account_by_id(m->c->db, of->account, m->a, &account) == HUB_OK ? account.code : "";
	return party_by_id(m->c->db, -of->account / LEDGER_STRIPES, m->a, &who) == HUB_OK ? who.code : "";
}

/* The legs of this part alone: what the customer owes its utility, and what that has billed. */
static hub_status add_entry(making *m, const bills_place *p, json_t *out)
{
	const char *key = bills_entry_key(p->row.cycle, p->row.revision, m->a);
	ledger_line line;
	ledger_entry entry = { 0 };
	hub_status st = key ? ledger_find(m->c->db, p->row.account, key, m->a, &line) : HUB_NOMEM;
	if (st == HUB_OK)
		st = ledger_body_read(line.body, line.body_len, m->a, &entry);
	if (st != HUB_OK)
		return st == HUB_MISSING ? HUB_OK : st;
	json_t *legs = json_array();
	const int64_t settlement = ledger_settlement(p->of.party, p->row.account);
	for (size_t i = 0; i < entry.count; i++) {
		const ledger_leg *l = &entry.legs[i];
		bool receivable = l->of.account == p->row.account && ledger_part_party(l->of.part) == p->of.party;
		if (receivable || l->of.account == settlement)
			json_array_append_new(legs, json_pack("{ss ss sI}", "account", owner_of(m, &l->of), "use",
							      receivable ? "receivable" : "billed", "amount", (json_int_t)l->amount));
	}
	json_object_set_new(out, "entry", json_pack("{ss sI so so}", "key", key, "line", (json_int_t)line.seq, "time", time_of(line.time),
						    "legs", legs));
	return HUB_OK;
}

static hub_status add_payments(making *m, const bills_place *p, json_t *out)
{
	static const char *const states[] = { "", "ordered", "paid", "refunded" };
	bills_paid *list;
	size_t count = 0;
	json_t *paid = json_array();
	hub_status st = bills_payments_of(m->b, p, m->a, &list, &count);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(paid, json_pack("{ss ss sI ss so}", "order", list[i].order, "state", states[list[i].state], "amount",
						      (json_int_t)list[i].amount, "reference", list[i].reference, "at", time_of(list[i].at)));
	json_object_set_new(out, "payments", paid);
	return st;
}

static hub_status add_bill(making *m, const bills_place *p, uint32_t item)
{
	char id[64], measured[DECIMAL_TEXT];
	party who;
	snprintf(id, sizeof id, "%lld-%d-%d", (long long)p->row.account, p->row.cycle, p->row.revision);
	if (noted(m->bills, "bill", id, "part", (json_int_t)p->part, item))
		return HUB_OK;
	hub_status st = party_by_id(m->c->db, p->of.party, m->a, &who);
	if (st != HUB_OK)
		return st;
	json_t *o = json_pack("{ss ss sI ss ss sI ss ss so so so s[i]}", "bill", id, "account", p->account.code, "part", (json_int_t)p->part,
			      "party", who.code, "state", p->row.state == BILL_POSTED ? "posted" : "cancelled", "amount",
			      (json_int_t)p->of.amount, "quantity", decimal_text(p->of.quantity, measured), "unit", p->of.unit, "start",
			      time_of(p->of.start), "end", time_of(p->of.end), "made", time_of(p->row.made), "items", (int)item);
	if (!o)
		return HUB_NOMEM;
	json_array_append_new(m->bills, o);
	st = add_entry(m, p, o);
	return st == HUB_OK ? add_payments(m, p, o) : st;
}

static hub_status add_places(making *m, const bills_place *list, size_t count, uint32_t item)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = add_bill(m, &list[i], item);
	return st;
}

/* A transaction's word is known by "station|transaction|phase|…". */
static hub_status add_session(making *m, const message *t)
{
	char *station = arena_strndup(m->a, t->key, strlen(t->key));
	char *transaction = station ? strchr(station, '|') : NULL, *phase = transaction ? strchr(transaction + 1, '|') : NULL;
	charging_row *list;
	bills_place *places;
	size_t count = 0, found;
	if (!station)
		return HUB_NOMEM;
	if (!phase)
		return HUB_OK;
	*transaction++ = *phase = 0;
	const charging_filter filter = { .station = station, .transaction = transaction, .seen_by = t->party, .state = "" };
	hub_status st = charging_list(m->c->db, &filter, 1, m->a, &list, &count);
	if (st != HUB_OK || !count || noted(m->sessions, "station", station, "session", list->id, t->item))
		return st;
	json_array_append_new(m->sessions, json_pack("{sI ss ss ss ss ss so so sI sI s[i]}", "session", (json_int_t)list->id, "station",
						     station, "transaction", transaction, "state", list->state, "cause", list->cause,
						     "account", list->account_code, "started", time_of(list->started), "ended",
						     time_of(list->ended), "energy_wh", (json_int_t)list->energy_wh, "amount",
						     (json_int_t)list->amount, "items", (int)t->item));
	st = bills_of_session(m->b, list, m->a, &places, &found);
	return st == HUB_OK ? add_places(m, places, found, t->item) : st;
}

static hub_status add_sum(making *m, const premise *area, const aggregate_kind *kind, const aggregate_row *day, uint32_t item)
{
	char date[CLOCK_TEXT], value[DECIMAL_TEXT];
	json_t *o;
	size_t i;
	bool published = !strcmp(day->verdict, aggregate_verdict_name(AGGREGATE_PUBLISHED));
	clock_text(day->at, date);
	json_array_foreach(m->sums, i, o)
		if (!strcmp(json_string_value(json_object_get(o, "commodity")), kind->commodity) &&
		    !strcmp(json_string_value(json_object_get(o, "area")), area->code) && !strcmp(json_string_value(json_object_get(o, "day")), date)) {
			json_array_append_new(json_object_get(o, "items"), json_integer(item));
			return HUB_OK;
		}
	o = json_pack("{ss ss ss ss s[i]}", "area", area->code, "commodity", kind->commodity, "day", date, "verdict", day->verdict, "items",
		      (int)item);
	if (!o)
		return HUB_NOMEM;
	if (published) {
		json_object_set_new(o, "customers", json_integer(day->customers));
		json_object_set_new(o, "sum", json_string(hub_value_text(day->sum, value)));
		json_object_set_new(o, "unit", json_string(kind->unit));
	}
	return json_array_append_new(m->sums, o) ? HUB_NOMEM : HUB_OK;
}

static bool summed(const aggregate_kind *kind, uint16_t number)
{
	for (size_t i = 0; i < sizeof kind->quantities / sizeof *kind->quantities; i++) {
		const quantity *q = kind->quantities[i] ? quantity_find(kind->quantities[i]) : NULL;
		if (q && q->number == number)
			return true;
	}
	return false;
}

/* Days that were published after the batch was stored: those before it do not know of it, and are never made anew. */
static hub_status add_days(making *m, const premise *area, const aggregate_kind *kind, const zone *z, const series_item *item)
{
	const hub_time to = item->row.time + 1, from = zone_floor(z, item->row.start ? item->row.start : item->row.time - 1, ZONE_DAY);
	aggregate_row *days;
	aggregate_run *runs;
	size_t count, run_count;
	hub_status st = aggregate_days(m->c->db, &area->id, 1, kind->commodity, from, to, m->a, &days, &count);
	if (st == HUB_OK)
		st = aggregate_runs(m->c->db, kind->commodity, from, to, m->a, &runs, &run_count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		for (size_t k = 0; st == HUB_OK && k < run_count; k++)
			if (runs[k].at == days[i].at && runs[k].made >= m->rows->r->committed)
				st = add_sum(m, area, kind, &days[i], item->item);
	return st;
}

static hub_status add_sums(making *m, const zone *z, const series_item *item)
{
	point *at;
	premise *above;
	size_t count, found = 0;
	hub_status st = point_by_ids(m->c->db, &item->row.point, 1, m->a, &at, &count);
	const aggregate_kind *kind = st == HUB_OK && count ? aggregate_kind_of(at->commodity) : NULL;
	if (!kind || !at->premise || !summed(kind, item->row.quantity))
		return st;
	st = premise_with_above(m->c->db, &at->premise, 1, m->a, &above, &found);
	for (size_t i = 0; st == HUB_OK && i < found; i++)
		st = add_days(m, &above[i], kind, z, item);
	return st;
}

static hub_status add_item(making *m, const zone *z, const series_item *item)
{
	bills_place *places;
	size_t count;
	hub_status st = bills_of_reading(m->b, &item->row, m->rows->r->committed, m->a, &places, &count);
	if (st == HUB_OK)
		st = add_places(m, places, count, item->item);
	return st == HUB_OK ? add_sums(m, z, item) : st;
}

hub_status trace_made(ctl *c, const trace_rows *rows, arena *a, json_t *out)
{
	making m = { .c = c, .rows = rows, .a = a, .sessions = json_array(), .bills = json_array(), .sums = json_array() };
	zone *z = NULL;
	hub_status st = bills_new(c->db, &m.b);
	if (st == HUB_OK)
		st = zone_load(AGGREGATE_ZONE, &z);
	for (size_t i = 0; st == HUB_OK && i < rows->item_count; i++)
		st = add_item(&m, z, &rows->items[i]);
	for (size_t i = 0; st == HUB_OK && i < rows->message_count; i++)
		if (rows->messages[i].type == HUB_RECORD_TRANSACTION)
			st = add_session(&m, &rows->messages[i]);
	json_object_set_new(out, "sessions", m.sessions);
	json_object_set_new(out, "bills", m.bills);
	json_object_set_new(out, "sums", m.sums);
	zone_free(z);
	bills_free(m.b);
	return st;
}
