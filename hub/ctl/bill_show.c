/* hubctl bill show, bill dispute: a bill for people's eyes, and what its customer contests. */
#include <stdio.h>
#include <string.h>

#include "billing/bills_face.h"
#include "compare/show.h"
#include "ctl/file.h"
#include "ctl/money.h"
#include "ctl/words.h"

static hub_status show(ctl *c, const char *code, int32_t cycle, const char *form, arena *a, buf *out, hub_fault *fault)
{
	billing_account account;
	bills *b = NULL;
	bill_row *row;
	bills_format format;
	bills_paper paper = { .order = true };
	bool json = !form || !strcmp(form, "json");
	if (!json && !bills_format_parse(form, &format))
		return hub_fault_set(fault, "bill.format", "format", "'%.20s' is none of json, pdf, xlsx, csv", form);
	hub_status st = bills_new(c->db, &b);
	if (st == HUB_OK)
		st = ctl_bill_find(c, code, cycle, a, &account, &row, fault);
	if (st == HUB_OK && json)
		st = bills_show(b, &account, row, &(bills_view){ .lines = true }, a, out, fault);
	if (st == HUB_OK && !json)
		st = compare_face(c->db, row->account, row->cycle, row->revision, a, &paper.beside, &paper.beside_count);
	if (st == HUB_OK && !json)
		st = bills_face_write(b, &account, row, 0, format, &paper, a, out, fault);
	if (json)
		buf_text(out, "\n");
	bills_free(b);
	return st;
}

int ctl_bill_show(ctl *c, int argc, char **argv)
{
	int bad = 0;
	int32_t cycle;
	arena a;
	buf out = { 0 };
	hub_fault fault = { 0 };
	const char *text = ctl_take(&argc, argv, "cycle", 1, &bad), *form = ctl_take(&argc, argv, "format", 1, &bad);
	const char *path = ctl_take(&argc, argv, "out", 1, &bad);
	if (bad || !text || !unify_cycle_parse(text, &cycle) || ctl_leftover("bill show", argc, argv) || argc != 2)
		return ctl_usage("bill show");
	arena_init(&a, 0);
	hub_status st = show(c, argv[1], cycle, form, &a, &out, &fault);
	if (st == HUB_OK)
		st = ctl_write(path, &out, &fault);
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("bill show", st, &fault);
}

static hub_status contest(ctl *c, const char *code, int32_t cycle, uint64_t part, const char *text, bool settle, arena *a,
			  hub_fault *fault)
{
	billing_account account;
	bill_row *row;
	bills *b = NULL;
	hub_status st = ctl_bill_find(c, code, cycle, a, &account, &row, fault);
	if (st == HUB_OK)
		st = bills_new(c->db, &b);
	if (st == HUB_OK)
		st = settle ? bills_dispute_settle(b, &account, row, part, text, fault) : bills_dispute(b, &account, row, part, text, fault);
	bills_free(b);
	return st;
}

int ctl_bill_dispute(ctl *c, int argc, char **argv)
{
	int bad = 0;
	int32_t cycle;
	uint64_t part = 0;
	arena a;
	hub_fault fault = { 0 };
	const char *text = ctl_take(&argc, argv, "cycle", 1, &bad), *which = ctl_take(&argc, argv, "part", 1, &bad);
	const char *reason = ctl_take(&argc, argv, "reason", 1, &bad);
	bool settle = ctl_take(&argc, argv, "settle", 0, &bad);
	if (bad || !text || !which || !unify_cycle_parse(text, &cycle) || ctl_leftover("bill dispute", argc, argv) || argc != 2)
		return ctl_usage("bill dispute");
	arena_init(&a, 0);
	hub_status st = word_number(which, 0, &part, &fault);
	if (st == HUB_OK)
		st = contest(c, argv[1], cycle, part, reason, settle, &a, &fault);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("bill dispute", st, &fault);
	puts(settle ? "settled" : "contested");
	return CTL_OK;
}
