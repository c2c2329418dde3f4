/* A bill in other forms than JSON: PDF, workbook, CSV; by the ending of its id or by Accept. */
#ifndef API_BILL_FACE_H
#define API_BILL_FACE_H

#include "api/bills.h"
#include "billing/bills_face.h"

/*
 * The form that is asked for, and the id without its ending (in the arena). False: JSON. An ending wins over
 * Accept, of whose list the first that we have and that is not refused by q=0 counts.
 */
bool bill_face_asked(request *r, const char *id, const char **ret_id, bills_format *ret);
hub_status bill_face_get(request *r, const billing_account *account, const bill_row *row, int64_t only_party,
			 bills_format format);

#endif
