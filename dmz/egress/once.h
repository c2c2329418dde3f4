/*
 * Orders are repeated until answered; each is done once. Remembers the answers of the newest
 * orders, by (source, epoch, sequence), and which are being done. Any number of threads.
 */
#ifndef EGRESS_ONCE_H
#define EGRESS_ONCE_H

#include "base/buf.h"
#include "wire/wire.h"

typedef struct once once;

hub_status once_new(size_t answers, once **ret);
void once_free(once *o);

/*
 * HUB_OK: do it, then call once_done. HUB_CONFLICT: it was done, its answer is appended.
 * HUB_AGAIN: another thread is at it.
 */
hub_status once_begin(once *o, const wire_head *head, buf *answer);
/* The answer to keep; len 0: forget the order, so that a repeat does it anew. */
void once_done(once *o, const wire_head *head, const uint8_t *answer, size_t len);

#endif
