/* Whether the caller may send or receive a message that the hub itself knows all about, by the policies in force. */
#ifndef API_MESSAGE_RIGHT_H
#define API_MESSAGE_RIGHT_H

#include "api/request.h"

enum { MESSAGE_UTILITIES = 32 };

typedef struct message_facts {
	const char *kind;      /* of the schema's Kind: "bill", "payment_order" … */
	const char *commodity; /* "": of none */
	const char *sender;    /* party's code */
	const char *about;     /* party's code; NULL: nobody */
	const char *to;        /* whom it is addressed to; NULL: nobody */
	const char *purpose;   /* NULL: none is said */
	const char *utilities[MESSAGE_UTILITIES];
	size_t utility_count;
	bool personal, genuine;
} message_facts;

/* action: "send", "receive". Without policies nothing is allowed. */
hub_status message_right(request *r, const char *action, const message_facts *m, bool *ret_allowed);
/* The same for another party than the caller, as whoever something is addressed to. */
hub_status message_right_of(request *r, const party *who, const char *action, const message_facts *m, bool *ret_allowed);

#endif
