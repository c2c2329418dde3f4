/* A stored bill as the document that its faces show (face/face.h): looked up, rated anew, summed. */
#ifndef BILLING_BILLS_FACE_H
#define BILLING_BILLS_FACE_H

#include "billing/bills.h"
#include "face/face.h"

/*
 * only_party: that utility's parts alone, without the account's balances; 0: all. Everything in *ret lives
 * in the arena or in `b`. The lines of a part always add up to its amount: what rounding took or carries on, or what
 * later readings would change, is a line of its own. HUB_REJECT with *fault: it cannot be shown.
 */
hub_status bills_face(bills *b, const billing_account *account, const bill_row *row, int64_t only_party, arena *a,
		      face_bill *ret, hub_fault *fault);

/* What others than billing know of it, and what the caller may do. */
typedef struct bills_paper {
	bool order;		   /* an order may be made for what is due */
	const face_beside *beside; /* the comparison that was frozen with it */
	size_t beside_count;
} bills_paper;

typedef enum bills_format { BILLS_PDF, BILLS_XLSX, BILLS_CSV, BILLS_FORMATS } bills_format;

/* "pdf", "xlsx", "csv". */
bool bills_format_parse(const char *name, bills_format *ret);
const char *bills_format_media(bills_format f);
/*
 * The bytes of a face, appended. A whole bill on paper with something to pay carries where it is paid: the order that is
 * open for it or, if the order is allowed, one that is made here: the database has to be the core's then.
 */
hub_status bills_face_write(bills *b, const billing_account *account, const bill_row *row, int64_t only_party,
			    bills_format format, const bills_paper *paper, arena *a, buf *out, hub_fault *fault);

#endif
