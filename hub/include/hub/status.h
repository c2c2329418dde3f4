/*
 * What a call came to, told by what the caller does next, and why input was refused.
 * Results go out through ret_ parameters, which are untouched unless the status is HUB_OK.
 */
#ifndef HUB_STATUS_H
#define HUB_STATUS_H

typedef enum hub_status {
	HUB_OK = 0,
	HUB_AGAIN,    /* not now: keep what you hold and call again later; nothing was lost */
	HUB_REJECT,   /* the input breaks a rule: keep the evidence and go on with its neighbours */
	HUB_DENIED,   /* the caller may not do this */
	HUB_MISSING,  /* there is no such thing */
	HUB_CONFLICT, /* it is there already, with other content */
	HUB_RANGE,    /* a number does not fit its type */
	HUB_NOMEM,    /* out of memory; everything is as before the call */
	HUB_FAILED,   /* the environment or we ourselves are at fault: log it and give up */
} hub_status;

/* The stable English name of a status: "ok", "again", … */
const char *hub_status_name(hub_status st);

/*
 * Why input was refused. `code` and `field` are static strings: a code is stable, dotted, and
 * listed in docs/faults.md ("dlt645.checksum", "reading.unit"); `field` names the part of the
 * input, "" for all of it. `message` says the rule, what was seen, and what to do.
 */
typedef struct hub_fault {
	const char *code;
	const char *field;
	char message[256];
} hub_fault;

/* Fills *fault (may be NULL) and returns HUB_REJECT, so that `return hub_fault_set(…)` reads well. */
hub_status hub_fault_set(hub_fault *fault, const char *code, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
