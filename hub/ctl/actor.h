/* Who acts at the command line: a party (--party), the policies that the core decides by, and a person (--by). */
#ifndef CTL_ACTOR_H
#define CTL_ACTOR_H

#include "base/arena.h"
#include "ctl/ctl.h"
#include "rules/inforce.h"
#include "store/party.h"

typedef struct actor {
	party party;
	inforce *inforce;
	const ruleset *rules;
} actor;

hub_status actor_make(ctl *c, int *argc, char **argv, arena *a, actor *ret, hub_fault *fault);
void actor_end(actor *who); /* of one zeroed or made */

/* --by, else who is logged in. */
const char *actor_person(int *argc, char **argv, int *bad);

/* A command that somebody does: makes the actor, runs, tells what failed; gives the exit code. */
typedef hub_status (*actor_run)(ctl *c, int *argc, char **argv, arena *a, actor *who, hub_fault *fault);
int actor_do(ctl *c, int argc, char **argv, const char *name, actor_run run);

#endif
