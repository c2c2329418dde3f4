/* What the files of the bill service share. */
#ifndef BILLING_BILLS_PARTS_H
#define BILLING_BILLS_PARTS_H

#include "billing/bills.h"
#include "store/dispute.h"
#include "store/ledger.h"
#include "store/point.h"

enum { BILLS_ACCOUNTS_MAX = 1024, BILLS_DOCUMENTS_MAX = 256, BILLS_ZONES_MAX = 16 };

typedef struct bills_document {
	int64_t id;
	const char *code;
	hub_time at;     /* asked for; 0: by id */
	tariff *t;       /* NULL: cannot be used */
	hub_fault fault; /* why */
} bills_document;

struct bills {
	store *db;
	arena mem;
	bills_document documents[BILLS_DOCUMENTS_MAX];
	size_t document_count;
	zone *zones[BILLS_ZONES_MAX];
	size_t zone_count;
	struct bills_ahead *ahead; /* read for a whole page of accounts; NULL: nothing was */
};

/* Borrowed until bills_free. HUB_MISSING, HUB_REJECT with *fault. */
hub_status bills_document_at(bills *b, const char *code, hub_time at, const bills_document **ret, hub_fault *fault);
hub_status bills_document_of(bills *b, int64_t id, const bills_document **ret, hub_fault *fault);
/* Why a part cannot be reckoned: a resident's words for a fault's code, never NULL; ,"code":…,"why":…,"why_zh":… */
const char *bills_reason_zh(const char *code);
void bills_reason_write(const hub_fault *why, buf *out);
/* Refused where it rates sessions. */
hub_status bills_metered(const tariff *t, hub_fault *fault);
hub_status bills_zone(bills *b, const char *name, const zone **ret, hub_fault *fault);

/*
 * What the tariff needs of [start, end): the point's amounts, the contract's facts (a JSON object), the
 * state that the last cycle left ("" none). *ret_covered: part of the time that has readings, in millionths.
 */
hub_status bills_usage(bills *b, const tariff *t, const unify_part *part, const char *facts, const char *state,
		       hub_time since, int32_t interval, arena *a, usage *ret, int64_t *ret_covered, hub_fault *fault);

/* Whether bills_usage reads the quantity of this number for the part. */
bool bills_usage_looks(const tariff *t, const unify_part *part, uint16_t number);

/* One part of a bill from a contract; what cannot be rated is marked, not refused. */
hub_status bills_compute(bills *b, const contract *c, const point *p, hub_time start, hub_time end, const unify_part *last,
			 arena *a, unify_part *ret, hub_fault *fault);

/* "CNY" ↔ 156; HUB_REJECT: none we keep books in. */
hub_status bills_currency(const char *code, int16_t *ret);
const char *bills_currency_code(int16_t number);

/* Legs of entries, gathered. */
typedef struct bills_legs {
	ledger_leg legs[LEDGER_LEGS_MAX];
	size_t count;
	int16_t currency;
	bool full;
} bills_legs;
void bills_leg(bills_legs *l, int64_t account, int32_t part, int64_t amount); /* legs of one account are one */
/* In the caller's transaction. Refusals become a status and *fault. */
hub_status bills_post(bills *b, const bills_legs *l, uint16_t code, const char *key, hub_fault *fault);

/* What a payment, a refund or a reversal did to one part of a bill. */
typedef struct bills_share {
	int64_t party, amount; /* amount: below zero when it went back */
	int64_t open;          /* of the part, afterwards */
	int32_t cycle;
	int16_t revision;
	size_t part;
} bills_share;

typedef struct bills_told {
	const billing_account *account;
	const char *order;  /* as bills_order_text */
	const char *status; /* "paid", "refunded", "reversed"; to a provider: "payment_order", "refund" */
	int16_t currency;
	hub_time time;
} bills_told;

#define BILLS_SOURCE "hub.billing"
/* Each utility is told its shares, in the caller's transaction; shares are put in order. */
hub_status bills_tell_utilities(bills *b, const bills_told *t, bills_share *shares, size_t count, arena *a);
/* The provider is told what to collect or to give back. */
hub_status bills_tell_provider(bills *b, const bills_told *t, int64_t provider, int64_t amount, arena *a);

/* Codes of entries. */
enum { BILLS_CODE_BILL = 1, BILLS_CODE_PAYMENT, BILLS_CODE_REFUND, BILLS_CODE_CANCEL, BILLS_CODE_CREDIT, BILLS_CODE_CARRY };

#endif
