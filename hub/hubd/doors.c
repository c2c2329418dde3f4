#include "hubd/doors.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "store/instance.h"

/* Which question a worker is at; source "" if none. */
typedef struct question {
	char source[80];
	uint64_t epoch, sequence;
} question;

struct door {
	const char *name;
	wire_answerer *answerer;
	wire_handle handle;
	pthread_mutex_t lock; /* over every worker's `at` */
	int count;
	struct seat {
		worker worker;
		question at;
	} seats[];
};

/* May this source speak at this daemon's address? Whatever the daemon says of itself does not count. */
static hub_status source_of(worker *w, const char *daemon_name, const char *source, intake_source *ret,
			    const char **why)
{
	instance i;
	hub_status st = instance_get(w->db, source, &w->memory, &i);
	if (st == HUB_MISSING || (st == HUB_OK && strcmp(i.zone, daemon_name))) {
		*why = "the instance is not registered for this zone daemon; see hubctl instance list";
		return HUB_DENIED;
	}
	if (st == HUB_OK && !i.enabled) {
		*why = "the instance is disabled; hubctl instance enable starts it again";
		return HUB_DENIED;
	}
	if (st == HUB_OK)
		*ret = (intake_source) { .party = i.party, .numbered = true };
	return st;
}

static hub_status take(door *d, worker *w, const batch *b, batch_answer *ret)
{
	intake_source source = { 0 };
	const char *why = "";
	*ret = (batch_answer) { .id = b->id, .message = "" };
	hub_status st = source_of(w, d->name, b->id.source, &source, &why);
	if (st == HUB_OK)
		st = intake_run(w->intake, &source, b, &w->memory, ret, NULL);
	else
		ret->message = why;
	ret->status = st;
	if (st == HUB_DENIED || st == HUB_REJECT || st == HUB_CONFLICT)
		log_line(LOG_WARN, &b->trace, "daemon '%s' instance '%s': %s", d->name, b->id.source, ret->message);
	if (st == HUB_FAILED)
		log_line(LOG_ERROR, &b->trace, "instance '%s': the database refuses the batch at record %llu",
			 b->id.source, (unsigned long long)b->id.first);
	return st;
}

static hub_status on_intake(void *user, int n, const uint8_t *msg, size_t len, buf *answer)
{
	door *d = user;
	worker *w = &d->seats[n].worker;
	batch b;
	batch_answer a = { .id = { "unknown", 0, 1 }, .message = "" };
	hub_fault fault = { 0 };
	hub_status ready = worker_ready(w), st = batch_unpack(msg, len, &w->memory, &b, &fault);
	if (st == HUB_REJECT) {
		log_warn("daemon '%s': %s (%s)", d->name, fault.message, fault.code);
		a.status = HUB_REJECT;
		a.message = fault.message;
	} else if (st == HUB_OK) {
		st = ready == HUB_OK ? take(d, w, &b, &a) : ready;
		/* Said at once: who hears nothing asks again only when it has waited long. */
		if (st == HUB_AGAIN)
			a = (batch_answer) { .id = b.id, .status = st, .message = "the core's database is away" };
	}
	/* Silence: the zone keeps what it has and sends it again. */
	if (st == HUB_NOMEM || st == HUB_FAILED)
		return st;
	batch_answer_pack(answer, &a);
	return answer->bad ? HUB_NOMEM : HUB_OK;
}

static hub_status on_call(void *user, int n, const uint8_t *msg, size_t len, buf *answer)
{
	door *d = user;
	worker *w = &d->seats[n].worker;
	wire_call call;
	wire_reply reply;
	hub_fault fault = { 0 };
	hub_status st = worker_ready(w);
	if (st != HUB_OK)
		return st;
	st = wire_call_unpack(msg, len, &w->memory, &call, &fault);
	if (st != HUB_OK) {
		log_warn("gateway '%s': %s (%s)", d->name, fault.message,
			 fault.code ? fault.code : hub_status_name(st));
		return st;
	}
	const api_worker aw = { w->core->api, w->db, w->intake };
	st = api_answer(&aw, &call, &w->memory, &reply);
	if (st != HUB_OK)
		return st;
	log_line(reply.status >= 500 ? LOG_ERROR : LOG_DEBUG, &call.head.trace, "%s %s %s %d", call.address,
		 call.method, call.path, reply.status);
	wire_reply_pack(answer, &reply);
	return answer->bad ? HUB_NOMEM : HUB_OK;
}

/* False if another worker is at it already. */
static bool question_begin(door *d, int n, const wire_head *head)
{
	question *own = &d->seats[n].at;
	bool fresh = true;
	pthread_mutex_lock(&d->lock);
	for (int i = 0; fresh && i < d->count; i++) {
		const question *q = &d->seats[i].at;
		fresh = q->epoch != head->epoch || q->sequence != head->sequence || strcmp(q->source, head->source);
	}
	if (fresh) {
		snprintf(own->source, sizeof own->source, "%s", head->source);
		own->epoch = head->epoch;
		own->sequence = head->sequence;
	}
	pthread_mutex_unlock(&d->lock);
	return fresh;
}

static void question_end(door *d, int n)
{
	pthread_mutex_lock(&d->lock);
	d->seats[n].at = (question) { 0 };
	pthread_mutex_unlock(&d->lock);
}

/*
 * The zone asks again when an answer takes long. Were each repeat worked at, one slow question would
 * soon keep every worker busy and the door would look dead; so a repeat of what is under way is
 * dropped, and the first one's answer serves both.
 */
static hub_status on_question(void *user, int n, const uint8_t *msg, size_t len, buf *answer)
{
	door *d = user;
	wire_head head;
	arena a;
	hub_fault fault;
	hub_reader in = hub_reader_of(msg, len);
	arena_init(&a, WIRE_MESSAGE_MAX);
	bool named =
	    wire_head_unpack(&in, &a, &head, &fault) == HUB_OK && strlen(head.source) < sizeof d->seats->at.source;
	bool fresh = !named || question_begin(d, n, &head);
	arena_fini(&a);
	if (!fresh)
		return HUB_AGAIN;
	hub_status st = d->handle(d, n, msg, len, answer);
	if (named)
		question_end(d, n);
	return st;
}

hub_status door_open(const core *c, wire_kind kind, const char *name, int threads, door **ret, hub_fault *fault)
{
	char url[600];
	door *d = fail_calloc(1, sizeof *d + (size_t)threads * sizeof d->seats[0]);
	if (!d)
		return HUB_NOMEM;
	d->name = name;
	d->count = threads;
	d->handle = kind == WIRE_INTAKE ? on_intake : on_call;
	pthread_mutex_init(&d->lock, NULL);
	for (int i = 0; i < threads; i++)
		worker_init(&d->seats[i].worker, c);
	core_url(c, name, kind, url, sizeof url);
	hub_status st = wire_answer_dial(url, core_tls(c), threads, on_question, d, &d->answerer, fault);
	if (st != HUB_OK) {
		door_close(d);
		return st;
	}
	*ret = d;
	return HUB_OK;
}

void door_close(door *d)
{
	if (!d)
		return;
	if (d->answerer)
		wire_answerer_close(d->answerer);
	for (int i = 0; i < d->count; i++)
		worker_fini(&d->seats[i].worker);
	pthread_mutex_destroy(&d->lock);
	free(d);
}
