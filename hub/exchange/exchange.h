/*
 * Requests for data, and view commands (查看命令) between parties: who may ask whom, what each is told through its
 * feed, and how far a request may go. Notices are notices.h's.
 *
 * A request is asked, then granted or refused by whom it was asked of, then fulfilled with a reference to what was
 * given; who asked may withdraw it before. After its time it has expired, whatever it was but refused, fulfilled or
 * withdrawn. Each step is kept with its party, person and note, and told to the other side.
 */
#ifndef EXCHANGE_EXCHANGE_H
#define EXCHANGE_EXCHANGE_H

#include "base/buf.h"
#include "exchange/side.h"
#include "store/exchange.h"

/* Where a request stands at a moment: its state, or "expired". */
const char *exchange_state(const exchange_request *q, hub_time now);

/*
 * Checks a request, asks the policies for both sides' right, stores it and tells whom it is asked of. As the caller has
 * it: q's texts, places and times, kind NULL or "": a data request, expires 0: in 30 days; the rest is set.
 * HUB_REJECT: a rule is broken; HUB_DENIED: no policy lets it be sent, or received. *fault says which.
 */
hub_status exchange_ask(store *db, const exchange_side *who, exchange_request *q, const party *of, arena *a,
			hub_fault *fault);

typedef struct exchange_move {
	const char *to;		      /* "granted", "refused", "fulfilled", "withdrawn" */
	const char *note, *reference; /* "": none; what is fulfilled has a reference */
} exchange_move;

/*
 * Its next step by one of the two sides: "granted", "refused", "fulfilled" by whom it was asked of, "withdrawn" by who
 * asked. *q becomes what it is then. HUB_DENIED: the other side's step; HUB_CONFLICT: not from where it stands;
 * HUB_REJECT: no such step, or a rule is broken. *fault says which.
 */
hub_status exchange_step_to(store *db, const exchange_side *who, exchange_request *q, const exchange_move *m, arena *a,
			    hub_fault *fault);

/* As JSON with its trail. */
hub_status exchange_write(store *db, const exchange_request *q, hub_time now, arena *a, buf *out);

/* As JSON: a notice, a request; each with the trail of its steps (NULL: without). */
void exchange_notice_json(const notice *n, const char *const *places, size_t count, const exchange_step *trail,
			  size_t trail_count, buf *out);
void exchange_request_json(const exchange_request *q, hub_time now, const exchange_step *steps, size_t count, buf *out);

#endif
