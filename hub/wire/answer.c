#include "wire/listener.h"
#include "wire/watch.h"

#include "base/fail.h"

#include <assert.h>
#include <nng/protocol/reqrep0/rep.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An answer that its link does not take by then is dropped: the asker repeats. */
enum { SEND_PATIENCE_MS = 10000, CANCEL_AGAIN = 1000 };

typedef struct worker {
	wire_answerer *answerer;
	int number;
	pthread_t thread;
	bool running;
	nng_ctx ctx;
	nng_aio *aio;
	buf answer;
} worker;

struct wire_answerer {
	nng_socket socket;
	struct listener *listener; /* NULL if it dials */
	atomic_int peers;
	watched *watched;
	atomic_bool closing;
	atomic_int working; /* threads that may still call NNG */
	wire_handle handle;
	void *user;
	int worker_count;
	worker workers[];
};

static nng_msg *question_wait(worker *w)
{
	nng_aio_set_timeout(w->aio, NNG_DURATION_INFINITE);
	nng_ctx_recv(w->ctx, w->aio);
	nng_aio_wait(w->aio);
	return nng_aio_result(w->aio) ? NULL : nng_aio_get_msg(w->aio);
}

/* What cannot be sent is dropped: the asker repeats. */
static void answer_send(worker *w, nng_msg *question)
{
	nng_msg_clear(question);
	if (w->answer.bad || w->answer.len > WIRE_MESSAGE_MAX ||
	    nng_msg_append(question, w->answer.bytes, w->answer.len) != 0) {
		nng_msg_free(question);
		return;
	}
	nng_aio_set_timeout(w->aio, SEND_PATIENCE_MS);
	nng_aio_set_msg(w->aio, question);
	nng_ctx_send(w->ctx, w->aio);
	nng_aio_wait(w->aio);
	if (nng_aio_result(w->aio) != 0)
		nng_msg_free(nng_aio_get_msg(w->aio));
}

static void *worker_run(void *user)
{
	worker *w = user;
	wire_answerer *a = w->answerer;
	while (!atomic_load(&a->closing)) {
		nng_msg *question = question_wait(w);
		if (!question)
			continue;
		buf_clear(&w->answer);
		if (a->handle(a->user, w->number, nng_msg_body(question), nng_msg_len(question), &w->answer) == HUB_OK)
			answer_send(w, question);
		else
			nng_msg_free(question);
	}
	nng_ctx_close(w->ctx);
	atomic_fetch_sub(&a->working, 1);
	return NULL;
}

static hub_status worker_start(wire_answerer *a, int number)
{
	worker *w = &a->workers[number];
	*w = (worker){ .answerer = a, .number = number };
	if (nng_aio_alloc(&w->aio, NULL, NULL) != 0)
		return HUB_NOMEM;
	if (nng_ctx_open(&w->ctx, a->socket) != 0)
		return HUB_NOMEM;
	atomic_fetch_add(&a->working, 1);
	w->running = pthread_create(&w->thread, NULL, worker_run, w) == 0;
	if (!w->running) {
		atomic_fetch_sub(&a->working, 1);
		nng_ctx_close(w->ctx);
	}
	return w->running ? HUB_OK : HUB_FAILED;
}

static hub_status answerer_open(socket_side side, const char *url, const wire_tls *tls, int threads,
				wire_handle handle, void *user, wire_answerer **ret, hub_fault *fault)
{
	assert(threads > 0);
	wire_answerer *a = fail_calloc(1, sizeof *a + (size_t)threads * sizeof *a->workers);
	if (!a)
		return HUB_NOMEM;
	a->handle = handle;
	a->user = user;
	a->worker_count = threads;
	int e = nng_rep0_open(&a->socket);
	if (e) {
		free(a);
		return socket_fault(fault, "open a socket for", url, e);
	}
	hub_status st = socket_setup(a->socket, &a->peers, fault);
	for (int i = 0; st == HUB_OK && i < threads; i++)
		st = worker_start(a, i);
	if (st == HUB_OK)
		st = socket_start(a->socket, side, url, tls, &a->listener, fault);
	if (st != HUB_OK) {
		wire_answerer_close(a);
		return st;
	}
	a->watched = watch_begin(url, side, SP_REP, &a->peers);
	*ret = a;
	return HUB_OK;
}

hub_status wire_answer_dial(const char *url, const wire_tls *tls, int threads, wire_handle handle, void *user,
			    wire_answerer **ret, hub_fault *fault)
{
	return answerer_open(SOCKET_DIAL, url, tls, threads, handle, user, ret, fault);
}

hub_status wire_answer_listen(const char *url, const wire_tls *tls, int threads, wire_handle handle, void *user,
			      wire_answerer **ret, hub_fault *fault)
{
	return answerer_open(SOCKET_LISTEN, url, tls, threads, handle, user, ret, fault);
}

void wire_answerer_close(wire_answerer *a)
{
	if (!a)
		return;
	/* NNG 1.5.2 does not survive nng_close beside a context at work: the workers end first. */
	atomic_store(&a->closing, true);
	while (atomic_load(&a->working)) {
		for (int i = 0; i < a->worker_count; i++)
			if (a->workers[i].running)
				nng_aio_cancel(a->workers[i].aio);
		usleep(CANCEL_AGAIN);
	}
	watch_end(a->watched);
	listener_close(a->listener);
	nng_close(a->socket);
	for (int i = 0; i < a->worker_count; i++) {
		worker *w = &a->workers[i];
		if (w->running)
			pthread_join(w->thread, NULL);
		if (w->aio)
			nng_aio_free(w->aio);
		buf_fini(&w->answer);
	}
	free(a);
}

bool wire_answerer_connected(const wire_answerer *a)
{
	return atomic_load(&a->peers) > 0;
}
