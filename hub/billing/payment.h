/* How one payment is shared over open parts of bills, and whether a provider's word about it is good. Pure. */
#ifndef BILLING_PAYMENT_H
#define BILLING_PAYMENT_H

#include <hub/adapter.h>

typedef enum payment_rule {
	PAYMENT_BY_DUE = 1,       /* due date, then priority, then id; each in full before the next */
	PAYMENT_PROPORTIONAL = 2, /* by open amount; floor, then the largest remainders, ties by id */
} payment_rule;

typedef struct payment_part {
	const char *id;
	hub_time due;
	int32_t priority; /* smaller first */
	int64_t open;     /* smallest unit, >= 0 */
} payment_part;

/*
 * amount > 0. ret_shares has `count` places; what no part takes is *ret_credit. The shares and the
 * credit add up to the amount. HUB_REJECT: an amount or an open part is negative. HUB_RANGE, HUB_NOMEM.
 */
hub_status payment_split(payment_rule rule, const payment_part *parts, size_t count, int64_t amount, int64_t *ret_shares,
			 int64_t *ret_credit, hub_fault *fault);

/* What a provider says when it calls back. */
typedef struct payment_notice {
	const char *order, *reference, *currency; /* "CNY" */
	int64_t amount; /* smallest unit */
	hub_time time;
} payment_notice;

/*
 * The bytes that are signed: order=…, reference=…, currency=…, amount=… (smallest unit), time=… (RFC 3339, UTC), a line
 * each. `out` holds `size`; false if they do not fit.
 */
bool payment_notice_text(const payment_notice *n, char *out, size_t size);
/* HMAC-SHA256 over them, lower-case hex. HUB_REJECT: a field breaks the form. */
hub_status payment_notice_sign(const payment_notice *n, const void *key, size_t key_len, char ret[65]);

/*
 * Whether a call-back is what was ordered: signature (compared in constant time), age (at most 15
 * minutes from `now`), order, currency, amount. HUB_DENIED: not signed by the key; HUB_REJECT with
 * *fault: too old, or not this order.
 */
hub_status payment_notice_check(const payment_notice *n, const char *signature, const void *key, size_t key_len,
				const char *order, const char *currency, int64_t amount, hub_time now, hub_fault *fault);

#endif
