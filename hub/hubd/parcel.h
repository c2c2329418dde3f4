/*
 * A lease on its way: the messages that it sends, and where its subscription stands behind each of
 * them. Made from the outbox, sent by a courier, settled by what became of it.
 */
#ifndef HUBD_PARCEL_H
#define HUBD_PARCEL_H

#include "api/content.h"
#include "hubd/core.h"
#include "identity/jws.h"
#include "store/delivery.h"
#include "wire/dispatch.h"

typedef enum parcel_kind { PARCEL_BATCH, PARCEL_CHALLENGE, PARCEL_TEST } parcel_kind;

typedef struct parcel {
	parcel_kind kind;
	arena memory;
	outbox_head head;
	uint64_t test;	      /* its delivery's number */
	const char *expected; /* what the target must echo; NULL: nothing */
	outbox_mark from;
	uint64_t cleared; /* what lay behind `from` up to here is kept no longer; 0: nothing */
	outbox_mark after[OUTGOING_MAX]; /* each message, with what goes along silently behind it */
	outbox_mark silent;		 /* up to here nothing may be seen; stands in for a parcel without messages */
	wire_outgoing list[OUTGOING_MAX];
	size_t count, most; /* most: messages that it may have, up to OUTGOING_MAX */
	size_t went;        /* of the count, known once it is settled */
	bool late; /* not sent: rights changed all the while */
	struct parcel *next;
	void *owner;
	buf message, answer; /* of the wire */
	hub_status sent;
} parcel;

/* What a courier's thread lends for the making. */
typedef struct parcel_tools {
	worker *worker;
	jws_signer *signer; /* NULL: no keys, so nothing is signed and webhooks wait */
	const char *token;  /* for the broker */
} parcel_tools;

hub_status parcel_new(parcel_kind kind, const outbox_head *head, parcel **ret);
void parcel_free(parcel *p);

/*
 * Computes what the subscription's party may see, now, and writes the messages. HUB_MISSING: the
 * subscription is over; HUB_REJECT: the core has no keys. Nothing to send: count 0.
 */
hub_status parcel_fill(parcel *p, const parcel_tools *t);
/* Reads what egress answered, if it did, and writes down where the subscription stands. HUB_AGAIN: the database is
   away; the parcel may be settled later. */
hub_status parcel_settle(parcel *p, store *db);

#endif
