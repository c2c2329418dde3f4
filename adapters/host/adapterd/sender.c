#include "sender.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "model/batch.h"
#include "wire/journal.h"

enum { RESEND = 2000000, PAUSE = 200000 };

/* An open question outlives a sender that is closed over it. */
typedef struct question {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	atomic_int holders;
	bool over;
	hub_status st;
	buf answer;
} question;

struct sender {
	char *source;
	wire_asker *intake;
	journal_reader *reader;
	int event;
	pthread_t thread;
	question *q; /* its lock guards what follows */
	bool stop, kicked;
	sender_state state;
};

static void question_drop(question *q)
{
	if (atomic_fetch_sub(&q->holders, 1) > 1)
		return;
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->changed);
	buf_fini(&q->answer);
	free(q);
}

static void answered(void *user, hub_status st, const uint8_t *answer, size_t len)
{
	question *q = user;
	pthread_mutex_lock(&q->lock);
	buf_clear(&q->answer);
	if (st == HUB_OK)
		buf_put(&q->answer, answer, len);
	q->st = st;
	q->over = true;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
	question_drop(q);
}

static void changed(sender *s)
{
	uint64_t one = 1;
	ssize_t n = write(s->event, &one, sizeof one);
	(void)n; /* full only when the reader has not yet looked: it will */
}

static void say(sender *s, const char *message)
{
	pthread_mutex_lock(&s->q->lock);
	snprintf(s->state.message, sizeof s->state.message, "%s", message);
	pthread_mutex_unlock(&s->q->lock);
	changed(s);
}

/* Until stopped, kicked if it may be, or `most` µs have passed. False: stop. */
static bool rest(sender *s, int64_t most, bool kickable)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += most % 1000000 * 1000;
	until.tv_sec += most / 1000000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&s->q->lock);
	int e = 0;
	while (!s->stop && !(kickable && s->kicked) && !e)
		e = pthread_cond_timedwait(&s->q->changed, &s->q->lock, &until);
	s->kicked = false;
	bool go = !s->stop;
	pthread_mutex_unlock(&s->q->lock);
	return go;
}

/* HUB_OK: an answer came. HUB_AGAIN: none, or the sender is to stop. */
static hub_status ask(sender *s, const buf *message)
{
	question *q = s->q;
	q->over = false;
	atomic_fetch_add(&q->holders, 1);
	hub_status st = wire_ask_start(s->intake, message->bytes, message->len, RESEND, 0, answered, q);
	if (st != HUB_OK) {
		atomic_fetch_sub(&q->holders, 1);
		return HUB_AGAIN;
	}
	pthread_mutex_lock(&q->lock);
	while (!q->over && !s->stop)
		pthread_cond_wait(&q->changed, &q->lock);
	st = q->over && !s->stop && !q->answer.bad ? q->st : HUB_AGAIN;
	pthread_mutex_unlock(&q->lock);
	return st;
}

/* What the core's answer means for these records. */
static hub_status judge(sender *s, uint64_t epoch, uint64_t first, size_t count)
{
	arena a;
	arena_init(&a, 0);
	batch_answer answer;
	hub_status st = batch_answer_unpack(s->q->answer.bytes, s->q->answer.len, &a, &answer);
	if (st != HUB_OK || strcmp(answer.id.source, s->source) != 0 || answer.id.epoch != epoch ||
	    answer.id.first != first) {
		arena_fini(&a);
		say(s, "the core's answer belongs to another batch");
		return HUB_AGAIN;
	}
	st = answer.status;
	if (st == HUB_OK && journal_ack(s->reader, first + count - 1) != HUB_OK) {
		say(s, "the journal cannot remember the acknowledgement: check its disk");
		st = HUB_AGAIN; /* the batch goes again, and the core knows it already */
	} else {
		pthread_mutex_lock(&s->q->lock);
		sender_state *state = &s->state;
		if (st == HUB_OK) {
			state->acked = first + count - 1;
			state->last_ack = clock_now();
			state->stored += answer.stored;
			state->duplicates += answer.duplicates;
			state->quarantined += answer.quarantined;
			state->message[0] = '\0';
		} else {
			state->refused = st == HUB_AGAIN ? HUB_OK : st;
			snprintf(state->message, sizeof state->message, "%s: %s", hub_status_name(st), answer.message);
		}
		pthread_mutex_unlock(&s->q->lock);
		changed(s);
	}
	arena_fini(&a);
	return st;
}

/* One batch. HUB_MISSING: nothing to send; HUB_AGAIN: later; DENIED, …: never. */
static hub_status send_batch(sender *s, buf *records, buf *message)
{
	uint64_t first = 0;
	size_t count = 0;
	buf_clear(records);
	/* Room for the head within the intake's limit, however long source and count are. */
	hub_status st = journal_read(s->reader, 0, BATCH_BYTES_MAX - 256, BATCH_RECORDS_MAX, records, &first, &count);
	if (st == HUB_MISSING)
		return st;
	if (st != HUB_OK) {
		say(s, "the journal cannot be read: check its disk");
		return HUB_AGAIN;
	}
	batch_id id = { s->source, journal_reader_epoch(s->reader), first };
	trace_id trace = trace_new();
	buf_clear(message);
	batch_head_pack(message, &id, &trace, count);
	buf_put(message, records->bytes, records->len);
	st = message->bad ? HUB_AGAIN : ask(s, message);
	return st == HUB_OK ? judge(s, id.epoch, first, count) : HUB_AGAIN;
}

static void *run(void *user)
{
	sender *s = user;
	buf records = { 0 }, message = { 0 };
	bool go = true;
	while (go) {
		hub_status st = send_batch(s, &records, &message);
		if (st == HUB_MISSING)
			go = rest(s, PAUSE * 25, true);
		else if (st == HUB_AGAIN)
			go = rest(s, PAUSE, false);
		else if (st != HUB_OK)
			break;
	}
	buf_fini(&records);
	buf_fini(&message);
	return NULL;
}

static question *question_new(void)
{
	question *q = fail_calloc(1, sizeof *q);
	if (!q)
		return NULL;
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	atomic_store(&q->holders, 1);
	return q;
}

static void sender_free(sender *s)
{
	if (s->q)
		question_drop(s->q);
	journal_reader_close(s->reader);
	free(s->source);
	free(s);
}

hub_status sender_open(const char *source, const char *dir, wire_asker *intake, int event, sender **ret,
		       hub_fault *fault)
{
	sender *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->intake = intake;
	s->event = event;
	s->source = fail_strdup(source);
	s->q = question_new();
	hub_status st = s->source && s->q ? journal_reader_open(dir, &s->reader, fault) : HUB_NOMEM;
	journal_state now;
	if (st == HUB_OK && journal_stat(dir, &now) == HUB_OK)
		s->state.acked = now.first - 1;
	if (st == HUB_OK && pthread_create(&s->thread, NULL, run, s) != 0)
		st = HUB_FAILED;
	if (st != HUB_OK) {
		sender_free(s);
		return st;
	}
	*ret = s;
	return HUB_OK;
}

void sender_kick(sender *s)
{
	pthread_mutex_lock(&s->q->lock);
	s->kicked = true;
	pthread_cond_broadcast(&s->q->changed);
	pthread_mutex_unlock(&s->q->lock);
}

void sender_look(sender *s, sender_state *ret)
{
	pthread_mutex_lock(&s->q->lock);
	*ret = s->state;
	pthread_mutex_unlock(&s->q->lock);
}

void sender_close(sender *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->q->lock);
	s->stop = true;
	pthread_cond_broadcast(&s->q->changed);
	pthread_mutex_unlock(&s->q->lock);
	pthread_join(s->thread, NULL);
	sender_free(s);
}
