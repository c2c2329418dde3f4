/* What the commands about money share. */
#ifndef CTL_MONEY_H
#define CTL_MONEY_H

#include "ctl/ctl.h"
#include "store/account.h"
#include "store/bill.h"

/* HUB_MISSING with *fault. */
hub_status word_account(store *db, const char *code, arena *a, billing_account *ret, hub_fault *fault);
/* "12.34" → 1234; HUB_REJECT: more decimals, or no number. */
hub_status word_cents(const char *text, int64_t *ret, hub_fault *fault);
/* The account and its newest bill of a cycle. HUB_MISSING with *fault. */
hub_status ctl_bill_find(ctl *c, const char *code, int32_t cycle, arena *a, billing_account *account, bill_row **ret,
			 hub_fault *fault);

#endif
