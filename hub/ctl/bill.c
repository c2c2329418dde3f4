/* hubctl bill: cycle runs, bills with their lines, utilities' own bills, cancel. */
#include "billing/bills.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/file.h"
#include "ctl/money.h"
#include "ctl/words.h"
#include "identity/seal.h"
#include "store/certificate.h"

enum { PAGE = 256, TRIES = 20 };

typedef struct tally {
	size_t accounts, of[BILLS_OUTCOMES];
	int64_t total;
} tally;

/* A line for every part that somebody should look at. */
static void tell_exceptions(const billing_account *account, const bills_made *m)
{
	for (size_t i = 0; i < m->bill.count; i++) {
		const unify_part *p = &m->bill.parts[i];
		if (!(p->flags & (UNIFY_HELD | UNIFY_ESTIMATED)))
			continue;
		buf why = { 0 };
		printf("{\"account\":\"%s\",\"held\":%s,\"point\":%lld,\"party\":%lld,\"flags\":", account->code,
		       m->outcome == BILLS_HELD ? "true" : "false", (long long)p->point, (long long)p->party);
		bills_flags(p->flags, &why);
		buf_text(&why, ",\"why\":");
		json_write_text(&why, p->why);
		printf("%s}\n", buf_cstr(&why));
		buf_fini(&why);
	}
}

static hub_status run_page(bills *b, const bills_order *order, const billing_account *list, size_t count, tally *t,
			   hub_fault *fault)
{
	arena a;
	arena_init(&a, 0);
	bills_made *made = arena_array(&a, count, sizeof *made);
	hub_status st = made ? HUB_AGAIN : HUB_NOMEM;
	for (int i = 0; st == HUB_AGAIN && i < TRIES; i++)
		st = bills_run(b, order, list, count, &a, made, fault);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		t->accounts++;
		t->of[made[i].outcome]++;
		if (made[i].outcome == BILLS_POSTED)
			t->total += made[i].total;
		tell_exceptions(&list[i], &made[i]);
	}
	arena_fini(&a);
	return st;
}

static hub_status run(ctl *c, const bills_order *order, const char *only, tally *t, hub_fault *fault)
{
	bills *b = NULL;
	arena a;
	billing_account *list, one;
	size_t count = 1;
	int64_t after = 0;
	arena_init(&a, 0);
	hub_status st = bills_new(c->db, &b);
	if (st == HUB_OK && only) {
		st = word_account(c->db, only, &a, &one, fault);
		if (st == HUB_OK)
			st = run_page(b, order, &one, 1, t, fault);
		count = 0;
	}
	while (st == HUB_OK && count) {
		arena_reset(&a);
		st = account_list(c->db, after, PAGE, &a, &list, &count);
		if (st != HUB_OK || !count)
			break;
		after = list[count - 1].id;
		st = run_page(b, order, list, count, t, fault);
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r%zu accounts", t->accounts);
	}
	bills_free(b);
	arena_fini(&a);
	return st;
}

int ctl_bill_run(ctl *c, int argc, char **argv)
{
	int bad = 0;
	tally t = { 0 };
	uint64_t days = 15;
	hub_fault fault = { 0 };
	const char *cycle = ctl_take(&argc, argv, "cycle", 1, &bad), *due = ctl_take(&argc, argv, "due-days", 1, &bad);
	const char *only = ctl_take(&argc, argv, "account", 1, &bad);
	bills_order order = { .preview = ctl_take(&argc, argv, "preview", 0, &bad), .accept = ctl_take(&argc, argv, "accept", 0, &bad) };
	if (bad || !cycle || !unify_cycle_parse(cycle, &order.cycle) || ctl_leftover("bill run", argc, argv) || argc != 1)
		return ctl_usage("bill run");
	hub_status st = word_number(due, 15, &days, &fault);
	order.due_days = days > 365 ? 365 : (int)days;
	if (st == HUB_OK)
		st = run(c, &order, only, &t, &fault);
	if (st != HUB_OK)
		return ctl_fail("bill run", st, &fault);
	printf("{\"cycle\":\"%s\",\"preview\":%s,\"accounts\":%zu,\"posted\":%zu,\"there\":%zu,\"held\":%zu,\"without\":%zu,"
	       "\"total\":%lld}\n", cycle, order.preview ? "true" : "false", t.accounts, t.of[BILLS_POSTED], t.of[BILLS_THERE],
	       t.of[BILLS_HELD], t.of[BILLS_EMPTY], (long long)t.total);
	return t.of[BILLS_HELD] ? CTL_USAGE : CTL_OK;
}

hub_status ctl_bill_find(ctl *c, const char *code, int32_t cycle, arena *a, billing_account *account, bill_row **ret,
			 hub_fault *fault)
{
	size_t count = 0;
	hub_status st = word_account(c->db, code, a, account, fault);
	if (st == HUB_OK)
		st = bill_of_cycle(c->db, &account->id, 1, cycle, a, ret, &count);
	if (st == HUB_OK && !count) {
		hub_fault_set(fault, "bill.missing", "cycle", "'%.64s' has no bill of that cycle; hubctl bill run makes it", code);
		st = HUB_MISSING;
	}
	return st;
}

int ctl_bill_cancel(ctl *c, int argc, char **argv)
{
	int bad = 0;
	int32_t cycle;
	arena a;
	bills *b = NULL;
	billing_account account;
	hub_fault fault = { 0 };
	const char *text = ctl_take(&argc, argv, "cycle", 1, &bad);
	if (bad || !text || !unify_cycle_parse(text, &cycle) || ctl_leftover("bill cancel", argc, argv) || argc != 2)
		return ctl_usage("bill cancel");
	arena_init(&a, 0);
	hub_status st = bills_new(c->db, &b);
	if (st == HUB_OK)
		st = word_account(c->db, argv[1], &a, &account, &fault);
	if (st == HUB_OK)
		st = bills_cancel(b, account.id, cycle, &fault);
	bills_free(b);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("bill cancel", st, &fault);
}

static void tell_row(void *user, size_t line, const hub_fault *f)
{
	fprintf(stderr, "%s:%zu: %s%s%s (%s)\n", (const char *)user, line, f->field, *f->field ? ": " : "", f->message, f->code);
}

/* A compact JWS, as a utility's customers' system may have written it to a file. */
static bool is_sealed(const buf *text)
{
	return text->len > 2 && !memcmp(text->bytes, "ey", 2) && !memchr(text->bytes, ',', text->len);
}

/* Opened by the utility's own certificate, and kept beside the bills. */
static hub_status unseal(ctl *c, int64_t utility, const buf *text, arena *a, seal *ret, uint8_t digest[32], hub_fault *fault)
{
	bool stands;
	size_t len = text->len;
	while (len && strchr(" \r\n", (char)text->bytes[len - 1]))
		len--;
	hub_status st = seal_open((const char *)text->bytes, len, "uhub.bills", a, ret, fault);
	if (st == HUB_OK)
		st = certificate_stands(c->db, ret->by.thumbprint, utility, clock_now(), &stands);
	if (st == HUB_OK && !stands) {
		hub_fault_set(fault, "seal.certificate", "", "the file is not signed with a certificate that the hub gave this party and that stands");
		st = HUB_DENIED;
	}
	const bill_file file = { .party = utility, .text = (const char *)text->bytes, .len = len,
				 .thumbprint = st == HUB_OK ? ret->by.thumbprint : "" };
	return st == HUB_OK ? bill_file_keep(c->db, &file, digest) : st;
}

int ctl_bill_import(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	bills *b = NULL;
	buf text = { 0 };
	seal body = { 0 };
	uint8_t digest[32];
	int64_t utility = 0;
	size_t taken = 0, refused = 0;
	hub_fault fault = { 0 };
	const char *who = ctl_take(&argc, argv, "party", 1, &bad);
	if (bad || !who || ctl_leftover("bill import", argc, argv) || argc != 2)
		return ctl_usage("bill import");
	arena_init(&a, 0);
	hub_status st = bills_new(c->db, &b);
	if (st == HUB_OK)
		st = word_party(c->db, who, &a, &utility, &fault);
	if (st == HUB_OK)
		st = ctl_read(argv[1], &text, &fault);
	if (st == HUB_OK)
		body = (seal){ .body = text.bytes, .len = text.len };
	bool sealed = st == HUB_OK && is_sealed(&text);
	if (st == HUB_OK)
		st = store_begin(c->db);
	if (st == HUB_OK && sealed)
		st = unseal(c, utility, &text, &a, &body, digest, &fault);
	if (st == HUB_OK)
		st = bills_import(b, utility, NULL, sealed ? digest : NULL, body.body, body.len, tell_row, argv[1], &taken, &refused, &fault);
	if (st == HUB_OK)
		st = store_commit(c->db);
	bills_free(b);
	buf_fini(&text);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("bill import", st, &fault);
	printf("%zu bills taken, %zu rows refused%s\n", taken, refused, sealed ? ", signed" : "");
	return refused ? CTL_USAGE : CTL_OK;
}
