/* A batch on its way through the stages; internal to the intake. */
#ifndef INTAKE_JOB_H
#define INTAKE_JOB_H

#include "intake/cache.h"
#include "intake/check.h"
#include "intake/intake.h"
#include "store/message.h"
#include "store/series.h"

typedef struct job_item {
	const record *record;
	uint32_t index;               /* in the batch */
	check_reading checked;        /* readings */
	const cached_binding *binding; /* of what names a meter */
	judge_limits limits;
	judge_before before;
	bool has_before, fresh;       /* fresh: stored newly */
	uint32_t flags;
	int64_t ordered;              /* results: the point of the command; 0: of none of ours */
	const hub_fault *fault;       /* not NULL: quarantined */
} job_item;

typedef struct job {
	intake_worker *worker;
	store *db;
	arena *arena;
	const intake_source *source;
	const batch *batch;
	judge_rules rules;
	const ruleset *policies; /* NULL: none, and nothing is permitted */
	hub_time now;
	uint64_t first;     /* number of items[0]; items are the batch's records that are not stored yet */
	uint64_t receipt;
	job_item *items;
	size_t count;
	const message *messages; /* stored newly */
	size_t message_count;
	uint32_t found;     /* types of messages that who watches added */
	batch_answer *answer;
	bool finished;      /* a repeat: the answer stands, nothing is to be done */
} job;

/* Puts the item into quarantine. The fault is copied. HUB_NOMEM. */
hub_status job_refuse(job *j, job_item *item, const hub_fault *fault);

static inline bool job_is_reading(const job_item *item)
{
	return !item->fault && item->record->body.type == HUB_RECORD_READING;
}

series_row job_row(const job_item *item); /* of a reading that was resolved and judged */
judge_case job_case(const job *j, const job_item *item);

/* The stages that have a file of their own. */
hub_status job_resolve(job *j); /* resolve.c: meters to points, through the worker's cache */
hub_status job_permit(job *j);  /* permit.c: may the party send this? */
hub_status job_recall(job *j);  /* recall.c: the standing before each register */
hub_status job_keep(job *j);    /* keep.c: readings, messages, quarantine */

/* What the cache holds is still so, or is forgotten. permit.c */
hub_status job_epochs(job *j, cache *c);

/* Shared by the worker's resolve stage. */
const zone *intake_zone(intake *in, const char *name); /* NULL: unknown; lives as long as the intake */
cache *worker_cache(intake_worker *w);
intake *worker_intake(intake_worker *w);

#endif
