/* hubctl notice: send, withdraw, list, show; by the rules of the API, which are hub/exchange's. */
#include "exchange/notices.h"

#include <stdio.h>

#include "base/clock.h"
#include "ctl/actor.h"
#include "ctl/words.h"

enum { LISTED = 1000 };

static hub_status print(ctl *c, const notice *n, bool with_trail, arena *a)
{
	buf out = { 0 };
	hub_status st = notices_write(c->db, n, with_trail, a, &out);
	if (st == HUB_OK)
		puts(buf_cstr(&out));
	buf_fini(&out);
	return st;
}

static const char *text(int *argc, char **argv, const char *name, int *bad)
{
	const char *value = ctl_take(argc, argv, name, 1, bad);
	return value ? value : "";
}

static hub_status send(ctl *c, int *argc, char **argv, arena *a, actor *as, hub_fault *fault)
{
	int bad = 0;
	const char **places;
	size_t count;
	const exchange_side who = { &as->party, as->rules, actor_person(argc, argv, &bad), clock_now() };
	notice n = { .kind = text(argc, argv, "kind", &bad),
		     .commodity = text(argc, argv, "commodity", &bad),
		     .severity = text(argc, argv, "severity", &bad),
		     .title_zh = text(argc, argv, "title-zh", &bad),
		     .title_en = text(argc, argv, "title-en", &bad),
		     .text_zh = text(argc, argv, "text-zh", &bad),
		     .text_en = text(argc, argv, "text-en", &bad) };
	const char *purpose = text(argc, argv, "purpose", &bad), *from = ctl_take(argc, argv, "from", 1, &bad),
		   *to = ctl_take(argc, argv, "to", 1, &bad);
	hub_status st = word_list(argc, argv, "place", a, &places, &count);
	if (st == HUB_REJECT || bad || *argc != 1 || !to)
		return hub_fault_set(
		    fault, "notice.arguments", "",
		    "--party, --place, --title-zh, --text-zh and --to are needed; see hubctl help notice send");
	if (st == HUB_OK)
		st = word_time(from, 0, &n.valid_from, fault);
	if (st == HUB_OK)
		st = word_time(to, 0, &n.valid_to, fault);
	if (st == HUB_OK)
		st = notices_send(c->db, &who, &n, places, count, purpose, a, fault);
	return st == HUB_OK ? print(c, &n, true, a) : st;
}

int ctl_notice_send(ctl *c, int argc, char **argv)
{
	return actor_do(c, argc, argv, "notice send", send);
}

static hub_status withdraw(ctl *c, int *argc, char **argv, arena *a, actor *as, hub_fault *fault)
{
	int bad = 0;
	uint64_t id = 0;
	notice n;
	const exchange_side who = { &as->party, as->rules, actor_person(argc, argv, &bad), clock_now() };
	const char *why = text(argc, argv, "note", &bad);
	if (bad || *argc != 2)
		return hub_fault_set(fault, "notice.arguments", "", "one notice's number and --party are needed");
	hub_status st = word_number(argv[1], 0, &id, fault);
	if (st == HUB_OK)
		st = notices_withdraw(c->db, &who, (int64_t)id, why, a, &n, fault);
	return st == HUB_OK ? print(c, &n, true, a) : st;
}

int ctl_notice_withdraw(ctl *c, int argc, char **argv)
{
	return actor_do(c, argc, argv, "notice withdraw", withdraw);
}

/* Those that hold and that the party is shown, as at the API. */
static hub_status shown_to(ctl *c, int *argc, char **argv, arena *a, actor *as, hub_fault *fault)
{
	const exchange_side who = { &as->party, as->rules, "", clock_now() };
	notice *list;
	size_t count = 0;
	(void)argv;
	if (*argc != 1)
		return hub_fault_set(fault, "notice.arguments", "", "--shown takes --party and nothing else");
	hub_status st = notices_for(c->db, &who, LISTED, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = print(c, &list[i], false, a);
	return st;
}

static hub_status sent(ctl *c, const char *code, arena *a, hub_fault *fault)
{
	notice *list;
	size_t count = 0;
	int64_t of = 0;
	hub_status st = code ? word_party(c->db, code, a, &of, fault) : HUB_OK;
	if (st == HUB_OK)
		st = notice_sent(c->db, of, LISTED, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = print(c, &list[i], true, a);
	return st;
}

int ctl_notice_list(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	hub_fault fault = { 0 };
	if (ctl_take(&argc, argv, "shown", 0, &bad))
		return actor_do(c, argc, argv, "notice list", shown_to);
	const char *code = ctl_take(&argc, argv, "party", 1, &bad);
	if (bad || ctl_leftover("notice list", argc, argv) || argc != 1)
		return ctl_usage("notice list");
	arena_init(&a, 0);
	hub_status st = sent(c, code, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("notice list", st, &fault);
}

int ctl_notice_show(ctl *c, int argc, char **argv)
{
	arena a;
	uint64_t id = 0;
	notice n;
	hub_fault fault = { 0 };
	if (ctl_leftover("notice show", argc, argv) || argc != 2)
		return ctl_usage("notice show");
	arena_init(&a, 0);
	hub_status st = word_number(argv[1], 0, &id, &fault);
	if (st == HUB_OK)
		st = notice_get(c->db, (int64_t)id, &a, &n);
	if (st == HUB_MISSING)
		hub_fault_set(&fault, "notice.unknown", "id", "there is no notice %s; hubctl notice list shows them",
			      argv[1]);
	if (st == HUB_OK)
		st = print(c, &n, true, &a);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("notice show", st, &fault);
}
