#include "wire/listener.h"

#include <stdlib.h>

#include "base/fail.h"

enum { LOOK_EVERY_MS = 250, LONELY_LOOKS = 12, PEER_MODE = 0660 };

struct listener {
	nng_socket socket;
	nng_listener l;
	bool open; /* l is */
	int lonely; /* looks in a row at which nobody was connected */
	atomic_bool closing;
	nng_tls_config *config;
	nng_aio *tick;
	char *url;
};

static int begin(listener *k)
{
	int e = nng_listener_create(&k->l, k->socket, k->url);
	if (e)
		return e;
	e = k->config ? nng_listener_set_ptr(k->l, NNG_OPT_TLS_CONFIG, k->config)
		      : nng_listener_set_int(k->l, NNG_OPT_IPC_PERMISSIONS, PEER_MODE);
	if (e == NNG_ENOTSUP && !k->config)
		e = 0;
	if (!e)
		e = nng_listener_start(k->l, 0);
	if (e)
		nng_listener_close(k->l);
	k->open = !e;
	return e;
}

/*
 * Deaf by its error count, or perhaps: one form of deafness shows in no count, so a listener at
 * which nobody has been for three seconds is opened anew too. Nobody is there to notice.
 */
static bool is_deaf(listener *k)
{
	nng_stat *all;
	if (nng_stats_get(&all))
		return false;
	nng_stat *own = nng_stat_find_listener(all, k->l), *other = own ? nng_stat_find(own, "other") : NULL;
	nng_stat *pipes = own ? nng_stat_find(own, "pipes") : NULL;
	bool deaf = other && nng_stat_value(other) > 0;
	k->lonely = pipes && !nng_stat_value(pipes) ? k->lonely + 1 : 0;
	nng_stats_free(all);
	return deaf || k->lonely >= LONELY_LOOKS;
}

static void look(void *user)
{
	listener *k = user;
	/* Not the result: after a stop of the whole process a sleep may end as timed out. */
	if (atomic_load(&k->closing))
		return;
	if (k->open && is_deaf(k)) {
		nng_listener_close(k->l);
		k->open = false;
		k->lonely = 0;
	}
	/* The address may be free only a moment later; then it is tried again. */
	if (!k->open)
		begin(k);
	nng_sleep_aio(LOOK_EVERY_MS, k->tick);
}

int listener_open(nng_socket s, const char *url, nng_tls_config *config, listener **ret)
{
	listener *k = fail_calloc(1, sizeof *k);
	if (!k)
		return NNG_ENOMEM;
	k->socket = s;
	k->url = fail_strdup(url);
	if (config)
		nng_tls_config_hold(config);
	k->config = config;
	int e = k->url ? nng_aio_alloc(&k->tick, look, k) : NNG_ENOMEM;
	if (!e)
		e = begin(k);
	if (e) {
		listener_close(k);
		return e;
	}
	nng_sleep_aio(LOOK_EVERY_MS, k->tick);
	*ret = k;
	return 0;
}

void listener_close(listener *k)
{
	if (!k)
		return;
	atomic_store(&k->closing, true);
	if (k->tick) {
		nng_aio_stop(k->tick);
		nng_aio_free(k->tick);
	}
	if (k->open)
		nng_listener_close(k->l);
	if (k->config)
		nng_tls_config_free(k->config);
	free(k->url);
	free(k);
}
