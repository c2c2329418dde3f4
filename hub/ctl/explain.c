/* hubctl bill why, bill share, account forecast: what a bill came from and what this cycle will come to. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "billing/bills.h"
#include "ctl/file.h"
#include "ctl/money.h"
#include "ctl/words.h"

int ctl_bill_why(ctl *c, int argc, char **argv)
{
	int bad = 0;
	int32_t cycle;
	arena a;
	buf out = { 0 };
	bills *b = NULL;
	billing_account account;
	bill_row *row;
	hub_fault fault = { 0 };
	const char *text = ctl_take(&argc, argv, "cycle", 1, &bad);
	if (bad || !text || !unify_cycle_parse(text, &cycle) || ctl_leftover("bill why", argc, argv) || argc != 2)
		return ctl_usage("bill why");
	arena_init(&a, 0);
	hub_status st = bills_new(c->db, &b);
	if (st == HUB_OK)
		st = ctl_bill_find(c, argv[1], cycle, &a, &account, &row, &fault);
	if (st == HUB_OK)
		st = bills_why(b, &account, row, 0, &a, &out, &fault);
	if (st == HUB_OK)
		puts(buf_cstr(&out));
	bills_free(b);
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("bill why", st, &fault);
}

/* "peak:valley:0.5" */
static hub_status read_shift(char *text, bills_shift *ret, hub_fault *fault)
{
	char *to = text ? strchr(text, ':') : NULL, *part = to ? strchr(to + 1, ':') : NULL;
	if (!text)
		return HUB_OK;
	if (!to || !part || decimal_parse(part + 1, strlen(part + 1), &ret->part) != HUB_OK)
		return hub_fault_set(fault, "forecast.shift", "shift", "a shift is PERIOD:PERIOD:PART, such as peak:valley:0.5");
	*to = *part = 0;
	ret->from = text;
	ret->to = to + 1;
	return HUB_OK;
}

int ctl_account_forecast(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	buf out = { 0 };
	bills *b = NULL;
	billing_account account;
	bills_shift shift = { 0 };
	hub_time at;
	decimal kw;
	hub_fault fault = { 0 };
	const char *when = ctl_take(&argc, argv, "at", 1, &bad), *power = ctl_take(&argc, argv, "power", 1, &bad);
	const char *moved = ctl_take(&argc, argv, "shift", 1, &bad);
	if (bad || ctl_leftover("account forecast", argc, argv) || argc != 2 ||
	    (power && decimal_parse(power, strlen(power), &kw) != HUB_OK))
		return ctl_usage("account forecast");
	arena_init(&a, 0);
	hub_status st = word_time(when, clock_now(), &at, &fault);
	if (st == HUB_OK)
		st = read_shift(moved ? arena_strdup(&a, moved) : NULL, &shift, &fault);
	if (st == HUB_OK)
		st = bills_new(c->db, &b);
	if (st == HUB_OK)
		st = word_account(c->db, argv[1], &a, &account, &fault);
	if (st == HUB_OK)
		st = bills_forecast(b, &account, at, &shift, power ? &kw : NULL, &a, &out, &fault);
	if (st == HUB_OK)
		puts(buf_cstr(&out));
	bills_free(b);
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("account forecast", st, &fault);
}

int ctl_bill_share(ctl *c, int argc, char **argv)
{
	int bad = 0;
	int32_t cycle;
	arena a;
	buf out = { 0 }, plan = { 0 };
	bills *b = NULL;
	hub_fault fault = { 0 };
	const char *text = ctl_take(&argc, argv, "cycle", 1, &bad);
	bool preview = ctl_take(&argc, argv, "preview", 0, &bad);
	if (bad || !text || !unify_cycle_parse(text, &cycle) || ctl_leftover("bill share", argc, argv) || argc != 2)
		return ctl_usage("bill share");
	arena_init(&a, 0);
	hub_status st = bills_new(c->db, &b);
	if (st == HUB_OK)
		st = ctl_read(argv[1], &plan, &fault);
	if (st == HUB_OK)
		st = bills_apportion(b, buf_cstr(&plan), cycle, preview, &a, &out, &fault);
	if (st == HUB_OK)
		fputs(buf_cstr(&out), stdout);
	bills_free(b);
	buf_fini(&plan);
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("bill share", st, &fault);
}
