/*
 * A command from its wish to its queue: right by policy, protected customers, the second person, the device
 * that stands at the point now. What happens after is store/command.h's and the commander's (hubd).
 */
#ifndef COMMAND_COMMANDS_H
#define COMMAND_COMMANDS_H

#include "base/buf.h"
#include "command/kind.h"
#include "rules/inforce.h"
#include "store/command.h"
#include "store/party.h"
#include "store/person.h"

enum { COMMANDS_BATCH = 500 };

typedef struct commands_wish {
	const char *const *points; /* codes */
	size_t point_count;	   /* 1 to COMMANDS_BATCH */
	const char *kind, *channel;
	const hub_setting *arguments;
	size_t argument_count;
	const char *reason; /* a code of the requester's: "arrears", "repair", … */
	const char *by;	    /* the person */
	const char *key;    /* of idempotency, "": none */
	hub_time expires;
	const char *right; /* the policies' action; NULL: "command", of what cuts off "disconnect" */
} commands_wish;

typedef struct commands_caller {
	const party *party;
	const ruleset *rules; /* NULL: nothing is permitted */
	const person *who;    /* acts for the party, with the rights of its own; NULL: the party itself */
} commands_caller;

/*
 * All of the wish or nothing; rows in the order of its points, as they stand now. Own transaction.
 * HUB_DENIED, HUB_REJECT, HUB_MISSING (point, device), HUB_CONFLICT (key) with *fault.
 */
hub_status commands_ask(store *db, const commands_caller *who, const commands_wish *w, arena *a, command **ret,
			size_t *ret_count, hub_fault *fault);
/* By another person, of a party that may order the same. HUB_MISSING: no command it may see. */
hub_status commands_approve(store *db, const commands_caller *who, int64_t id, const char *by, arena *a, command *ret,
			    hub_fault *fault);
/* By its requester, or a party that may order the same. */
hub_status commands_cancel(store *db, const commands_caller *who, int64_t id, const char *by, arena *a, command *ret,
			   hub_fault *fault);
/* One that the caller asked for (a person: itself) or may order. HUB_MISSING. */
hub_status commands_see(store *db, const commands_caller *who, int64_t id, arena *a, command *ret, hub_fault *fault);

/* Whether the caller may command the point, and so see all that was ordered there. */
hub_status commands_may(store *db, const commands_caller *who, int64_t point_id, arena *a, bool *ret);

/* JSON, appended: an object of the command, with its steps if given (NULL: without). */
void commands_write(buf *out, const command *c, const char *point_code, const command_step *steps, size_t count);

#endif
