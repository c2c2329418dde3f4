/* hubctl subscription pause, resume, replay, end, test; hubctl delivery list, dead. */
#include "store/delivery.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/words.h"
#include "deliver/subscribe.h"

enum { DEAD = 10000 };
#define LOOK 50000 /* µs */

typedef struct chosen {
	arena memory;
	subscription s;
	hub_fault fault;
} chosen;

/* The subscription whose number is the one argument left; chosen_end afterwards. */
static hub_status choose(ctl *c, const char *name, int argc, char **argv, int bad, chosen *ret)
{
	uint64_t id = 0;
	*ret = (chosen) { 0 };
	arena_init(&ret->memory, 0);
	if (bad || ctl_leftover(name, argc, argv) || argc != 2)
		return hub_fault_set(&ret->fault, "subscription.arguments", "",
				     "the subscription's number is needed; see hubctl help %s", name);
	hub_status st = word_number(argv[1], 0, &id, &ret->fault);
	if (st == HUB_OK)
		st = subscription_get(c->db, 0, (int64_t)id, &ret->memory, &ret->s);
	if (st == HUB_MISSING)
		hub_fault_set(&ret->fault, "subscription.unknown", "id", "there is no subscription %.40s", argv[1]);
	return st;
}

static int chosen_end(chosen *k, const char *name, hub_status st)
{
	int rc = st == HUB_OK ? CTL_OK : ctl_fail(name, st, &k->fault);
	arena_fini(&k->memory);
	return rc;
}

static hub_status no_push(chosen *k, hub_status st)
{
	if (st == HUB_MISSING && !k->fault.code)
		hub_fault_set(&k->fault, "subscription.door", "id",
			      "this subscription is pulled, or not verified yet; there is nothing to pause, resume, "
			      "replay or test");
	if (st == HUB_CONFLICT)
		hub_fault_set(&k->fault, "subscription.pending", "id", "the target has not echoed its challenge yet");
	return st;
}

int ctl_subscription_pause(ctl *c, int argc, char **argv)
{
	int bad = 0;
	chosen k;
	const char *reason = ctl_take(&argc, argv, "reason", 1, &bad);
	hub_status st = choose(c, "subscription pause", argc, argv, bad, &k);
	if (st == HUB_OK)
		st = no_push(&k, outbox_pause(c->db, k.s.party, k.s.id, reason ? reason : "by the operator"));
	return chosen_end(&k, "subscription pause", st);
}

int ctl_subscription_resume(ctl *c, int argc, char **argv)
{
	chosen k;
	hub_status st = choose(c, "subscription resume", argc, argv, 0, &k);
	if (st == HUB_OK)
		st = no_push(&k, outbox_resume(c->db, k.s.party, k.s.id));
	return chosen_end(&k, "subscription resume", st);
}

int ctl_subscription_end(ctl *c, int argc, char **argv)
{
	chosen k;
	hub_status st = choose(c, "subscription end", argc, argv, 0, &k);
	if (st == HUB_OK)
		st = subscription_end(c->db, k.s.party, k.s.id);
	return chosen_end(&k, "subscription end", st);
}

int ctl_subscription_replay(ctl *c, int argc, char **argv)
{
	int bad = 0;
	chosen k;
	hub_time from = 0;
	uint64_t position = 1;
	const char *time = ctl_take(&argc, argv, "from", 1, &bad), *number = ctl_take(&argc, argv, "position", 1, &bad);
	hub_status st = choose(c, "subscription replay", argc, argv, bad, &k);
	if (st == HUB_OK)
		st = word_time(time, 0, &from, &k.fault);
	if (st == HUB_OK)
		st = word_number(number, 1, &position, &k.fault);
	if (st == HUB_OK && from)
		st = no_push(&k, outbox_position_at(c->db, k.s.party, k.s.id, from, &position));
	if (st == HUB_OK)
		st = no_push(&k, outbox_replay(c->db, k.s.party, k.s.id, position));
	if (st == HUB_RANGE)
		hub_fault_set(&k.fault, "subscription.position", "position", "there is no position %llu",
			      (unsigned long long)position);
	uint64_t earliest = position;
	if (st == HUB_OK)
		st = outbox_earliest(c->db, k.s.party, k.s.id, &earliest);
	if (st == HUB_OK && earliest > position)
		printf("what is below position %llu is kept no longer\n", (unsigned long long)earliest);
	if (st == HUB_OK)
		printf("from position %llu on everything is sent once more\n", (unsigned long long)(earliest > position ? earliest : position));
	return chosen_end(&k, "subscription replay", st);
}

static hub_status test(ctl *c, chosen *k, uint64_t patience, bool *ret_good)
{
	uint64_t id;
	outbox_head h;
	delivery d = { .state = "queued" };
	buf b = { 0 };
	int64_t until = clock_monotonic() + (int64_t)patience * 1000000;
	hub_status st = no_push(k, outbox_get(c->db, k->s.party, k->s.id, &k->memory, &h));
	if (st == HUB_OK)
		st = delivery_test_ask(c->db, k->s.party, k->s.id, &id);
	while (st == HUB_OK && (!strcmp(d.state, "queued") || !strcmp(d.state, "leased")) &&
	       clock_monotonic() < until) {
		usleep(LOOK);
		st = delivery_get(c->db, k->s.party, id, &k->memory, &d);
	}
	if (st != HUB_OK)
		return st;
	delivery_json(&b, &d);
	puts(buf_cstr(&b));
	buf_fini(&b);
	*ret_good = !strcmp(d.state, "acknowledged");
	return HUB_OK;
}

int ctl_subscription_test(ctl *c, int argc, char **argv)
{
	int bad = 0;
	chosen k;
	uint64_t patience = 20;
	bool good = false;
	const char *wait = ctl_take(&argc, argv, "wait", 1, &bad);
	hub_status st = choose(c, "subscription test", argc, argv, bad, &k);
	if (st == HUB_OK)
		st = word_number(wait, 20, &patience, &k.fault);
	if (st == HUB_OK)
		st = test(c, &k, patience, &good);
	int rc = chosen_end(&k, "subscription test", st);
	return rc == CTL_OK && !good ? CTL_FAILED : rc;
}

typedef struct asked {
	int64_t party;
	uint64_t subscription, limit;
} asked;

static hub_status ask(ctl *c, const char *name, int argc, char **argv, arena *a, asked *ret, hub_fault *fault)
{
	int bad = 0;
	const char *code = ctl_take(&argc, argv, "party", 1, &bad),
		   *id = ctl_take(&argc, argv, "subscription", 1, &bad);
	const char *limit = ctl_take(&argc, argv, "limit", 1, &bad);
	if (bad || argc != 1 || ctl_leftover(name, argc, argv))
		return hub_fault_set(fault, "delivery.arguments", "", "see hubctl help %s", name);
	hub_status st = code ? word_party(c->db, code, a, &ret->party, fault) : HUB_OK;
	if (st == HUB_OK)
		st = word_number(id, 0, &ret->subscription, fault);
	return st == HUB_OK ? word_number(limit, 100, &ret->limit, fault) : st;
}

int ctl_delivery_list(ctl *c, int argc, char **argv)
{
	arena a;
	asked q = { 0 };
	delivery *list;
	size_t count = 0;
	buf b = { 0 };
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = ask(c, "delivery list", argc, argv, &a, &q, &fault);
	if (st == HUB_OK)
		st = delivery_list(c->db, q.party, (int64_t)q.subscription, 0, q.limit, &a, &list, &count);
	for (size_t i = 0; i < count; i++) {
		buf_clear(&b);
		delivery_json(&b, &list[i]);
		puts(buf_cstr(&b));
	}
	buf_fini(&b);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("delivery list", st, &fault);
}

int ctl_delivery_dead(ctl *c, int argc, char **argv)
{
	arena a;
	asked q = { 0 };
	dead_letter *list;
	size_t count = 0;
	buf b = { 0 };
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = ask(c, "delivery dead", argc, argv, &a, &q, &fault);
	if (st == HUB_OK)
		st = dead_letter_list(c->db, q.party, (int64_t)q.subscription, 0, DEAD, &a, &list, &count);
	for (size_t i = 0; i < count; i++) {
		buf_clear(&b);
		dead_letter_json(&b, &list[i]);
		puts(buf_cstr(&b));
	}
	buf_fini(&b);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("delivery dead", st, &fault);
}
