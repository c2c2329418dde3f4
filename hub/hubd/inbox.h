/* Parcels that came back from the wire, for the one thread that settles them. */
#ifndef HUBD_INBOX_H
#define HUBD_INBOX_H

#include "hubd/parcel.h"

typedef struct inbox inbox;
hub_status inbox_new(inbox **ret);
void inbox_free(inbox *b);	     /* empty; NULL is fine */
void inbox_put(inbox *b, parcel *p); /* from any thread */
parcel *inbox_take(inbox *b);	     /* all, linked by next, the oldest first */
/* Until something was put, the descriptor (-1: none) is readable, or `timeout` µs passed. */
void inbox_wait(inbox *b, int descriptor, int64_t timeout);

#endif
