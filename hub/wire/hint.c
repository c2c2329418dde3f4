#include "wire/listener.h"

#include "base/fail.h"

#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CANCEL_AGAIN = 1000 }; /* µs */

struct wire_teller {
	nng_socket socket;
};

struct wire_hearer {
	nng_socket socket;
	struct listener *listener; /* NULL if it dials */
	wire_hear hear;
	void *user;
	nng_aio *aio; /* the thread's */
	atomic_bool closing, listening;
	pthread_t thread;
	bool running;
};

hub_status wire_tell_open(wire_teller **ret)
{
	wire_teller *t = fail_calloc(1, sizeof *t);
	if (!t)
		return HUB_NOMEM;
	if (nng_pub0_open(&t->socket) != 0) {
		free(t);
		return HUB_NOMEM;
	}
	hub_status st = socket_setup(t->socket, NULL, NULL);
	if (st != HUB_OK) {
		wire_teller_close(t);
		return st;
	}
	*ret = t;
	return HUB_OK;
}

hub_status wire_tell_dial(wire_teller *t, const char *url, const wire_tls *tls, hub_fault *fault)
{
	return socket_start(t->socket, SOCKET_DIAL, url, tls, NULL, fault);
}

void wire_tell(wire_teller *t, const uint8_t *msg, size_t len)
{
	nng_msg *m;
	if (len > WIRE_MESSAGE_MAX || nng_msg_alloc(&m, len) != 0)
		return;
	memcpy(nng_msg_body(m), msg, len);
	if (nng_sendmsg(t->socket, m, NNG_FLAG_NONBLOCK) != 0)
		nng_msg_free(m);
}

void wire_teller_close(wire_teller *t)
{
	if (!t)
		return;
	nng_close(t->socket);
	free(t);
}

static void *hearer_run(void *user)
{
	wire_hearer *h = user;
	while (!atomic_load(&h->closing)) {
		nng_recv_aio(h->socket, h->aio);
		nng_aio_wait(h->aio);
		if (nng_aio_result(h->aio) != 0)
			continue;
		nng_msg *m = nng_aio_get_msg(h->aio);
		h->hear(h->user, nng_msg_body(m), nng_msg_len(m));
		nng_msg_free(m);
	}
	atomic_store(&h->listening, false);
	return NULL;
}

hub_status wire_hear_listen(const char *url, const wire_tls *tls, wire_hear hear, void *user, wire_hearer **ret,
			    hub_fault *fault)
{
	wire_hearer *h = fail_calloc(1, sizeof *h);
	if (!h)
		return HUB_NOMEM;
	h->hear = hear;
	h->user = user;
	int e = nng_sub0_open(&h->socket);
	if (e) {
		free(h);
		return socket_fault(fault, "open a socket for", url, e);
	}
	hub_status st = socket_setup(h->socket, NULL, fault);
	if (st == HUB_OK && (e = nng_socket_set(h->socket, NNG_OPT_SUB_SUBSCRIBE, "", 0)) != 0)
		st = socket_fault(fault, "subscribe at", url, e);
	if (st == HUB_OK && nng_aio_alloc(&h->aio, NULL, NULL) != 0)
		st = HUB_NOMEM;
	if (st == HUB_OK) {
		atomic_store(&h->listening, true);
		h->running = pthread_create(&h->thread, NULL, hearer_run, h) == 0;
		st = h->running ? socket_start(h->socket, SOCKET_LISTEN, url, tls, &h->listener, fault) : HUB_FAILED;
	}
	if (st != HUB_OK) {
		wire_hearer_close(h);
		return st;
	}
	*ret = h;
	return HUB_OK;
}

void wire_hearer_close(wire_hearer *h)
{
	if (!h)
		return;
	/* NNG 1.5.2 does not survive nng_close beside somebody who waits: the thread ends first. */
	atomic_store(&h->closing, true);
	while (h->running && atomic_load(&h->listening)) {
		nng_aio_cancel(h->aio);
		usleep(CANCEL_AGAIN);
	}
	listener_close(h->listener);
	nng_close(h->socket);
	if (h->running)
		pthread_join(h->thread, NULL);
	if (h->aio)
		nng_aio_free(h->aio);
	free(h);
}
