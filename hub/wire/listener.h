/*
 * A listener that stays one. NNG 1.5 takes a peer that went away before its handshake for its own
 * closing and accepts nobody any more, without a word: a core killed while it dials, or whoever
 * connects and hangs up, would make the zone deaf. Its statistics show it, so they are looked at
 * and the listener is opened anew; peers that are connected then dial again.
 */
#ifndef WIRE_LISTENER_H
#define WIRE_LISTENER_H

#include "wire/socket.h"

typedef struct listener listener;

/* 0 or NNG's error. config is held as long as it needs it; NULL for ipc. */
int listener_open(nng_socket s, const char *url, nng_tls_config *config, listener **ret);
void listener_close(listener *l); /* before the socket; NULL is fine */

#endif
