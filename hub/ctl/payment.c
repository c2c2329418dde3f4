/* hubctl payment: providers, orders, refunds, settlement files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "billing/bills.h"
#include "ctl/file.h"
#include "ctl/money.h"
#include "ctl/words.h"
#include "store/provider.h"

enum { TARGETS = 32, LISTED = 1000 };

hub_status word_cents(const char *text, int64_t *ret, hub_fault *fault)
{
	decimal d, whole;
	if (!text || decimal_parse(text, strlen(text), &d) != HUB_OK || decimal_round(d, 2, DECIMAL_DOWN, &whole) != HUB_OK ||
	    decimal_cmp(d, whole) || decimal_to_int64(d, 2, DECIMAL_DOWN, ret) != HUB_OK)
		return hub_fault_set(fault, "payment.amount", "amount", "'%.40s' is no amount with at most two decimals", text ? text : "");
	return HUB_OK;
}

int ctl_payment_provider(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	buf key = { 0 };
	hub_fault fault = { 0 };
	const char *path = ctl_take(&argc, argv, "key", 1, &bad);
	payment_provider p = { .url = ctl_take(&argc, argv, "url", 1, &bad) };
	if (bad || !path || ctl_leftover("payment provider", argc, argv) || argc != 2)
		return ctl_usage("payment provider");
	arena_init(&a, 0);
	hub_status st = word_party(c->db, argv[1], &a, &p.party, &fault);
	if (st == HUB_OK)
		st = ctl_read(path, &key, &fault);
	while (key.len && (key.bytes[key.len - 1] == '\n' || key.bytes[key.len - 1] == '\r'))
		key.len--;
	p.key = key.bytes;
	p.key_len = key.len;
	if (st == HUB_OK)
		st = provider_put(c->db, &p, &fault);
	buf_fini(&key);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("payment provider", st, &fault);
}

/* "2026-10" or "2026-10:1" */
static hub_status read_target(const char *text, bills_target *ret, hub_fault *fault)
{
	char cycle[8] = "";
	ret->part = -1;
	if (strlen(text) >= 7)
		memcpy(cycle, text, 7);
	char *end = NULL;
	if (text[0] && strlen(text) > 8 && text[7] == ':')
		ret->part = (int)strtol(text + 8, &end, 10);
	if (!unify_cycle_parse(cycle, &ret->cycle) || (text[7] && (!end || *end || ret->part < 0)))
		return hub_fault_set(fault, "payment.for", "for", "'%.40s' is no cycle such as 2026-10, or 2026-10:1 for one part", text);
	return HUB_OK;
}

static hub_status order(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	bills *b = NULL;
	billing_account account;
	bills_target targets[TARGETS];
	const char **wanted;
	size_t count = 0;
	int64_t provider, amount;
	const char *id = ctl_take(argc, argv, "id", 1, &bad), *who = ctl_take(argc, argv, "provider", 1, &bad);
	const char *text = ctl_take(argc, argv, "amount", 1, &bad), *rule = ctl_take(argc, argv, "rule", 1, &bad);
	hub_status st = word_list(argc, argv, "for", a, &wanted, &count);
	if (bad || !id || !who || ctl_leftover("payment order", *argc, argv) || *argc != 2 || count > TARGETS ||
	    (rule && strcmp(rule, "due") && strcmp(rule, "proportional")))
		return hub_fault_set(fault, "ctl.words", "", "an account, --id, --provider and --amount are required; --rule is due or "
				     "proportional");
	if (st == HUB_OK)
		st = word_account(c->db, argv[1], a, &account, fault);
	if (st == HUB_OK)
		st = word_party(c->db, who, a, &provider, fault);
	if (st == HUB_OK)
		st = word_cents(text, &amount, fault);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = read_target(wanted[i], &targets[i], fault);
	if (st == HUB_OK)
		st = bills_new(c->db, &b);
	if (st == HUB_OK)
		st = bills_pay_order(b, account.id, id, provider, amount,
				     rule && !strcmp(rule, "proportional") ? PAYMENT_PROPORTIONAL : PAYMENT_BY_DUE, targets, count, fault);
	if (st == HUB_OK)
		printf("%s\n", bills_order_text(account.id, id, a));
	bills_free(b);
	return st;
}

int ctl_payment_order(ctl *c, int argc, char **argv)
{
	arena a;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = order(c, &argc, argv, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("payment order", st, &fault);
}

int ctl_payment_list(ctl *c, int argc, char **argv)
{
	arena a;
	buf out = { 0 };
	billing_account account;
	payment_row *rows;
	size_t count = 0;
	hub_fault fault = { 0 };
	if (ctl_leftover("payment list", argc, argv) || argc != 2)
		return ctl_usage("payment list");
	arena_init(&a, 0);
	hub_status st = word_account(c->db, argv[1], &a, &account, &fault);
	if (st == HUB_OK)
		st = payment_of_account(c->db, account.id, LISTED, &a, &rows, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		bills_payment_json(&rows[i], &out);
		buf_text(&out, "\n");
	}
	fputs(buf_cstr(&out), stdout);
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("payment list", st, &fault);
}

int ctl_payment_refund(ctl *c, int argc, char **argv)
{
	bills *b = NULL;
	int64_t account;
	const char *id;
	hub_fault fault = { 0 };
	if (ctl_leftover("payment refund", argc, argv) || argc != 2)
		return ctl_usage("payment refund");
	hub_status st = bills_order_read(argv[1], &account, &id) ? bills_new(c->db, &b) : HUB_MISSING;
	if (st == HUB_OK)
		st = bills_refund(b, account, id, &fault);
	if (st == HUB_MISSING)
		hub_fault_set(&fault, "payment.order", "", "there is no order '%.90s'; hubctl payment list", argv[1]);
	bills_free(b);
	return st == HUB_OK ? CTL_OK : ctl_fail("payment refund", st, &fault);
}

int ctl_payment_credit(ctl *c, int argc, char **argv)
{
	arena a;
	bills *b = NULL;
	billing_account account;
	int64_t used = 0;
	hub_fault fault = { 0 };
	if (ctl_leftover("payment credit", argc, argv) || argc != 2)
		return ctl_usage("payment credit");
	arena_init(&a, 0);
	hub_status st = bills_new(c->db, &b);
	if (st == HUB_OK)
		st = word_account(c->db, argv[1], &a, &account, &fault);
	if (st == HUB_OK)
		st = bills_use_credit(b, account.id, &used, &fault);
	bills_free(b);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("payment credit", st, &fault);
	printf("{\"account\":\"%s\",\"used\":%lld}\n", argv[1], (long long)used);
	return CTL_OK;
}

static hub_status settle(ctl *c, const char *who, const char *path, const char *from, const char *to, arena *a, buf *out,
			 bills_settled *ret, hub_fault *fault)
{
	bills *b = NULL;
	buf text = { 0 };
	int64_t provider;
	hub_time begin, end;
	hub_status st = bills_new(c->db, &b);
	if (st == HUB_OK)
		st = word_party(c->db, who, a, &provider, fault);
	if (st == HUB_OK)
		st = word_time(from, 1, &begin, fault);
	if (st == HUB_OK)
		st = word_time(to, clock_now() + 1, &end, fault);
	if (st == HUB_OK)
		st = ctl_read(path, &text, fault);
	if (st == HUB_OK)
		st = bills_settle(b, provider, text.bytes, text.len, begin, end, a, out, ret, fault);
	buf_fini(&text);
	bills_free(b);
	return st;
}

int ctl_payment_settle(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	buf out = { 0 };
	bills_settled sums;
	hub_fault fault = { 0 };
	const char *who = ctl_take(&argc, argv, "provider", 1, &bad), *from = ctl_take(&argc, argv, "from", 1, &bad);
	const char *to = ctl_take(&argc, argv, "to", 1, &bad);
	if (bad || !who || ctl_leftover("payment settle", argc, argv) || argc != 2)
		return ctl_usage("payment settle");
	arena_init(&a, 0);
	hub_status st = settle(c, who, argv[1], from, to, &a, &out, &sums, &fault);
	if (st == HUB_OK)
		printf("%s{\"rows\":%zu,\"agreed\":%zu,\"differences\":%zu,\"total\":%lld}\n", buf_cstr(&out), sums.rows, sums.agreed,
		       sums.differences, (long long)sums.total);
	buf_fini(&out);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("payment settle", st, &fault);
	return sums.differences ? CTL_USAGE : CTL_OK;
}
