/*
 * One bill of several utilities: its sub-bills, the cycle they are aligned to, what looks wrong, and
 * what a later revision changed. Pure. Stored as compact JSON; the lines are rated anew on demand.
 */
#ifndef BILLING_UNIFY_H
#define BILLING_UNIFY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "base/zone.h"

enum { UNIFY_PARTS_MAX = 32 };

typedef enum unify_flag {
	UNIFY_MISSING = 1 << 0,   /* readings are missing: held */
	UNIFY_JUMP = 1 << 1,      /* use fell below a third or rose above three times the last, or steps by twelve from one day on: held */
	UNIFY_ESTIMATED = 1 << 2, /* more than a fifth of the quantity is estimated: told, not held */
	UNIFY_REFUSED = 1 << 3,   /* tariff and usage do not fit: held */
	UNIFY_IMPORTED = 1 << 4,  /* the utility's own bill */
} unify_flag;
enum { UNIFY_HELD = UNIFY_MISSING | UNIFY_JUMP | UNIFY_REFUSED };

/* One utility's part. */
typedef struct unify_part {
	int64_t point, party, tariff; /* tariff: the document's id; 0: imported */
	hub_time start, end;
	int64_t amount;               /* smallest unit */
	decimal quantity, estimated;  /* what is billed, and of it estimated */
	const char *unit;
	const char *state;            /* JSON: what rating leaves to the next cycle; "" none */
	const char *reference;        /* imported: the utility's number; "" else */
	unsigned flags;
	const char *why;              /* of UNIFY_REFUSED; not stored */
} unify_part;

typedef struct unify_bill {
	unify_part parts[UNIFY_PARTS_MAX];
	size_t count;
} unify_bill;

/* 202610 in the zone: [start, end) of the calendar month, and the due date, `days` after its end. HUB_REJECT: no such month. */
hub_status unify_cycle(int32_t cycle, const zone *z, int days, hub_time *ret_start, hub_time *ret_end, hub_time *ret_due);
/* "2026-10" → 202610. */
bool unify_cycle_parse(const char *text, int32_t *ret);

/* Marks what looks wrong beside the part of the last cycle (NULL: none). covered: part of the time with readings, 0 … 1 million. */
void unify_judge(unify_part *p, const unify_part *last, int64_t covered);
hub_status unify_total(const unify_bill *b, int64_t *ret); /* HUB_RANGE */
unsigned unify_flags(const unify_bill *b);

void unify_write(const unify_bill *b, buf *out);
/* Texts live in the arena. HUB_REJECT: not written by unify_write. */
hub_status unify_read(const char *text, arena *a, unify_bill *ret);
/* The part of a point and utility that ended last, or NULL. */
const unify_part *unify_find(const unify_bill *b, int64_t point, int64_t party);

/* What a revision changed: a row per part of either, in the order of the old, then the new ones. */
typedef struct unify_change {
	const unify_part *was, *is; /* NULL: not in that revision */
	int64_t amount;             /* is - was */
} unify_change;
size_t unify_changes(const unify_bill *was, const unify_bill *is, unify_change ret[2 * UNIFY_PARTS_MAX]);

#endif
