#include "wire/listener.h"
#include "wire/watch.h"

#include "base/clock.h"
#include "base/fail.h"

#include <nng/protocol/reqrep0/req.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct question question;

struct wire_asker {
	nng_socket socket;
	struct listener *listener; /* NULL if it dials */
	atomic_int peers;
	watched *watched;
	pthread_mutex_t lock;
	pthread_cond_t idle;
	question *open; /* those whose `done` has not returned */
	bool closed;
};

struct question {
	question *prev, *next;
	/*
	 * Held while an operation is begun, and by each step: the result may come on another thread before
	 * nng_ctx_send or nng_ctx_recv has let go of the context, and the socket must not be closed then.
	 */
	pthread_mutex_t turn;
	wire_asker *asker;
	nng_ctx ctx;
	nng_aio *aio;
	wire_done done;
	void *user;
	nng_msg *keep;    /* what is asked, for another attempt */
	int64_t resend;
	int64_t deadline; /* monotonic µs; 0: none */
	bool sent;
};

/* A context that got no answer after so many resends is given up for a new one. */
enum { RESENDS = 5, ATTEMPT_MIN = 1000000, CANCEL_AGAIN = 5000000 /* ns */ };

static hub_status asker_open(socket_side side, const char *url, const wire_tls *tls, wire_asker **ret, hub_fault *fault)
{
	wire_asker *a = fail_calloc(1, sizeof *a);
	if (!a)
		return HUB_NOMEM;
	int e = nng_req0_open(&a->socket);
	if (e) {
		free(a);
		return socket_fault(fault, "open a socket for", url, e);
	}
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->idle, NULL);
	hub_status st = socket_setup(a->socket, &a->peers, fault);
	if (st == HUB_OK)
		st = socket_start(a->socket, side, url, tls, &a->listener, fault);
	if (st != HUB_OK) {
		wire_asker_close(a);
		return st;
	}
	a->watched = watch_begin(url, side, SP_REQ, &a->peers);
	*ret = a;
	return HUB_OK;
}

hub_status wire_ask_listen(const char *url, const wire_tls *tls, wire_asker **ret, hub_fault *fault)
{
	return asker_open(SOCKET_LISTEN, url, tls, ret, fault);
}

hub_status wire_ask_dial(const char *url, const wire_tls *tls, wire_asker **ret, hub_fault *fault)
{
	return asker_open(SOCKET_DIAL, url, tls, ret, fault);
}

void wire_asker_close(wire_asker *a)
{
	if (!a)
		return;
	/*
	 * NNG 1.5.2 does not survive nng_close beside a context at work: the questions end first. One
	 * that is between two steps does not notice, so they are told again.
	 */
	pthread_mutex_lock(&a->lock);
	a->closed = true;
	while (a->open) {
		for (question *q = a->open; q; q = q->next)
			nng_aio_cancel(q->aio);
		struct timespec soon;
		clock_gettime(CLOCK_REALTIME, &soon);
		soon.tv_nsec += CANCEL_AGAIN;
		soon.tv_sec += soon.tv_nsec / 1000000000;
		soon.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&a->idle, &a->lock, &soon);
	}
	pthread_mutex_unlock(&a->lock);
	watch_end(a->watched);
	listener_close(a->listener);
	nng_close(a->socket);
	pthread_cond_destroy(&a->idle);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

bool wire_asker_connected(const wire_asker *a)
{
	return atomic_load(&a->peers) > 0;
}

static bool asker_is_closed(wire_asker *a)
{
	pthread_mutex_lock(&a->lock);
	bool closed = a->closed;
	pthread_mutex_unlock(&a->lock);
	return closed;
}

/* False once the asker is closed. */
static bool asker_enter(wire_asker *a, question *q)
{
	pthread_mutex_lock(&a->lock);
	bool open = !a->closed;
	if (open) {
		q->next = a->open;
		if (q->next)
			q->next->prev = q;
		a->open = q;
	}
	pthread_mutex_unlock(&a->lock);
	return open;
}

static void asker_leave(wire_asker *a, question *q)
{
	pthread_mutex_lock(&a->lock);
	*(q->prev ? &q->prev->next : &a->open) = q->next;
	if (q->next)
		q->next->prev = q->prev;
	if (!a->open)
		pthread_cond_broadcast(&a->idle);
	pthread_mutex_unlock(&a->lock);
}

static void question_free(question *q)
{
	if (q->keep)
		nng_msg_free(q->keep);
	if (q->aio)
		nng_aio_reap(q->aio);
	pthread_mutex_destroy(&q->turn);
	free(q);
}

static void question_end(question *q, hub_status st, nng_msg *answer)
{
	q->done(q->user, st, answer ? nng_msg_body(answer) : NULL, answer ? nng_msg_len(answer) : 0);
	if (answer)
		nng_msg_free(answer);
	asker_leave(q->asker, q);
	question_free(q);
}

static bool question_over(const question *q)
{
	return q->deadline && clock_monotonic() >= q->deadline;
}

/* How long the attempt at hand may take. */
static nng_duration question_patience(const question *q)
{
	int64_t attempt = q->resend > 0 ? q->resend * RESENDS : 0;
	if (attempt && attempt < ATTEMPT_MIN)
		attempt = ATTEMPT_MIN;
	int64_t left = q->deadline ? q->deadline - clock_monotonic() : 0;
	if (q->deadline && left < 1)
		left = 1;
	return socket_ms(!attempt || (left && left < attempt) ? left : attempt);
}

static hub_status attempt_start(question *q)
{
	nng_msg *m;
	if (nng_msg_dup(&m, q->keep))
		return HUB_NOMEM;
	int e = nng_ctx_open(&q->ctx, q->asker->socket);
	if (!e) {
		e = nng_ctx_set_ms(q->ctx, NNG_OPT_REQ_RESENDTIME, socket_ms(q->resend));
		if (e)
			nng_ctx_close(q->ctx);
	}
	if (e) {
		nng_msg_free(m);
		return e == NNG_ENOMEM ? HUB_NOMEM : HUB_AGAIN;
	}
	q->sent = false;
	nng_aio_set_timeout(q->aio, question_patience(q));
	nng_aio_set_msg(q->aio, m);
	nng_ctx_send(q->ctx, q->aio);
	return HUB_OK;
}

/* True: it goes on. False: it is over, with *answer NULL if there is none. */
static bool question_go_on(question *q, nng_msg **answer)
{
	int e = nng_aio_result(q->aio);
	*answer = NULL;
	if (!e && !q->sent) {
		q->sent = true;
		nng_aio_set_timeout(q->aio, question_patience(q));
		nng_ctx_recv(q->ctx, q->aio);
		return true;
	}
	if (!e)
		*answer = nng_aio_get_msg(q->aio);
	else if (!q->sent)
		nng_msg_free(nng_aio_get_msg(q->aio));
	/* Closed first: an unanswered context would go on sending its question. */
	nng_ctx_close(q->ctx);
	return e && !asker_is_closed(q->asker) && !question_over(q) && attempt_start(q) == HUB_OK;
}

static void question_step(void *user)
{
	question *q = user;
	nng_msg *answer;
	pthread_mutex_lock(&q->turn);
	bool goes_on = question_go_on(q, &answer);
	pthread_mutex_unlock(&q->turn);
	if (!goes_on)
		question_end(q, answer ? HUB_OK : HUB_AGAIN, answer);
}

static hub_status question_new(wire_asker *a, const uint8_t *msg, size_t len, question **ret)
{
	question *q = fail_calloc(1, sizeof *q);
	if (!q)
		return HUB_NOMEM;
	q->asker = a;
	pthread_mutex_init(&q->turn, NULL);
	if (nng_aio_alloc(&q->aio, question_step, q) != 0 || nng_msg_alloc(&q->keep, len) != 0) {
		question_free(q);
		return HUB_NOMEM;
	}
	if (len)
		memcpy(nng_msg_body(q->keep), msg, len);
	*ret = q;
	return HUB_OK;
}

hub_status wire_ask_start(wire_asker *a, const uint8_t *msg, size_t len, int64_t resend, int64_t timeout,
			  wire_done done, void *user)
{
	if (len > WIRE_MESSAGE_MAX)
		return HUB_RANGE;
	question *q;
	hub_status st = question_new(a, msg, len, &q);
	if (st != HUB_OK)
		return st;
	q->done = done;
	q->user = user;
	q->resend = resend;
	q->deadline = timeout ? clock_monotonic() + timeout : 0;
	if (!asker_enter(a, q)) {
		question_free(q);
		return HUB_AGAIN;
	}
	pthread_mutex_lock(&q->turn);
	st = attempt_start(q);
	pthread_mutex_unlock(&q->turn);
	if (st != HUB_OK) {
		asker_leave(a, q);
		question_free(q);
	}
	return st;
}

typedef struct waiting {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool over;
	hub_status st;
	buf *answer;
} waiting;

static void waiting_done(void *user, hub_status st, const uint8_t *answer, size_t len)
{
	waiting *w = user;
	pthread_mutex_lock(&w->lock);
	w->st = st;
	if (st == HUB_OK)
		buf_put(w->answer, answer, len);
	w->over = true;
	pthread_cond_signal(&w->ended);
	pthread_mutex_unlock(&w->lock);
}

hub_status wire_ask(wire_asker *a, const uint8_t *msg, size_t len, int64_t resend, int64_t timeout, buf *answer)
{
	waiting w = { .answer = answer };
	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.ended, NULL);
	hub_status st = wire_ask_start(a, msg, len, resend, timeout, waiting_done, &w);
	if (st == HUB_OK) {
		pthread_mutex_lock(&w.lock);
		while (!w.over)
			pthread_cond_wait(&w.ended, &w.lock);
		pthread_mutex_unlock(&w.lock);
		st = w.st == HUB_OK && answer->bad ? HUB_NOMEM : w.st;
	}
	pthread_cond_destroy(&w.ended);
	pthread_mutex_destroy(&w.lock);
	return st;
}
