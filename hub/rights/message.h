/*
 * Whether a party may send or receive a message that the hub itself knows all about, by a set of policies: one decision
 * for one party and one message.
 */
#ifndef RIGHTS_MESSAGE_H
#define RIGHTS_MESSAGE_H

#include "rules/inforce.h"
#include "store/party.h"

enum { MESSAGE_UTILITIES = 32 };

typedef struct message_facts {
	const char *kind;      /* of the schema's Kind: "bill", "payment_order" … */
	const char *commodity; /* "": of none */
	const char *sender;    /* party's code */
	const char *about;     /* party's code; NULL: nobody */
	const char *to;	       /* whom it is addressed to; NULL: nobody */
	const char *purpose;   /* NULL: none is said */
	const char *utilities[MESSAGE_UTILITIES];
	size_t utility_count;
	bool personal, genuine;
} message_facts;

/* action: "send", "receive". rules NULL: nothing is allowed. HUB_NOMEM. */
hub_status message_right_of(const ruleset *rules, const party *who, const char *action, const message_facts *m,
			    arena *a, bool *ret_allowed);

#endif
