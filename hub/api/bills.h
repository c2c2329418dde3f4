/* Accounts, unified bills with their lines, and a utility's own bills. What the caller may not see is not there. */
#ifndef API_BILLS_H
#define API_BILLS_H

#include "api/request.h"
#include "billing/bills.h"

hub_status accounts_get(request *r);
hub_status bills_get(request *r);
hub_status bill_get(request *r);
hub_status bill_why_get(request *r);
hub_status forecast_get(request *r);
hub_status bills_import_post(request *r);
hub_status reconciliation_get(request *r);

/* How the caller stands to an account. */
typedef enum bill_view {
	BILL_HIDDEN,
	BILL_PART,  /* a utility: its own parts */
	BILL_WHOLE, /* whom it is about */
} bill_view;
/* row NULL: the account itself, which utilities do not see. */
hub_status bill_right(request *r, const billing_account *account, const bill_row *row, bill_view *ret);
/* The bill called so, of which the caller may see something. HUB_MISSING. */
hub_status bill_of_id(request *r, const char *id, billing_account *account, bill_row *ret, bill_view *view);
/* The account by `account=CODE`, or the caller's only one. HUB_REJECT after a problem. */
hub_status bill_account(request *r, billing_account *ret);

#endif
