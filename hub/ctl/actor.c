#include "ctl/actor.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static hub_status rules_find(const ctl *c, inforce *rules, const char *topology, hub_fault *fault)
{
	static const char *const beside[] = { "../share/uhub/policies", "../../../policies" };
	char path[PATH_MAX];
	struct stat st;
	bool changed;
	for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
		if (snprintf(path, sizeof path, "%s/%s", c->programs, beside[i]) < (int)sizeof path && !stat(path, &st))
			return inforce_load(rules, path, topology, &changed, fault);
	return hub_fault_set(fault, "command.policies", "", "the policies are not beside %s", c->programs);
}

hub_status actor_make(ctl *c, int *argc, char **argv, arena *a, actor *ret, hub_fault *fault)
{
	int bad = 0;
	const char *code = ctl_take(argc, argv, "party", 1, &bad),
		   *topology = ctl_take(argc, argv, "topology", 1, &bad);
	if (bad || !code)
		return hub_fault_set(fault, "command.arguments", "party", "--party says who acts");
	hub_status st = party_by_code(c->db, code, a, &ret->party);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "party.unknown", "party", "there is no party '%.64s'", code);
	if (st == HUB_OK)
		st = inforce_new(&ret->inforce);
	if (st == HUB_OK)
		st = rules_find(c, ret->inforce, topology ? topology : "transition", fault);
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
