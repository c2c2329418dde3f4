/* hubctl request: data requests and view commands; asked, answered and taken back by the rules of the API,
 * hub/exchange's. */
#include "exchange/exchange.h"

#include <stdio.h>

#include "base/clock.h"
#include "ctl/actor.h"
#include "ctl/words.h"
#include "exchange/places.h"

enum { LISTED = 1000 };

static hub_status print(ctl *c, const exchange_request *q, arena *a)
{
	buf out = { 0 };
	hub_status st = exchange_write(c->db, q, clock_now(), a, &out);
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

static hub_status find(ctl *c, const char *word, arena *a, exchange_request *ret, hub_fault *fault)
{
	uint64_t id = 0;
	hub_status st = word_number(word, 0, &id, fault);
	if (st == HUB_OK)
		st = exchange_request_get(c->db, (int64_t)id, a, ret);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "exchange.unknown", "id",
			      "there is no request %.20s; hubctl request list shows them", word);
	return st;
}

static hub_status times(int *argc, char **argv, exchange_request *q, int *bad, hub_fault *fault)
{
	const struct {
		const char *name;
		hub_time *to;
	} list[] = { { "data-from", &q->data_from }, { "data-to", &q->data_to }, { "expires", &q->expires } };
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < sizeof list / sizeof *list; i++)
		st = word_time(ctl_take(argc, argv, list[i].name, 1, bad), 0, list[i].to, fault);
	return st;
}

static hub_status ask(ctl *c, int *argc, char **argv, arena *a, actor *as, hub_fault *fault)
{
	int bad = 0;
	party of;
	const char **places;
	const exchange_side who = { &as->party, as->rules, actor_person(argc, argv, &bad), clock_now() };
	exchange_request q = { .kind = text(argc, argv, "kind", &bad),
			       .commodity = text(argc, argv, "commodity", &bad),
			       .what = text(argc, argv, "what", &bad),
			       .purpose = text(argc, argv, "purpose", &bad) };
	const char *code = ctl_take(argc, argv, "of", 1, &bad);
	hub_status st = times(argc, argv, &q, &bad, fault);
	if (st == HUB_OK)
		st = word_list(argc, argv, "place", a, &places, &q.premise_count);
	if (bad || (st == HUB_OK && (*argc != 1 || !code)))
		return hub_fault_set(fault, "exchange.arguments", "",
				     "--party, --of, --what and --purpose are needed; see hubctl help request ask");
	if (st == HUB_OK)
		st = party_by_code(c->db, code, a, &of);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "party.unknown", "of", "there is no party '%.64s'; hubctl party list shows them",
			      code);
	if (st == HUB_OK)
		st = places_by_code(c->db, places, q.premise_count, a, &q.premises, fault);
	if (st == HUB_OK)
		st = exchange_ask(c->db, &who, &q, &of, a, fault);
	return st == HUB_OK ? print(c, &q, a) : st;
}

int ctl_request_ask(ctl *c, int argc, char **argv)
{
	return actor_do(c, argc, argv, "request ask", ask);
}

static hub_status step(ctl *c, int *argc, char **argv, arena *a, actor *as, const char *to, hub_fault *fault)
{
	int bad = 0;
	exchange_request q;
	const exchange_side who = { &as->party, as->rules, actor_person(argc, argv, &bad), clock_now() };
	const exchange_move m = { .to = to,
				  .note = text(argc, argv, "note", &bad),
				  .reference = text(argc, argv, "reference", &bad) };
	if (bad || *argc != 2)
		return hub_fault_set(fault, "exchange.arguments", "", "one request's number and --party are needed");
	hub_status st = find(c, argv[1], a, &q, fault);
	if (st == HUB_OK)
		st = exchange_step_to(c->db, &who, &q, &m, a, fault);
	return st == HUB_OK ? print(c, &q, a) : st;
}

/* Each step is a command of its own. */
#define STEP(verb, state)                                                                                              \
	static hub_status verb(ctl *c, int *argc, char **argv, arena *a, actor *as, hub_fault *fault)                  \
	{                                                                                                              \
		return step(c, argc, argv, a, as, state, fault);                                                       \
	}                                                                                                              \
	int ctl_request_##verb(ctl *c, int argc, char **argv)                                                          \
	{                                                                                                              \
		return actor_do(c, argc, argv, "request " #verb, verb);                                                \
	}
STEP(grant, "granted")
STEP(refuse, "refused")
STEP(fulfil, "fulfilled")
STEP(withdraw, "withdrawn")

static hub_status list(ctl *c, const char *code, arena *a, hub_fault *fault)
{
	exchange_request *all;
	size_t count = 0;
	int64_t of = 0;
	hub_status st = code ? word_party(c->db, code, a, &of, fault) : HUB_OK;
	if (st == HUB_OK)
		st = exchange_request_list(c->db, of, LISTED, a, &all, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = print(c, &all[i], a);
	return st;
}

int ctl_request_list(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	hub_fault fault = { 0 };
	const char *code = ctl_take(&argc, argv, "party", 1, &bad);
	if (bad || ctl_leftover("request list", argc, argv) || argc != 1)
		return ctl_usage("request list");
	arena_init(&a, 0);
	hub_status st = list(c, code, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("request list", st, &fault);
}

int ctl_request_show(ctl *c, int argc, char **argv)
{
	arena a;
	exchange_request q;
	hub_fault fault = { 0 };
	if (ctl_leftover("request show", argc, argv) || argc != 2)
		return ctl_usage("request show");
	arena_init(&a, 0);
	hub_status st = find(c, argv[1], &a, &q, &fault);
	if (st == HUB_OK)
		st = print(c, &q, &a);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("request show", st, &fault);
}
