/* Comparisons as JSON: to residents in round figures, to operators with all that a figure was made from. */
#ifndef COMPARE_SHOW_H
#define COMPARE_SHOW_H

#include "base/buf.h"
#include "compare/run.h"
#include "face/face.h"
#include "store/account.h"

/*
 * An account's comparisons of a cycle (0: its newest). Others' figures are rounded (normal.h); exact: as they are
 * frozen, for operators. What gives no answer says why, in both languages. HUB_MISSING: the account was not compared
 * then.
 */
hub_status compare_show(store *db, const billing_account *account, int32_t cycle, bool exact, arena *a, buf *out);
/* Those frozen beside a bill, for its document: ,"comparisons":[…]; nothing where there are none, or the home is out. */
hub_status compare_show_bill(store *db, int64_t account, int32_t cycle, int16_t revision, arena *a, buf *out);

/* The same for a bill on paper. None where there is none. */
hub_status compare_face(store *db, int64_t account, int32_t cycle, int16_t revision, arena *a, const face_beside **ret,
			size_t *ret_count);

/*
 * For operators: a line of JSON for each answer, found anew from what was frozen of the homes of its round: its peers
 * with what they were held by, and whether the same figures come out.
 */
hub_status compare_follow(store *db, const billing_account *account, int32_t cycle, arena *a, buf *out);

#endif
