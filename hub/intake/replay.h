/* Quarantined records through the intake again, once the cause is mended. */
#ifndef INTAKE_REPLAY_H
#define INTAKE_REPLAY_H

#include "intake/intake.h"
#include "store/quarantine.h"

/*
 * What an adapter refused has no reading yet: `decode` (may be NULL) runs the source's adapter over
 * q->raw again. Records in the arena; HUB_REJECT with *fault if it is refused again.
 */
typedef struct replay_decoder {
	hub_status (*decode)(void *user, const quarantine *q, arena *a, record **ret, size_t *ret_count,
			     hub_fault *fault);
	void *user;
	const record *mended; /* NULL, or what stands instead of the original */
} replay_decoder;

/*
 * One entry, in one transaction (or a part of the caller's): stored under a receipt of its own, and the entry closed. HUB_OK:
 * *ret is that receipt's answer. HUB_REJECT: refused again as *fault says; it stays open.
 * HUB_CONFLICT: it is not open. HUB_MISSING, HUB_AGAIN, HUB_NOMEM, HUB_FAILED: as ever.
 */
hub_status intake_replay(intake_worker *w, store *db, uint64_t id, const replay_decoder *decoder, arena *a,
			 batch_answer *ret, hub_fault *fault);

#endif
