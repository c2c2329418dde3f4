/* One batch from its source to everybody who was told of it, as a JSON object. */
#ifndef CTL_TRACE_H
#define CTL_TRACE_H

#include <jansson.h>

#include "base/arena.h"
#include "ctl/ctl.h"
#include "rules/inforce.h"
#include "store/message.h"
#include "store/receipt.h"
#include "store/series.h"

/*
 * {"receipt","trace","party","source","received",…,"readings":[…],"refused":[…],"told":[…],"deliveries":[…],"sessions":[…],
 * "bills":[…],"sums":[…]}: values with their flags and reasons, refusals with the original frame, for each party that was
 * told where its delivery stands and what the policies and consents say of it now, and what trace_made adds. rules NULL:
 * without decisions. The caller's to free.
 */
hub_status trace_gather(ctl *c, const receipt *r, const ruleset *rules, arena *a, json_t **ret);

/* What a batch brought, and what was written of it so far. */
typedef struct trace_rows {
	const receipt *r;
	const series_item *items;
	size_t item_count;
	const message *messages;
	size_t message_count;
} trace_rows;

/*
 * What was made of it, added to *out: "sessions" of charging with their charge, "bills" with the part that the values are
 * in, the entry of the ledger and who paid it, "sums" of the areas that were published. Each names the items it is made of.
 */
hub_status trace_made(ctl *c, const trace_rows *rows, arena *a, json_t *out);

#endif
