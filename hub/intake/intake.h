/*
 * The intake: a batch of records becomes stored readings and messages, quarantined refusals, a
 * receipt and an announcement, in one transaction. claim → check → resolve → permit → recall → judge →
 * keep → receipt → announce, stages over the batch.
 */
#ifndef INTAKE_INTAKE_H
#define INTAKE_INTAKE_H

#include "intake/judge.h"
#include "model/batch.h"
#include "rules/inforce.h"
#include "store/sighting.h"

/* What all workers of a process share: rules and zones. Any number of threads. */
typedef struct intake intake;
/* policies: what parties may send is decided by them; the caller's, as long as the intake. NULL: nothing may be sent. */
hub_status intake_new(const judge_rules *rules, inforce *policies, intake **ret);
void intake_free(intake *in);
/* On reload. A batch under way may still see the old ones. */
void intake_rules_set(intake *in, const judge_rules *rules);

/* Who sees what is stored, before COMMIT; before the first worker. What it answers but HUB_OK ends the batch. */
void intake_watch_set(intake *in, sighting_watch watch, void *user);

/* A worker's cache of what the registry says. One thread; the store is the thread's own. */
typedef struct intake_worker intake_worker;
hub_status intake_worker_new(intake *in, store *db, intake_worker **ret);
void intake_worker_free(intake_worker *w);

/* For whom a batch speaks. Whoever calls has made sure that the source may. */
typedef struct intake_source {
	int64_t party;
	bool numbered; /* the source numbers its records (journal); else the intake does, and every batch is new */
	bool trial;    /* what is refused is only reported, not put into quarantine */
	bool own;      /* the hub tries itself with a meter of its own: no policy is asked */
} intake_source;

/* What became of one record. */
typedef struct intake_outcome {
	bool fresh;             /* stored; neither fresh nor refused is a duplicate */
	const hub_fault *fault; /* refused; in the arena */
} intake_outcome;

/*
 * Stores a batch. HUB_OK: committed, *ret is what the source is told, texts in the arena;
 * outcomes (may be NULL) has a place for each record, untouched if the source repeated the batch.
 * HUB_REJECT, HUB_CONFLICT: never will be, *ret says why. HUB_AGAIN, HUB_NOMEM: nothing happened;
 * send it again. HUB_FAILED: the database refuses; it is our fault.
 */
hub_status intake_run(intake_worker *w, const intake_source *source, const batch *b, arena *a, batch_answer *ret,
		      intake_outcome *outcomes);
/* The same within the caller's transaction, which the caller ends. */
hub_status intake_within(intake_worker *w, const intake_source *source, const batch *b, arena *a, batch_answer *ret,
			 intake_outcome *outcomes);

#endif
