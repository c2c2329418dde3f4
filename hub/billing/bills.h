/*
 * Unified bills of accounts: computed from readings and contracts or taken from a utility's own bill,
 * posted to the ledger with their rows in one transaction, and paid, refunded, cancelled and made anew.
 */
#ifndef BILLING_BILLS_H
#define BILLING_BILLS_H

#include "billing/payment.h"
#include "billing/rating.h"
#include "billing/unify.h"
#include "store/account.h"
#include "store/bill.h"

/* Tariffs as they are needed, parsed once; one per thread. */
typedef struct bills bills;
hub_status bills_new(store *db, bills **ret);
void bills_free(bills *b);

typedef enum bills_outcome {
	BILLS_POSTED = 1, /* or would be, in a preview */
	BILLS_THERE,      /* the cycle has its bill already */
	BILLS_HELD,       /* something looks wrong: see the flags */
	BILLS_EMPTY,      /* no contract in the cycle */
	BILLS_OUTCOMES,
} bills_outcome;

typedef struct bills_made {
	int64_t account;
	bills_outcome outcome;
	int16_t revision;
	unify_bill bill;
	int64_t total;
} bills_made;

typedef struct bills_order {
	int32_t cycle;
	int due_days;
	bool preview; /* compute and tell, write nothing */
	bool accept;  /* bill also what jumped; missing readings stay held */
} bills_order;

/*
 * Bills of some accounts (at most 1,024) for a cycle. What is computed is posted in one transaction:
 * rows and ledger stand or fall together, so a crash leaves whole accounts to be done, and running
 * again does them. ret has `count` places; texts live in the arena. A cancelled bill is made anew as
 * the next revision. HUB_AGAIN: nothing was written; call again.
 */
hub_status bills_run(bills *b, const bills_order *order, const billing_account *accounts, size_t count, arena *a,
		     bills_made *ret, hub_fault *fault);

/*
 * A utility's own bills from CSV, a header first, or JSON, {"bills": [{…}]} with the same names: account, cycle, point,
 * amount (of the main unit, exact to the smallest), start, end, quantity, unit, reference. Dates are of the account's zone.
 * `may`: commodities
 * whose bills it may send, NULL-ended; NULL: any. The account has a contract with it at the point. A row that
 * breaks a rule is told with its line (of JSON its place from 1) and the others are taken; the same file again changes nothing.
 * sealed: digest of the bill_file in which these bytes and the utility's signature are kept, NULL: not signed.
 */
typedef void (*bills_tell)(void *user, size_t line, const hub_fault *fault);
hub_status bills_import(bills *b, int64_t utility, const char *const *may, const uint8_t *sealed, const void *bytes, size_t len,
			bills_tell tell, void *user, size_t *ret_taken, size_t *ret_refused, hub_fault *fault);

/*
 * Losses and common energy of an estate (损耗及物业公摊) by a plan (docs/apportion.md), a JSON object, kept as items of
 * the cycle for its accounts: the cycle run bills them. out: a line of JSON a member. HUB_REJECT with *fault;
 * HUB_CONFLICT: the cycle was shared otherwise before.
 */
hub_status bills_apportion(bills *b, const char *plan, int32_t cycle, bool preview, arena *a, buf *out, hub_fault *fault);

/* The lines of a part, rated anew from its tariff document and today's readings. */
hub_status bills_lines(bills *b, const billing_account *account, const unify_part *part, const unify_part *last, arena *a,
		       rating_bill *ret, hub_fault *fault);

/* A bill as JSON, for every door. only_party: that utility's parts alone; 0: all. lines: rated anew. */
typedef struct bills_view {
	bool lines;
	int64_t only_party;
} bills_view;
hub_status bills_show(bills *b, const billing_account *account, const bill_row *row, const bills_view *view, arena *a,
		      buf *out, hub_fault *fault);
/* Its members without parts, as "id":…, for lists. */
void bills_head(const billing_account *account, const bill_row *row, buf *out);
/* ["missing","jump"] */
void bills_flags(unsigned set, buf *out);
/* The posted bill of the cycle before; no parts if there is none. */
hub_status bills_before(bills *b, const bill_row *row, arena *a, unify_bill *ret);

/*
 * Why a bill is higher or lower than the posted one before it, as JSON: for each part, and in all, what each
 * cause of billing/why.h did, adding up exactly to the change. The contract's facts may name points: "weather"
 * (its ambient_temperature) and "charging" (its ev_energy). HUB_MISSING: there is no bill before.
 */
hub_status bills_why(bills *b, const billing_account *account, const bill_row *row, int64_t only_party, arena *a, buf *out,
		     hub_fault *fault);

/* What if: a part (0 … 1) of the use moved from one period of the tariff into another; from NULL: nothing. */
typedef struct bills_shift {
	const char *from, *to;
	decimal part;
} bills_shift;
/*
 * The cycle that is running at `at`, as JSON: for each contract what it came to so far, its forecast to the end of
 * the cycle, the same with a shift, and money an hour now, at the last active_power that is stored or at `power`
 * (not NULL). By the function that makes the bill. What cannot be rated says why.
 */
hub_status bills_forecast(bills *b, const billing_account *account, hub_time at, const bills_shift *shift,
			  const decimal *power, arena *a, buf *out, hub_fault *fault);

/* The reversing entry (冲正) of a posted bill; what was paid becomes the account's credit. HUB_MISSING, HUB_CONFLICT: not posted. */
hub_status bills_cancel(bills *b, int64_t account, int32_t cycle, hub_fault *fault);

/* One part of a bill that a payment is for; NULL-ended lists are not used: count is given. */
typedef struct bills_target {
	int32_t cycle;
	int part; /* its place in the bill; -1: all of it */
} bills_target;

/*
 * An order for a payment of all or some of what is open, told to its provider in the same transaction.
 * id: 1 to 64 of [A-Za-z0-9._-]. The same again changes nothing. HUB_CONFLICT: there is such an order with other
 * content; HUB_MISSING: no such provider.
 */
hub_status bills_pay_order(bills *b, int64_t account, const char *id, int64_t provider, int64_t amount, payment_rule rule,
			   const bills_target *targets, size_t count, hub_fault *fault);
/* What an order is called outside: the account's number, '-', its id. Lives in the arena; NULL: no memory. */
const char *bills_order_text(int64_t account, const char *id, arena *a);
/* The same back; false: no order is called so. *ret_id points into the text. */
bool bills_order_read(const char *text, int64_t *ret_account, const char **ret_id);
/*
 * A provider's call-back: checked with the provider's key against its order, then taken, split by the
 * order's rule over what is open now and posted, atomically; each utility is told its share. Again with
 * the same reference: HUB_OK, nothing happens twice. HUB_DENIED: not signed by the order's provider, or not
 * `caller`'s order; HUB_REJECT as payment_notice_check; HUB_MISSING: no such order; HUB_CONFLICT: paid by another.
 */
hub_status bills_pay_notice(bills *b, int64_t caller, const payment_notice *n, const char *signature, hub_time now,
			    hub_fault *fault);
/* An order as JSON; split is where its money went: [cycle, revision, part, amount] each. */
void bills_payment_json(const payment_row *p, buf *out);
/* A provider's settlement file: CSV with the columns kind (payment, refund), order, reference, amount. */
typedef struct bills_settled {
	size_t rows, agreed, differences;
	int64_t total; /* payments less refunds, of what is known here */
} bills_settled;
/* Held against what we know to be paid or refunded in [from, to); a line of JSON for each difference. HUB_REJECT: no such file. */
hub_status bills_settle(bills *b, int64_t provider, const void *bytes, size_t len, hub_time from, hub_time to, arena *a,
			buf *out, bills_settled *ret, hub_fault *fault);
/* Pays what is open from the account's credit, oldest first; *ret how much. */
hub_status bills_use_credit(bills *b, int64_t account, int64_t *ret, hub_fault *fault);
/*
 * Money that stood in a prepaid meter when it was exchanged (at `at`) becomes credit of the account that was supplied
 * at the point until then, and is due from its utility, which took it. Once by key. HUB_MISSING with *fault: nobody
 * was. HUB_CONFLICT: another balance under this key.
 */
hub_status bills_carry_meter(bills *b, int64_t place, hub_time at, int64_t amount, const char *key, hub_fault *fault);
/* What is left of an account's credit, once what is open there is paid, becomes another's: a move, a change of holder. */
hub_status bills_carry_account(bills *b, int64_t from, int64_t to, const char *key, int64_t *ret, hub_fault *fault);
/* A part that its customer contests (争议), and its utility's answer; the utility is told. HUB_REJECT: no such part. */
hub_status bills_dispute(bills *b, const billing_account *account, const bill_row *row, size_t part, const char *reason,
			 hub_fault *fault);
/* HUB_MISSING with *fault: the part is not contested. */
hub_status bills_dispute_settle(bills *b, const billing_account *account, const bill_row *row, size_t part, const char *answer,
				hub_fault *fault);
/* Gives a paid order back: its parts are open again. Again: HUB_OK. HUB_CONFLICT: it is not paid. */
hub_status bills_refund(bills *b, int64_t account, const char *id, hub_fault *fault);

#endif
