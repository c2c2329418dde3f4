#include "intake/job.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "store/announcement.h"
#include "store/receipt.h"

typedef struct known_zone {
	struct known_zone *next;
	zone *zone;
	char name[];
} known_zone;

struct intake {
	inforce *policies; /* borrowed */
	pthread_mutex_t lock; /* over all below */
	judge_rules rules;
	known_zone *zones;
	sighting_watch watch; /* set before the first worker, and then as it is */
	void *watcher;
};

struct intake_worker {
	intake *in;
	store *db;
	cache cache;
};

hub_status intake_new(const judge_rules *rules, inforce *policies, intake **ret)
{
	intake *in = fail_calloc(1, sizeof *in);
	if (!in)
		return HUB_NOMEM;
	pthread_mutex_init(&in->lock, NULL);
	in->rules = *rules;
	in->policies = policies;
	*ret = in;
	return HUB_OK;
}

void intake_free(intake *in)
{
	if (!in)
		return;
	for (known_zone *k = in->zones, *next; k; k = next) {
		next = k->next;
		zone_free(k->zone);
		free(k);
	}
	pthread_mutex_destroy(&in->lock);
	free(in);
}

void intake_rules_set(intake *in, const judge_rules *rules)
{
	pthread_mutex_lock(&in->lock);
	in->rules = *rules;
	pthread_mutex_unlock(&in->lock);
}

void intake_watch_set(intake *in, sighting_watch watch, void *user)
{
	in->watch = watch;
	in->watcher = user;
}

static known_zone *zone_add(const char *name)
{
	known_zone *k = fail_calloc(1, sizeof *k + strlen(name) + 1);
	if (!k)
		return NULL;
	if (zone_load(name, &k->zone) != HUB_OK) {
		free(k);
		return NULL;
	}
	strcpy(k->name, name);
	return k;
}

const zone *intake_zone(intake *in, const char *name)
{
	pthread_mutex_lock(&in->lock);
	known_zone *k = in->zones;
	while (k && strcmp(k->name, name))
		k = k->next;
	if (!k && (k = zone_add(name))) {
		k->next = in->zones;
		in->zones = k;
	}
	pthread_mutex_unlock(&in->lock);
	return k ? k->zone : NULL;
}

hub_status intake_worker_new(intake *in, store *db, intake_worker **ret)
{
	intake_worker *w = fail_calloc(1, sizeof *w);
	if (!w)
		return HUB_NOMEM;
	w->in = in;
	w->db = db;
	cache_init(&w->cache);
	*ret = w;
	return HUB_OK;
}

void intake_worker_free(intake_worker *w)
{
	if (!w)
		return;
	cache_fini(&w->cache);
	free(w);
}

cache *worker_cache(intake_worker *w)
{
	return &w->cache;
}

intake *worker_intake(intake_worker *w)
{
	return w->in;
}

hub_status job_refuse(job *j, job_item *item, const hub_fault *fault)
{
	item->fault = arena_memdup(j->arena, fault, sizeof *fault);
	return item->fault ? HUB_OK : HUB_NOMEM;
}

static hub_status refuse_batch(job *j, hub_status st, const char *fmt, uint64_t a, uint64_t b)
{
	j->answer->message = arena_printf(j->arena, fmt, j->batch->id.source, (unsigned long long)a, (unsigned long long)b);
	return j->answer->message ? st : HUB_NOMEM;
}

/* All of it was stored before: the first answer again. */
static hub_status answer_repeat(job *j)
{
	receipt r;
	const batch_id *id = &j->batch->id;
	hub_status st = receipt_of_record(j->db, j->source->party, id->source, id->epoch, id->first, j->arena, &r);
	if (st == HUB_MISSING)
		return refuse_batch(j, HUB_CONFLICT, "source '%s': record %llu of epoch %llu was stored under no receipt",
				    id->first, id->epoch);
	if (st != HUB_OK)
		return st;
	if (r.first == id->first && r.count == j->batch->count && memcmp(r.digest, j->batch->digest, sizeof r.digest))
		return refuse_batch(j, HUB_CONFLICT, "source '%s': batch at record %llu of epoch %llu came before with "
				    "other content; the source repeats its numbers", id->first, id->epoch);
	j->answer->receipt = r.id;
	j->answer->stored = r.stored;
	j->answer->duplicates = r.duplicates;
	j->answer->quarantined = r.quarantined;
	j->finished = true;
	return HUB_OK;
}

/* Takes the source's turn and leaves the records that are not stored yet. */
static hub_status stage_claim(job *j)
{
	const batch_id *id = &j->batch->id;
	uint64_t next, skip = 0, epoch = j->source->numbered ? id->epoch : 0;
	hub_status st = source_lock(j->db, j->source->party, id->source, epoch, &next);
	if (st != HUB_OK)
		return st;
	j->first = next;
	if (j->source->numbered) {
		if (id->first > next)
			return refuse_batch(j, HUB_CONFLICT, "source '%s': batch begins at record %llu but %llu is the next; "
					    "the records between are lost", id->first, next);
		skip = next - id->first;
		if (skip >= j->batch->count)
			return answer_repeat(j);
	}
	j->count = j->batch->count - skip;
	j->items = arena_array(j->arena, j->count, sizeof *j->items);
	if (!j->items)
		return HUB_NOMEM;
	for (size_t i = 0; i < j->count; i++) {
		j->items[i].record = &j->batch->records[skip + i];
		j->items[i].index = (uint32_t)i;
	}
	return receipt_number(j->db, &j->receipt);
}

judge_case job_case(const job *j, const job_item *item)
{
	return (judge_case){ &item->record->body.reading, item->checked.value, item->record->received, j->now,
			     &item->limits, item->has_before ? &item->before : NULL };
}

static hub_status stage_check(job *j)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < j->count; i++) {
		job_item *item = &j->items[i];
		hub_fault fault;
		hub_status checked = check_record(item->record, &item->checked, &fault);
		if (checked == HUB_OK && job_is_reading(item)) {
			judge_case c = job_case(j, item);
			checked = judge_time(&j->rules, &c, &fault);
		}
		if (checked != HUB_OK)
			st = job_refuse(j, item, &fault);
	}
	return st;
}

static hub_status stage_judge(job *j)
{
	for (size_t i = 0; i < j->count; i++) {
		if (!job_is_reading(&j->items[i]))
			continue;
		judge_case c = job_case(j, &j->items[i]);
		j->items[i].flags = judge_flags(&j->rules, &c);
	}
	return HUB_OK;
}

static hub_status stage_receipt(job *j)
{
	batch_answer *a = j->answer;
	for (size_t i = 0; i < j->count; i++) {
		a->stored += j->items[i].fresh;
		a->quarantined += j->items[i].fault != NULL;
	}
	a->duplicates = (uint32_t)j->count - a->stored - a->quarantined;
	a->receipt = j->receipt;
	uint64_t epoch = j->source->numbered ? j->batch->id.epoch : 0;
	receipt r = { .id = j->receipt, .party = j->source->party, .source = j->batch->id.source, .epoch = epoch,
		      .first = j->first, .count = (uint32_t)j->count, .trace = j->batch->trace, .stored = a->stored,
		      .duplicates = a->duplicates, .quarantined = a->quarantined, .received = j->now };
	memcpy(r.digest, j->batch->digest, sizeof r.digest);
	hub_status st = receipt_insert(j->db, &r);
	return st == HUB_OK ? source_advance(j->db, r.party, r.source, r.epoch, r.first + r.count) : st;
}

static int by_point(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static int by_quantity(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts and drops repeats; gives what is left. */
static size_t distinct(void *items, size_t count, size_t width, int (*order)(const void *, const void *))
{
	uint8_t *p = items;
	size_t n = 0;
	qsort(items, count, width, order);
	for (size_t i = 0; i < count; i++)
		if (!n || order(p + (n - 1) * width, p + i * width))
			memmove(p + n++ * width, p + i * width, width);
	return n;
}

static hub_status stage_announce(job *j)
{
	int64_t *points = arena_array(j->arena, j->count, sizeof *points);
	uint16_t *quantities = arena_array(j->arena, j->count, sizeof *quantities);
	message *found = NULL;
	size_t found_count = 0;
	/* Those of who watches stand under the receipt already. */
	hub_status st = j->found ? message_of_receipt(j->db, j->receipt, j->arena, &found, &found_count) : HUB_OK;
	if (st != HUB_OK)
		return st;
	const char **kinds = arena_array(j->arena, j->count + found_count, sizeof *kinds);
	announcement an = { .party = j->source->party, .source = j->batch->id.source, .receipt = j->receipt,
			    .points = points, .quantities = quantities, .kinds = kinds };
	if (!points || !quantities || !kinds)
		return HUB_NOMEM;
	for (size_t i = 0; i < j->count; i++) {
		const job_item *item = &j->items[i];
		if (!item->fresh)
			continue;
		an.types |= 1u << item->record->body.type;
		if (item->binding)
			points[an.point_count++] = item->binding->binding->point.id;
		else if (item->ordered)
			points[an.point_count++] = item->ordered;
		if (item->record->body.type == HUB_RECORD_READING)
			quantities[an.quantity_count++] = item->checked.quantity->number;
		if (item->record->body.type == HUB_RECORD_EVENT)
			kinds[an.kind_count++] = item->record->body.event.code;
	}
	if (!an.types)
		return HUB_OK;
	an.types |= j->found;
	for (size_t i = 0; i < found_count; i++)
		if (found[i].type == HUB_RECORD_EVENT)
			kinds[an.kind_count++] = found[i].kind;
	an.point_count = distinct(points, an.point_count, sizeof *points, by_point);
	an.quantity_count = distinct(quantities, an.quantity_count, sizeof *quantities, by_quantity);
	an.kind_count = distinct(kinds, an.kind_count, sizeof *kinds, by_text);
	return announcement_insert(j->db, &an);
}

static hub_status stage_watch(job *j)
{
	const intake *in = j->worker->in;
	series_row *rows = arena_array(j->arena, j->count, sizeof *rows);
	sighting s = { .db = j->db, .arena = j->arena, .party = j->source->party, .receipt = j->receipt, .now = j->now,
		       .rows = rows, .messages = j->messages, .message_count = j->message_count };
	if (!in->watch)
		return HUB_OK;
	if (!rows)
		return HUB_NOMEM;
	for (size_t i = 0; i < j->count; i++)
		if (j->items[i].fresh && job_is_reading(&j->items[i]))
			rows[s.row_count++] = job_row(&j->items[i]);
	return s.row_count || s.message_count ? in->watch(in->watcher, &s, &j->found) : HUB_OK;
}

static hub_status (*const stages[])(job *j) = {
	stage_claim, stage_check, job_resolve,	job_permit,    job_recall,
	stage_judge, job_keep,	  stage_watch,	stage_receipt, stage_announce,
};

static hub_status run_stages(job *j)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && !j->finished && i < sizeof stages / sizeof stages[0]; i++)
		st = stages[i](j);
	return st;
}

static void tell(const job *j, intake_outcome *outcomes)
{
	for (size_t i = 0; i < j->count; i++) {
		size_t at = j->batch->count - j->count + i;
		outcomes[at] = (intake_outcome){ j->items[i].fresh, j->items[i].fault };
	}
}

hub_status intake_within(intake_worker *w, const intake_source *source, const batch *b, arena *a, batch_answer *ret,
			 intake_outcome *outcomes)
{
	batch_answer answer = { .id = b->id, .message = "" };
	job j = { .worker = w, .db = w->db, .arena = a, .source = source, .batch = b, .now = clock_now(), .answer = &answer };
	hub_status st = HUB_REJECT;
	pthread_mutex_lock(&w->in->lock);
	j.rules = w->in->rules;
	pthread_mutex_unlock(&w->in->lock);
	j.policies = w->in->policies ? inforce_take(w->in->policies) : NULL;
	if (b->count)
		st = run_stages(&j);
	else
		answer.message = "the batch has no records";
	if (j.policies)
		inforce_give(w->in->policies, j.policies);
	if (st == HUB_OK && outcomes)
		tell(&j, outcomes);
	if (st == HUB_OK || st == HUB_REJECT || st == HUB_CONFLICT) {
		answer.status = st;
		*ret = answer;
	}
	return st;
}

hub_status intake_run(intake_worker *w, const intake_source *source, const batch *b, arena *a, batch_answer *ret,
		      intake_outcome *outcomes)
{
	hub_status st = store_begin(w->db);
	if (st != HUB_OK)
		return st;
	st = intake_within(w, source, b, a, ret, outcomes);
	if (st == HUB_OK)
		return store_commit(w->db);
	store_rollback(w->db);
	return st;
}
