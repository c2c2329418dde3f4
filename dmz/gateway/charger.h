/*
 * The charger port: WebSockets of charging stations (OCPP-J 1.6), wss with password or certificate and,
 * where an option opens it, plain ws. Whether a station may come in, the core decides; its messages go
 * to adapterd unread. docs/decisions/0055-charger-port.md
 */
#ifndef GATEWAY_CHARGER_H
#define GATEWAY_CHARGER_H

#include "forward.h"

typedef struct charger_settings {
	const char *listen;  /* ADDRESS:PORT of wss; "": none */
	const char *plain;   /* the same of ws; "": none */
	const char *state;   /* directory of certificate, authority and revocation list */
	const char *run;     /* directory of adapterd's sockets */
	int64_t header_time; /* µs from the connection to the whole head */
	int64_t ping; /* µs of silence after which a station is asked whether it lives; twice that: it does not */
	unsigned connections; /* of one address */
	unsigned rate, burst; /* openings a second of one address */
	unsigned messages;    /* a second of one station */
} charger_settings;

typedef struct charger_port charger_port;

/* loop: a uv_loop_t. settings and forwarder must outlive it. HUB_FAILED, HUB_REJECT with *fault. */
hub_status charger_open(void *loop, const charger_settings *settings, forwarder *f, charger_port **ret,
			hub_fault *fault);
/* Ends every session; then the loop must turn, and then charger_free. NULL is fine. */
void charger_stop(charger_port *p);
void charger_free(charger_port *p);

#endif
