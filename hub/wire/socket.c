#include "wire/socket.h"

#include "wire/listener.h"

enum { RECONNECT_MIN_MS = 10, RECONNECT_MAX_MS = 1000 };

hub_status socket_fault(hub_fault *fault, const char *what, const char *url, int nng_error)
{
	hub_fault_set(fault, "wire.socket", "url", "cannot %s %s: %s", what, url, nng_strerror(nng_error));
	return nng_error == NNG_ENOMEM ? HUB_NOMEM : nng_error == NNG_EADDRINUSE ? HUB_CONFLICT : HUB_FAILED;
}

nng_duration socket_ms(int64_t us)
{
	if (us <= 0)
		return NNG_DURATION_INFINITE;
	return us / 1000 >= INT32_MAX ? INT32_MAX : (nng_duration)((us + 999) / 1000);
}

static void peer_changed(nng_pipe pipe, nng_pipe_ev event, void *user)
{
	(void)pipe;
	atomic_fetch_add((atomic_int *)user, event == NNG_PIPE_EV_ADD_POST ? 1 : -1);
}

hub_status socket_setup(nng_socket s, atomic_int *peers, hub_fault *fault)
{
	int e = nng_socket_set_size(s, NNG_OPT_RECVMAXSZ, WIRE_MESSAGE_MAX);
	if (!e && peers) {
		e = nng_pipe_notify(s, NNG_PIPE_EV_ADD_POST, peer_changed, peers);
		if (!e)
			e = nng_pipe_notify(s, NNG_PIPE_EV_REM_POST, peer_changed, peers);
	}
	return e ? socket_fault(fault, "set up", "socket", e) : HUB_OK;
}

static int dial_to(nng_socket s, const char *url, nng_tls_config *config)
{
	nng_dialer d;
	int e = nng_dialer_create(&d, s, url);
	if (e)
		return e;
	if (config)
		e = nng_dialer_set_ptr(d, NNG_OPT_TLS_CONFIG, config);
	if (!e)
		e = nng_dialer_set_ms(d, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS);
	if (!e)
		e = nng_dialer_set_ms(d, NNG_OPT_RECONNMAXT, RECONNECT_MAX_MS);
	if (!e)
		e = nng_dialer_start(d, NNG_FLAG_NONBLOCK);
	if (e)
		nng_dialer_close(d);
	return e;
}

hub_status socket_start(nng_socket s, socket_side side, const char *url, const wire_tls *tls,
			struct listener **ret_listener, hub_fault *fault)
{
	nng_tls_config *config = NULL;
	if (tls && tls->ca) {
		hub_status st = tls_config(tls, side, url, &config, fault);
		if (st != HUB_OK)
			return st;
	}
	int e = side == SOCKET_LISTEN ? listener_open(s, url, config, ret_listener) : dial_to(s, url, config);
	if (config)
		nng_tls_config_free(config);
	return e ? socket_fault(fault, side == SOCKET_LISTEN ? "listen at" : "dial", url, e) : HUB_OK;
}
