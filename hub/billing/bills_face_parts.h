/* What the files behind bills_face.h share. */
#ifndef BILLING_BILLS_FACE_PARTS_H
#define BILLING_BILLS_FACE_PARTS_H

#include "billing/bills_face.h"
#include "billing/bills_parts.h"
#include "store/dispute.h"

/* While one bill is looked up. */
typedef struct face_source {
	bills *b;
	const billing_account *account;
	const bill_row *row;
	const zone *zone;
	const unify_bill *bill, *last;
	const bill_row *rows; /* of the account, the newest first, every revision, two years back at least */
	size_t row_count;
	const bill_dispute *disputes;
	size_t dispute_count;
	const bill_imported *imports; /* of the cycle */
	size_t import_count;
	arena *a;
	hub_fault *fault;
} face_source;

hub_status bills_face_part(const face_source *s, const unify_part *p, int64_t paid, face_part *ret);
/* Lines and ladders of a part that is rated here. */
hub_status bills_face_lines(const face_source *s, const unify_part *p, face_part *ret);
/* Days from the readings, months from the bills. */
hub_status bills_face_days(const face_source *s, const unify_part *p, face_part *ret);
hub_status bills_face_months(const face_source *s, const unify_part *p, face_part *ret);

#endif
