/* What the commands about money share. */
#ifndef CTL_MONEY_H
#define CTL_MONEY_H

#include "ctl/ctl.h"
#include "store/account.h"

/* HUB_MISSING with *fault. */
hub_status word_account(store *db, const char *code, arena *a, billing_account *ret, hub_fault *fault);

#endif
