/*
 * Orders come in on wire threads and are done on the loop's thread, each once: a repeat is told
 * what the first was told, or waits for it.
 */
#ifndef ADAPTERD_DESK_H
#define ADAPTERD_DESK_H

#include <hub/adapter.h>

#include "base/buf.h"
#include "wire/order.h"

typedef struct desk desk;
typedef struct desk_order desk_order;

/* event: an eventfd written when orders wait. */
desk *desk_open(int event);
void desk_close(desk *d); /* after the answerer, which calls desk_handle, was closed */
void desk_shut(desk *d);  /* those who wait for reports go away empty-handed */
hub_status desk_handle(void *d, int worker, const uint8_t *msg, size_t len, buf *answer); /* a wire_handle */

/* The next waiting order's bytes, or NULL. Each that was taken must be told its report. */
desk_order *desk_take(desk *d);
const buf *desk_order_bytes(const desk_order *o);
void desk_report(desk *d, desk_order *o, const wire_report *report);

#endif
