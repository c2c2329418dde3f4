/*
 * The city's readings through the whole intake, by a few threads that each take one share of the homes after the other.
 * A share is a source that numbers its records, so a run that was killed goes on where COMMIT ended, and nothing is
 * stored twice.
 */
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/fail.h"
#include "ctl/city_rows.h"
#include "ctl/words.h"
#include "intake/intake.h"
#include "store/receipt.h"

enum { SHARES = 16, THREADS_MAX = 4, RECORDS = BATCH_RECORDS_MAX };

typedef struct filling {
	city *t;
	intake *in;
	int64_t homes, buildings; /* parties who read them */
	uint64_t expected;
	atomic_uint next; /* share to be taken */
	atomic_bool stop;
	atomic_ullong records, refused;
	atomic_uint told; /* twentieths */
} filling;

typedef struct filler {
	filling *f;
	pthread_t thread;
	bool running;
	store *db;
	intake_worker *worker;
	arena memory; /* of a batch */
	record *records;
	size_t count;
	char source[16];
	intake_source from;
	uint64_t first, stored; /* number of records[0]; those below `stored` were stored before */
	hub_status st;
	hub_fault fault;
} filler;

static bool digest_of(const filler *w, uint8_t ret[32])
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool ok = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
	for (size_t i = 0; ok && i < w->count; i++) {
		const hub_reading *r = &w->records[i].body.reading;
		const int64_t what[3] = { r->start, r->time, r->value.digits };
		ok =
		    EVP_DigestUpdate(digest, what, sizeof what) && EVP_DigestUpdate(digest, r->meter, strlen(r->meter));
	}
	ok = ok && EVP_DigestFinal_ex(digest, ret, NULL);
	EVP_MD_CTX_free(digest);
	return ok;
}

static void progress(filling *f, uint64_t more, uint64_t refused)
{
	uint64_t done = atomic_fetch_add(&f->records, more) + more;
	unsigned part = (unsigned)(done * 20 / f->expected), told = atomic_load(&f->told);
	atomic_fetch_add(&f->refused, refused);
	part = part > 20 ? 20 : part;
	if (part > told && atomic_compare_exchange_strong(&f->told, &told, part))
		city_say(f->t, "readings: %u %%, %llu", part * 5, (unsigned long long)done);
}

static hub_status store_batch(filler *w)
{
	batch b = { .id = { w->source, (uint64_t)(w->f->t->plan.until / CITY_HOUR), w->first },
		    .trace = trace_new(),
		    .records = w->records,
		    .count = w->count };
	batch_answer answer = { .message = "" };
	hub_status st = digest_of(w, b.digest) ? HUB_AGAIN : HUB_NOMEM;
	for (int tries = 0; st == HUB_AGAIN && tries < 5; tries++)
		st = intake_run(w->worker, &w->from, &b, &w->memory, &answer, NULL);
	if (st != HUB_OK)
		return hub_fault_set(&w->fault, "city.store", "",
				     "readings could not be stored (%s %s); run it again, it goes on here",
				     hub_status_name(st), answer.message);
	progress(w->f, w->count, answer.quarantined);
	return HUB_OK;
}

static hub_status flush(filler *w)
{
	hub_status st = HUB_OK;
	if (w->count && w->first + w->count <= w->stored)
		progress(w->f, w->count, 0);
	else if (w->count)
		st = store_batch(w);
	w->first += w->count;
	w->count = 0;
	arena_reset(&w->memory);
	return st == HUB_OK && atomic_load(&w->f->stop) ? HUB_AGAIN : st;
}

/* What its head-end wrote down of a reading with which something is wrong. */
static void add_original(filler *w, const city_row *row, hub_record *body)
{
	char start[CLOCK_TEXT], time[CLOCK_TEXT], value[DECIMAL_TEXT];
	const char *text = arena_printf(
	    &w->memory,
	    "{\"meter\":\"%s\",\"quantity\":\"%s\",\"unit\":\"%s\",\"start\":\"%s\",\"time\":\"%s\",\"value\":\"%s\"}",
	    row->meter, row->quantity, row->unit, row->start ? clock_text(row->start, start) : "",
	    clock_text(row->time, time), hub_value_text(row->value, value));
	body->raw = (const uint8_t *)text;
	body->raw_len = text ? strlen(text) : 0;
}

static hub_status take(void *user, const city_row *row)
{
	filler *w = user;
	const char *meter = w->count ? w->records[w->count - 1].body.reading.meter : "";
	if (strcmp(meter, row->meter) && !(meter = arena_strdup(&w->memory, row->meter)))
		return HUB_NOMEM;
	record *r = &w->records[w->count++];
	*r = (record) { .peer = "city",
			.received = row->received,
			.body = { .type = HUB_RECORD_READING,
				  .reading = { meter, "", row->quantity, row->unit, row->kind, 0, row->value,
					       row->start, row->time } } };
	if (row->odd)
		add_original(w, row, &r->body);
	return w->count == RECORDS ? flush(w) : HUB_OK;
}

static hub_status where(filler *w)
{
	hub_status st = store_begin(w->db);
	if (st != HUB_OK)
		return st;
	st = source_lock(w->db, w->from.party, w->source, (uint64_t)(w->f->t->plan.until / CITY_HOUR), &w->stored);
	store_rollback(w->db);
	return st;
}

/* The last share is the buildings'. */
static hub_status fill_share(filler *w, unsigned share)
{
	const city *t = w->f->t;
	uint32_t homes = t->plan.sim.homes, first = homes * (uint64_t)share / SHARES + 1,
		 last = homes * ((uint64_t)share + 1) / SHARES;
	snprintf(w->source, sizeof w->source, "city-%u", share + 1);
	w->from = (intake_source) { .party = share < SHARES ? w->f->homes : w->f->buildings, .numbered = true };
	w->first = 1;
	hub_status st = where(w);
	for (uint32_t n = first; st == HUB_OK && share < SHARES && n <= last; n++)
		st = city_rows_of_home(t, n, take, w);
	for (uint32_t n = 1; st == HUB_OK && share == SHARES && n <= t->plan.sim.buildings; n++)
		st = city_rows_of_building(t, n, take, w);
	return st == HUB_OK ? flush(w) : st;
}

static void *run(void *user)
{
	filler *w = user;
	for (unsigned share; w->st == HUB_OK && (share = atomic_fetch_add(&w->f->next, 1)) <= SHARES;)
		w->st = fill_share(w, share);
	if (w->st != HUB_OK)
		atomic_store(&w->f->stop, true);
	return NULL;
}

static hub_status begin(filler *w, filling *f)
{
	w->f = f;
	arena_init(&w->memory, 0);
	w->records = fail_calloc(RECORDS, sizeof *w->records);
	hub_status st = w->records ? store_open(f->t->c->conninfo, &w->db, &w->fault) : HUB_NOMEM;
	/* What a power cut would take is done again by the next run. */
	if (st == HUB_OK)
		st = store_relax(w->db);
	if (st == HUB_OK)
		st = intake_worker_new(f->in, w->db, &w->worker);
	w->running = st == HUB_OK && !pthread_create(&w->thread, NULL, run, w);
	return st == HUB_OK && !w->running ? HUB_FAILED : st;
}

static hub_status end(filler *w, hub_fault *fault)
{
	if (w->running)
		pthread_join(w->thread, NULL);
	intake_worker_free(w->worker);
	store_close(w->db);
	free(w->records);
	arena_fini(&w->memory);
	if (w->st != HUB_OK && w->st != HUB_AGAIN)
		*fault = w->fault;
	return w->st;
}

static hub_status fill(filling *f)
{
	filler workers[THREADS_MAX] = { 0 };
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t count = cores < 2 ? 2 : cores > THREADS_MAX ? THREADS_MAX : (size_t)cores;
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = begin(&workers[i], f);
	if (st != HUB_OK)
		atomic_store(&f->stop, true);
	for (size_t i = 0; i < count; i++) {
		hub_status its = end(&workers[i], f->t->fault);
		st = st == HUB_OK || st == HUB_AGAIN ? its : st;
	}
	return st;
}

hub_status city_fill(city *t)
{
	filling f = { .t = t };
	arena a;
	arena_init(&a, 0);
	f.expected = city_rows_expected(t);
	int64_t begun = clock_monotonic();
	hub_status st = word_party(t->c->db, "power", &a, &f.homes, t->fault);
	if (st == HUB_OK)
		st = word_party(t->c->db, "campus", &a, &f.buildings, t->fault);
	if (st == HUB_OK)
		st = intake_new(&judge_rules_default, t->policies, &f.in);
	if (st == HUB_OK)
		st = fill(&f);
	intake_free(f.in);
	arena_fini(&a);
	int64_t took = clock_monotonic() - begun;
	if (st == HUB_OK)
		city_say(t, "readings: %llu in %lld s, %llu of them into quarantine", (unsigned long long)f.records,
			 (long long)(took / 1000000), (unsigned long long)f.refused);
	return st;
}
