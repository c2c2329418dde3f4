#include "ctl/actor.h"

#include <stdlib.h>

#include "ctl/policy_load.h"

hub_status actor_make(ctl *c, int *argc, char **argv, arena *a, actor *ret, hub_fault *fault)
{
	int bad = 0;
	const char *code = ctl_take(argc, argv, "party", 1, &bad);
	if (bad || !code)
		return hub_fault_set(fault, "command.arguments", "party", "--party says who acts");
	hub_status st = party_by_code(c->db, code, a, &ret->party);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "party.unknown", "party", "there is no party '%.64s'", code);
	if (st == HUB_OK)
		st = policy_current(c, &ret->inforce, fault);
	if (st == HUB_OK)
		ret->rules = inforce_take(ret->inforce);
	return st;
}

void actor_end(actor *who)
{
	if (who->inforce && who->rules)
		inforce_give(who->inforce, who->rules);
	inforce_free(who->inforce);
}

const char *actor_person(int *argc, char **argv, int *bad)
{
	const char *by = ctl_take(argc, argv, "by", 1, bad), *login = getenv("SUDO_USER");
	login = login ? login : getenv("USER");
	return by ? by : login ? login : "operator";
}

int actor_do(ctl *c, int argc, char **argv, const char *name, actor_run run)
{
	arena a;
	actor who = { .inforce = NULL };
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = actor_make(c, &argc, argv, &a, &who, &fault);
	if (st == HUB_OK)
		st = run(c, &argc, argv, &a, &who, &fault);
	actor_end(&who);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail(name, st, &fault);
}
