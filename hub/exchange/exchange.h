/*
 * Notices (公告), requests for data, and view commands (查看命令) between parties: what each is told through its feed,
 * and how far a request may go. Who may send and who receives is the policies', decided by whoever calls.
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

/* A request, stored and told to whom it is asked of. q->id is set. */
hub_status exchange_ask(store *db, exchange_request *q, const char *asker, arena *a, hub_fault *fault);
/*
 * Its next step by one of the two sides: "granted", "refused", "fulfilled" by whom it was asked of, "withdrawn" by who
 * asked. HUB_DENIED: the other side's step; HUB_CONFLICT: not from where it stands; HUB_REJECT: no such step.
 */
hub_status exchange_step_to(store *db, const exchange_request *q, const char *to, int64_t actor, const char *by,
			    const char *note, const char *reference, arena *a);

/* As JSON: a notice, a request; each with the trail of its steps (NULL: without). */
void exchange_notice_json(const notice *n, const char *const *places, size_t count, const exchange_step *trail,
			  size_t trail_count, buf *out);
void exchange_request_json(const exchange_request *q, hub_time now, const exchange_step *steps, size_t count, buf *out);

#endif
