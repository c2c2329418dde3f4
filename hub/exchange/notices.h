/*
 * Notices (公告): a utility's and the government's, and an estate's security notices (小区安防公告) to the homes of the
 * places that it manages. A notice is for whom it may concern within places, for as long as it holds; it is put into
 * the feeds of those whom the policies let have it, and shown to them until it is over or taken back. Its trail says
 * which person sent it and what for, and who took it back and why; only its sender and the hub's operators see that.
 */
#ifndef EXCHANGE_NOTICES_H
#define EXCHANGE_NOTICES_H

#include "base/buf.h"
#include "exchange/side.h"
#include "store/exchange.h"

enum { NOTICE_PLACES = 64 };

/*
 * Checks, asks the policies, stores and tells. As the caller has it: n's texts, commodity "": of none, kind and
 * severity NULL or "": "notice" and "info", valid_from 0: from now; the rest is set. HUB_REJECT: a rule is broken;
 * HUB_MISSING: no such place; HUB_DENIED: no policy lets the party send it there. *fault says which.
 */
hub_status notices_send(store *db, const exchange_side *who, notice *n, const char *const *places, size_t count,
			const char *purpose, arena *a, hub_fault *fault);
/* It no longer holds, and who was told is told so; again changes nothing. HUB_MISSING: no such notice of the party. */
hub_status notices_withdraw(store *db, const exchange_side *who, int64_t id, const char *why, arena *a, notice *ret,
			    hub_fault *fault);
/* That hold and are for the party, as far as the policies let it have them; the newest first. */
hub_status notices_for(store *db, const exchange_side *who, size_t limit, arena *a, notice **ret, size_t *ret_count);
/* As JSON, with the codes of its places; with_trail: and with its steps. */
hub_status notices_write(store *db, const notice *n, bool with_trail, arena *a, buf *out);

#endif
