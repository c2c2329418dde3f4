/* What the four kinds of NNG socket have in common: limits, addresses, TLS, who is connected. */
#ifndef WIRE_SOCKET_H
#define WIRE_SOCKET_H

#include "wire/wire.h"

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>
#include <stdatomic.h>

typedef enum socket_side { SOCKET_LISTEN, SOCKET_DIAL } socket_side;

/* Receive limit and count of connected peers; before the first listener or dialer. */
hub_status socket_setup(nng_socket s, atomic_int *peers, hub_fault *fault);
struct listener;
/*
 * A dialer goes on trying for ever, whether or not somebody listens yet. *ret_listener (NULL if it
 * dials) is closed before the socket.
 */
hub_status socket_start(nng_socket s, socket_side side, const char *url, const wire_tls *tls,
			struct listener **ret_listener, hub_fault *fault);

/* Reads the PEM files; both sides show a certificate and check the other's. Freed by nng_tls_config_free. */
hub_status tls_config(const wire_tls *tls, socket_side side, const char *url, nng_tls_config **ret, hub_fault *fault);

/* HUB_FAILED with "wire.socket" in *fault. */
hub_status socket_fault(hub_fault *fault, const char *what, const char *url, int nng_error);
nng_duration socket_ms(int64_t us); /* rounded up; 0 is for ever */

#endif
