/* A resident's comparison with the neighbours. What others may see of it is nothing. */
#ifndef API_COMPARE_H
#define API_COMPARE_H

#include "api/request.h"
#include "store/account.h"

hub_status comparison_get(request *r);

/* Whether a message of this kind about an account's holder goes to the caller, by the policies. */
hub_status account_message(request *r, const billing_account *account, const char *kind, bool *ret);

#endif
