#include "forward.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fail.h"

/* Asked again this often: a core that died is replaced by another. */
#define RESEND 2000000

struct forwarder {
	wire_asker *asker;
	const char *name;
	uint64_t epoch, sequence; /* sequence: only on the caller's thread */
	int64_t timeout;
	size_t answer_max;
	void (*wake)(void *user);
	void *user;
	pthread_mutex_t lock; /* over the list and `dropped` */
	forward *head, **tail;
};

struct forward {
	forwarder *f;
	forward *next;
	void *tag;
	arena memory;
	wire_call call;
	wire_reply reply;
	buf body;
	hub_status status;
	int64_t deadline;
	bool dropped;
};

hub_status forwarder_open(const char *url, const wire_tls *tls, const char *name, int64_t timeout, size_t answer_max,
			  void (*wake)(void *user), void *user, forwarder **ret, hub_fault *fault)
{
	forwarder *f = fail_calloc(1, sizeof *f);
	if (!f)
		return HUB_NOMEM;
	*f = (forwarder){ .name = name, .epoch = (uint64_t)clock_now(), .timeout = timeout, .answer_max = answer_max,
			  .wake = wake, .user = user };
	f->tail = &f->head;
	hub_status st = wire_ask_listen(url, tls, &f->asker, fault);
	if (st != HUB_OK) {
		free(f);
		return st;
	}
	pthread_mutex_init(&f->lock, NULL);
	*ret = f;
	return HUB_OK;
}

void forwarder_close(forwarder *f)
{
	if (!f)
		return;
	wire_asker_close(f->asker);
	for (forward *w = f->head, *next; w; w = next) {
		next = w->next;
		forward_free(w);
	}
	pthread_mutex_destroy(&f->lock);
	free(f);
}

bool forwarder_connected(const forwarder *f)
{
	return wire_asker_connected(f->asker);
}

void forward_free(forward *w)
{
	if (!w)
		return;
	buf_fini(&w->body);
	arena_fini(&w->memory);
	free(w);
}

static void finish(forward *w, hub_status st)
{
	forwarder *f = w->f;
	w->status = st;
	pthread_mutex_lock(&f->lock);
	bool dropped = w->dropped;
	if (!dropped) {
		*f->tail = w;
		f->tail = &w->next;
	}
	pthread_mutex_unlock(&f->lock);
	if (dropped)
		forward_free(w);
	else
		f->wake(f->user);
}

static hub_status ask(forward *w);

/* On a thread of the wire. */
static void on_answer(void *user, hub_status st, const uint8_t *answer, size_t len)
{
	forward *w = user;
	hub_fault fault;
	if (st == HUB_OK)
		st = wire_reply_unpack(answer, len, &w->memory, &w->reply, &fault);
	/* A refusal in the middle cannot be joined to what came before: the caller asks again for all of it. */
	if (st == HUB_OK && w->body.len && w->reply.status >= 400)
		st = HUB_AGAIN;
	if (st == HUB_OK && w->body.len + w->reply.body_len > w->f->answer_max)
		st = HUB_RANGE;
	if (st == HUB_OK) {
		buf_put(&w->body, w->reply.body, w->reply.body_len);
		st = w->body.bad ? HUB_NOMEM : HUB_OK;
	}
	if (st == HUB_OK && w->reply.continuation[0]) {
		w->call.continuation = w->reply.continuation;
		st = ask(w);
		if (st == HUB_OK)
			return;
	}
	w->reply.body = w->body.bytes;
	w->reply.body_len = w->body.len;
	finish(w, st);
}

static hub_status ask(forward *w)
{
	int64_t left = w->deadline - clock_monotonic();
	buf msg = { 0 };
	if (left <= 0)
		return HUB_AGAIN;
	wire_call_pack(&msg, &w->call);
	hub_status st = msg.bad ? HUB_NOMEM
				: wire_ask_start(w->f->asker, msg.bytes, msg.len, RESEND, left, on_answer, w);
	buf_fini(&msg);
	return st;
}

static const wire_field *copy_fields(arena *a, const wire_field *fields, size_t count)
{
	wire_field *copy = arena_array(a, count, sizeof *copy);
	for (size_t i = 0; copy && i < count; i++)
		copy[i] = (wire_field){ arena_strdup(a, fields[i].name), arena_strdup(a, fields[i].value) };
	return copy;
}

/* Whatever is asked on must outlive the caller's request. */
static bool copy_call(forward *w, const wire_call *call)
{
	arena *a = &w->memory;
	w->call = *call;
	w->call.head = (wire_head){ WIRE_VERSION, WIRE_CALL, w->f->name, w->f->epoch, ++w->f->sequence, call->head.trace };
	w->call.door = arena_strdup(a, call->door);
	w->call.method = arena_strdup(a, call->method);
	w->call.path = arena_strdup(a, call->path);
	w->call.authorization = arena_strdup(a, call->authorization);
	w->call.address = arena_strdup(a, call->address);
	w->call.continuation = "";
	w->call.cert = arena_memdup(a, call->cert, call->cert_len);
	w->call.body = arena_memdup(a, call->body, call->body_len);
	w->call.query = copy_fields(a, call->query, call->query_count);
	w->call.headers = copy_fields(a, call->headers, call->header_count);
	return w->call.door && w->call.method && w->call.path && w->call.authorization && w->call.address &&
	       w->call.cert && w->call.body && w->call.query && w->call.headers;
}

hub_status forward_start(forwarder *f, const wire_call *call, void *tag, forward **ret)
{
	if (!forwarder_connected(f))
		return HUB_AGAIN;
	forward *w = fail_calloc(1, sizeof *w);
	if (!w)
		return HUB_NOMEM;
	w->f = f;
	w->tag = tag;
	w->deadline = clock_monotonic() + f->timeout;
	arena_init(&w->memory, 0);
	hub_status st = copy_call(w, call) ? ask(w) : HUB_NOMEM;
	if (st != HUB_OK) {
		forward_free(w);
		return st;
	}
	*ret = w;
	return HUB_OK;
}

void forward_drop(forward *w)
{
	pthread_mutex_lock(&w->f->lock);
	w->dropped = true;
	pthread_mutex_unlock(&w->f->lock);
}

forward *forward_next(forwarder *f, void **ret_tag)
{
	forward *gone = NULL;
	pthread_mutex_lock(&f->lock);
	forward *w;
	while ((w = f->head)) {
		f->head = w->next;
		if (!f->head)
			f->tail = &f->head;
		if (!w->dropped)
			break;
		w->next = gone;
		gone = w;
	}
	pthread_mutex_unlock(&f->lock);
	while (gone) {
		forward *next = gone->next;
		forward_free(gone);
		gone = next;
	}
	if (w)
		*ret_tag = w->tag;
	return w;
}

hub_status forward_reply(const forward *w, const wire_reply **ret)
{
	if (w->status == HUB_OK)
		*ret = &w->reply;
	return w->status;
}
