#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "billing/bills_charging.h"
#include "billing/bills_trace.h"
#include "billing/bills_ahead.h"

enum { AT_ONCE = 16 };

/* What is known of a page of accounts before they are computed. */
typedef struct page {
	bills *b;
	const bills_order *order;
	const billing_account *accounts;
	size_t count;
	arena *a;
	arena work; /* of some accounts at a time: readings and what is made of them */
	int64_t *ids;
	bill_row *there, *before;
	size_t there_count, before_count;
	contract *contracts;
	size_t contract_count;
	bill_imported *imports;
	size_t import_count;
	charging_charge *charges; /* by account */
	size_t charge_count;
	point *points;
	size_t point_count;
	bills_made *made;
	hub_time *due;
} page;

static const bill_row *row_of(const bill_row *rows, size_t count, int64_t account)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].account == account)
			return &rows[i];
	return NULL;
}

static const point *point_of(const page *p, int64_t id)
{
	size_t low = 0, high = p->point_count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (p->points[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->point_count && p->points[low].id == id ? &p->points[low] : NULL;
}

static hub_status load(page *p, hub_time from, hub_time to)
{
	store *db = p->b->db;
	int32_t cycle = p->order->cycle;
	hub_status st = bill_of_cycle(db, p->ids, p->count, cycle, p->a, &p->there, &p->there_count);
	if (st == HUB_OK)
		st = bill_before(db, p->ids, p->count, cycle, p->a, &p->before, &p->before_count);
	if (st == HUB_OK)
		st = contract_list(db, p->ids, p->count, from, to, p->a, &p->contracts, &p->contract_count);
	if (st == HUB_OK)
		st = bill_imports(db, p->ids, p->count, cycle, p->a, &p->imports, &p->import_count);
	if (st == HUB_OK)
		st = charging_open(db, p->ids, p->count, cycle, to, p->a, &p->charges, &p->charge_count);
	if (st != HUB_OK)
		return st;
	int64_t *points = arena_array(p->a, p->contract_count, sizeof *points);
	if (!points)
		return HUB_NOMEM;
	for (size_t i = 0; i < p->contract_count; i++)
		points[i] = p->contracts[i].point;
	return point_by_ids(db, points, p->contract_count, p->a, &p->points, &p->point_count);
}

static void import_part(const bill_imported *m, unify_part *ret)
{
	*ret = (unify_part){ .point = m->point, .party = m->party, .start = m->start, .end = m->end, .amount = m->amount,
			     .unit = m->unit, .state = "", .reference = m->reference, .why = "", .flags = UNIFY_IMPORTED };
	decimal_parse(m->quantity, strlen(m->quantity), &ret->quantity);
}

/* The utility's own bill for a contract; without one something is missing. */
static void take_import(const page *p, const contract *c, hub_time start, hub_time end, unify_part *ret)
{
	*ret = (unify_part){ .point = c->point, .party = c->party, .start = start, .end = end, .unit = "", .state = "",
			     .reference = "", .why = "", .flags = UNIFY_IMPORTED | UNIFY_MISSING };
	for (size_t i = 0; i < p->import_count; i++) {
		const bill_imported *m = &p->imports[i];
		if (m->account != c->account || m->party != c->party || m->point != c->point)
			continue;
		import_part(m, ret);
	}
}

/* The part of a contract's time that lies in the cycle; false: none. */
static bool span_of(const contract *c, hub_time start, hub_time end, hub_time *from, hub_time *to)
{
	*from = c->valid_from > start ? c->valid_from : start;
	*to = c->valid_to && c->valid_to < end ? c->valid_to : end;
	return *from < *to;
}

static hub_status add_part(page *p, const contract *c, hub_time start, hub_time end, const unify_bill *last, bills_made *m,
			   hub_fault *fault)
{
	hub_time from, to;
	if (!span_of(c, start, end, &from, &to))
		return HUB_OK;
	if (m->bill.count == UNIFY_PARTS_MAX)
		return hub_fault_set(fault, "bill.parts", "", "an account has at most %d parts a cycle; divide it", UNIFY_PARTS_MAX);
	unify_part *part = &m->bill.parts[m->bill.count];
	const point *pt = point_of(p, c->point);
	const unify_part *before = unify_find(&m->bill, c->point, c->party);
	before = before ? before : unify_find(last, c->point, c->party);
	hub_status st = HUB_OK;
	if (!c->tariff[0])
		take_import(p, c, from, to, part);
	else
		st = pt ? bills_compute(p->b, c, pt, from, to, before, &p->work, part, fault) : HUB_MISSING;
	if (st == HUB_OK && c->tariff[0]) {
		part->state = arena_strdup(p->a, part->state);
		part->why = arena_strdup(p->a, part->why);
		st = part->state && part->why ? HUB_OK : HUB_NOMEM;
	}
	m->bill.count += st == HUB_OK;
	return st;
}

/* What was shared with the account needs no contract of its own. */
static hub_status add_shared(const page *p, bills_made *m, hub_fault *fault)
{
	for (size_t i = 0; i < p->import_count; i++) {
		const bill_imported *item = &p->imports[i];
		if (item->account != m->account || unify_find(&m->bill, item->point, item->party))
			continue;
		if (m->bill.count == UNIFY_PARTS_MAX)
			return hub_fault_set(fault, "bill.parts", "", "an account has at most %d parts a cycle; divide it", UNIFY_PARTS_MAX);
		import_part(item, &m->bill.parts[m->bill.count++]);
	}
	return HUB_OK;
}

/* Charging sessions that no bill has yet. */
static hub_status add_charging(const page *p, bills_made *m, hub_fault *fault)
{
	size_t at = 0;
	while (at < p->charge_count && p->charges[at].account != m->account)
		at++;
	return bills_charging_parts(p->charges, p->charge_count, m->account, &at, p->a, &m->bill, fault);
}

static void judge(const page *p, bills_made *m)
{
	unsigned held = unify_flags(&m->bill) & UNIFY_HELD;
	if (p->order->accept)
		held &= ~(unsigned)UNIFY_JUMP;
	m->outcome = !m->bill.count ? BILLS_EMPTY : held ? BILLS_HELD : BILLS_POSTED;
}

/* Where an account's contracts begin: they are in the order of accounts. */
static size_t contract_from(const page *p, int64_t account)
{
	size_t low = 0, high = p->contract_count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (p->contracts[mid].account < account)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The readings of all parts of some accounts at once. What cannot be read so is read, and told of, part by part. */
static hub_status read_ahead(page *p, size_t first, size_t end, const hub_time *spans)
{
	bills *b = p->b;
	hub_status st = bills_ahead_new(b, &p->work);
	for (size_t i = first; st == HUB_OK && i < end; i++) {
		const bill_row *there = row_of(p->there, p->there_count, p->accounts[i].id);
		for (size_t k = contract_from(p, p->accounts[i].id); st == HUB_OK && k < p->contract_count; k++) {
			const contract *c = &p->contracts[k];
			const bills_document *d;
			const point *pt = point_of(p, c->point);
			unify_part part = { .point = c->point };
			hub_fault why;
			if (c->account != p->accounts[i].id)
				break;
			if ((there && there->state == BILL_POSTED) || !c->tariff[0] || !pt ||
			    !span_of(c, spans[2 * i], spans[2 * i + 1], &part.start, &part.end) ||
			    bills_document_at(b, c->tariff, part.end - 1, &d, &why) != HUB_OK)
				continue;
			st = bills_usage_want(b, d->t, &part, pt->interval, UNIFY_PARTS_MAX * AT_ONCE, &p->work);
		}
	}
	return st == HUB_OK ? bills_ahead_read(b, &p->work) : st;
}

static hub_status compute(page *p, size_t i, hub_time start, hub_time end, hub_fault *fault)
{
	const billing_account *account = &p->accounts[i];
	bills_made *m = &p->made[i];
	const bill_row *there = row_of(p->there, p->there_count, account->id);
	const bill_row *before = row_of(p->before, p->before_count, account->id);
	m->account = account->id;
	m->bill.count = 0;
	m->total = 0;
	m->revision = there ? (int16_t)(there->revision + 1) : 0;
	m->outcome = BILLS_THERE;
	if (there && there->state == BILL_POSTED) {
		m->revision = there->revision;
		return HUB_OK;
	}
	unify_bill *last = arena_alloc(p->a, sizeof *last);
	if (!last)
		return HUB_NOMEM;
	hub_status st = before ? unify_read(before->body, p->a, last) : HUB_OK;
	for (size_t k = contract_from(p, account->id); st == HUB_OK && k < p->contract_count && p->contracts[k].account == account->id; k++)
		st = add_part(p, &p->contracts[k], start, end, last, m, fault);
	if (st == HUB_OK)
		st = add_shared(p, m, fault);
	if (st == HUB_OK)
		st = add_charging(p, m, fault);
	if (st == HUB_OK)
		st = unify_total(&m->bill, &m->total);
	judge(p, m);
	return st;
}

typedef struct posting {
	bill_row *rows;
	ledger_entry *entries;
	ledger_result *results;
	size_t row_count, entry_count;
} posting;

static hub_status prepare(page *p, size_t i, posting *out)
{
	const bills_made *m = &p->made[i];
	buf text = { 0 };
	unify_write(&m->bill, &text);
	const char *body = text.bad ? NULL : arena_strndup(p->a, (const char *)text.bytes, text.len);
	buf_fini(&text);
	ledger_leg *legs = arena_array(p->a, 2 * m->bill.count, sizeof *legs);
	const char *key = bills_entry_key(p->order->cycle, m->revision, p->a);
	if (!body || !legs || !key)
		return HUB_NOMEM;
	out->rows[out->row_count++] = (bill_row){ .account = m->account, .cycle = p->order->cycle, .revision = m->revision,
						  .currency = LEDGER_CNY, .total = m->total, .due = p->due[i],
						  .paid_count = m->bill.count, .body = body };
	size_t n = 0;
	for (size_t k = 0; k < m->bill.count; k++) {
		const unify_part *part = &m->bill.parts[k];
		if (!part->amount)
			continue;
		legs[n++] = (ledger_leg){ { m->account, ledger_part(LEDGER_RECEIVABLE, part->party), LEDGER_CNY }, part->amount };
		legs[n++] = (ledger_leg){ { ledger_settlement(part->party, m->account), ledger_part(LEDGER_BILLED, 0), LEDGER_CNY },
					  -part->amount };
	}
	if (n)
		out->entries[out->entry_count++] = (ledger_entry){ .action = LEDGER_POST, .key = key, .code = BILLS_CODE_BILL,
								   .legs = legs, .count = n };
	return HUB_OK;
}

/* What was paid ahead, carried over or freed by a cancelled bill pays the new one. */
static hub_status use_credits(page *p, const posting *out, hub_fault *fault)
{
	ledger_balance *list = arena_array(p->a, out->row_count, sizeof *list);
	if (!list)
		return HUB_NOMEM;
	for (size_t i = 0; i < out->row_count; i++)
		list[i].of = (ledger_account){ out->rows[i].account, ledger_part(LEDGER_CREDIT, 0), LEDGER_CNY };
	hub_status st = ledger_balances(p->b->db, list, out->row_count, 0);
	for (size_t i = 0; st == HUB_OK && i < out->row_count; i++) {
		int64_t used;
		if (list[i].balance < 0)
			st = bills_use_credit(p->b, out->rows[i].account, &used, fault);
	}
	return st;
}

/* The sessions of the bills that are posted are in them, and in no other. */
static hub_status mark_charging(const page *p)
{
	size_t n = 0;
	charging_charge *list = arena_array(p->a, p->charge_count, sizeof *list);
	if (!list)
		return HUB_NOMEM;
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; p->made[i].outcome == BILLS_POSTED && k < p->charge_count; k++)
			if (p->charges[k].account == p->made[i].account)
				list[n++] = p->charges[k];
	return charging_billed(p->b->db, list, n, p->order->cycle);
}

/* Rows and ledger in one transaction; somebody who was faster makes all of it start anew. */
static hub_status post(page *p, posting *out, hub_fault *fault)
{
	store *db = p->b->db;
	hub_status st = store_begin(db);
	if (st != HUB_OK)
		return st;
	st = bill_insert(db, out->rows, out->row_count);
	if (st == HUB_OK)
		st = mark_charging(p);
	if (st == HUB_OK)
		st = ledger_write(db, out->entries, out->entry_count, out->results);
	for (size_t i = 0; st == HUB_OK && i < out->entry_count; i++)
		if (out->results[i].st != HUB_OK || out->results[i].repeated) {
			hub_fault_set(fault, out->results[i].repeated ? "bill.posted" : out->results[i].code, "",
				      "the ledger refuses %s of account %lld", out->entries[i].key,
				      (long long)out->entries[i].legs[0].of.account);
			st = HUB_FAILED;
		}
	if (st == HUB_OK)
		st = use_credits(p, out, fault);
	if (st == HUB_OK)
		return store_commit(db);
	store_rollback(db);
	return st == HUB_CONFLICT ? HUB_AGAIN : st;
}

static hub_status post_all(page *p, hub_fault *fault)
{
	posting out = { .rows = arena_array(p->a, p->count, sizeof *out.rows),
			.entries = arena_array(p->a, p->count, sizeof *out.entries),
			.results = arena_array(p->a, p->count, sizeof *out.results) };
	hub_status st = out.rows && out.entries && out.results ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < p->count; i++)
		if (p->made[i].outcome == BILLS_POSTED)
			st = prepare(p, i, &out);
	return st == HUB_OK && out.row_count ? post(p, &out, fault) : st;
}

hub_status bills_run(bills *b, const bills_order *order, const billing_account *accounts, size_t count, arena *a,
		     bills_made *ret, hub_fault *fault)
{
	assert(count <= BILLS_ACCOUNTS_MAX);
	page p = { .b = b, .order = order, .accounts = accounts, .count = count, .a = a, .made = ret,
		   .ids = arena_array(a, count, sizeof *p.ids), .due = arena_array(a, count, sizeof *p.due) };
	hub_time *spans = arena_array(a, 2 * count, sizeof *spans), from = INT64_MAX, to = 0;
	hub_status st = p.ids && p.due && spans ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const zone *z;
		p.ids[i] = accounts[i].id;
		st = bills_zone(b, accounts[i].zone, &z, fault);
		if (st == HUB_OK)
			st = unify_cycle(order->cycle, z, order->due_days, &spans[2 * i], &spans[2 * i + 1], &p.due[i]);
		if (st == HUB_OK) {
			from = spans[2 * i] < from ? spans[2 * i] : from;
			to = spans[2 * i + 1] > to ? spans[2 * i + 1] : to;
		}
	}
	if (st == HUB_OK)
		st = load(&p, from, to);
	arena_init(&p.work, 0);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		if (i % AT_ONCE == 0) {
			arena_reset(&p.work);
			st = read_ahead(&p, i, i + AT_ONCE < count ? i + AT_ONCE : count, spans);
		}
		if (st == HUB_OK)
			st = compute(&p, i, spans[2 * i], spans[2 * i + 1], fault);
	}
	b->ahead = NULL;
	arena_fini(&p.work);
	return st == HUB_OK && !order->preview ? post_all(&p, fault) : st;
}
