/* Unified bills, what utilities billed by themselves, and payments, as rows. The rules are in hub/billing. */
#ifndef STORE_BILL_H
#define STORE_BILL_H

#include "store/store.h"

typedef enum bill_state { BILL_POSTED = 1, BILL_CANCELLED } bill_state;

typedef struct bill_row {
	int64_t account;
	int32_t cycle;    /* 202610 */
	int16_t revision; /* 0, 1, … */
	bill_state state;
	int16_t currency; /* ISO 4217 number */
	int64_t total;
	hub_time due;
	const int64_t *paid; /* of each sub-bill */
	size_t paid_count;
	const char *body; /* JSON */
	hub_time made;
} bill_row;

/* All or none, in the caller's transaction or its own. HUB_CONFLICT: one of them is there. */
hub_status bill_insert(store *db, const bill_row *rows, size_t count);
/* The newest revision of each account's cycle, by account; bill_before: of the newest cycle below that is posted. */
hub_status bill_of_cycle(store *db, const int64_t *accounts, size_t count, int32_t cycle, arena *a, bill_row **ret,
			 size_t *ret_count);
hub_status bill_before(store *db, const int64_t *accounts, size_t count, int32_t cycle, arena *a, bill_row **ret,
		       size_t *ret_count);
/* All revisions of an account, by cycle and revision; locked until the end of the caller's transaction. */
hub_status bill_lock(store *db, int64_t account, arena *a, bill_row **ret, size_t *ret_count);
/* An account's bills of cycles from `from` on, the newest first, every revision. */
hub_status bill_of_account(store *db, int64_t account, int32_t from, size_t limit, arena *a, bill_row **ret,
			   size_t *ret_count);
/* State and paid of a row. */
hub_status bill_update(store *db, const bill_row *row);

typedef struct bill_imported {
	int64_t account, party, point, amount;
	int32_t cycle;
	hub_time start, end;
	const char *quantity, *unit, *reference;
	const char *detail; /* JSON: how a shared sum came to this part; "" */
	const uint8_t *sealed; /* digest (32 bytes) of the signed file it came in; NULL: not signed */
} bill_imported;

/* The same again is fine. HUB_CONFLICT: another amount was imported for it. */
hub_status bill_import(store *db, const bill_imported *b, hub_fault *fault);
hub_status bill_imports(store *db, const int64_t *accounts, size_t count, int32_t cycle, arena *a, bill_imported **ret,
			size_t *ret_count);

/* What a utility handed in under its signature (identity/seal.h), kept as it came. */
typedef struct bill_file {
	int64_t party;
	const char *text;
	size_t len;
	const char *thumbprint; /* of the certificate that signed */
	hub_time received;	/* set by the store */
} bill_file;
/* The same again is fine. ret_digest: SHA-256 of the text, by which it is known. */
hub_status bill_file_keep(store *db, const bill_file *f, uint8_t ret_digest[32]);
/* HUB_MISSING. */
hub_status bill_file_find(store *db, int64_t party, const uint8_t digest[32], arena *a, bill_file *ret);

typedef enum payment_state { PAYMENT_ORDERED = 1, PAYMENT_PAID, PAYMENT_REFUNDED } payment_state;

typedef struct payment_row {
	int64_t account;
	const char *id;
	payment_state state;
	int64_t provider, amount;
	int16_t currency, rule;
	const char *targets, *split, *reference;
	hub_time made, paid, refunded; /* 0: not yet; set by the store */
} payment_row;

/* HUB_CONFLICT: the account has such an order. */
hub_status payment_insert(store *db, const payment_row *p);
/* Locked until the end of the caller's transaction. HUB_MISSING. */
hub_status payment_lock(store *db, int64_t account, const char *id, arena *a, payment_row *ret);
/* The newest first. */
hub_status payment_of_account(store *db, int64_t account, size_t limit, arena *a, payment_row **ret, size_t *ret_count);
/* Paid or refunded in [from, to), by account and id. */
hub_status payment_of_provider(store *db, int64_t provider, hub_time from, hub_time to, arena *a, payment_row **ret,
			       size_t *ret_count);
/* State, split and reference. */
hub_status payment_update(store *db, const payment_row *p);

#endif
