/* The two ports with TLS, the party's and the public one: each a front, and the door behind it in libwebsockets. */
#ifndef GATEWAY_PORTS_H
#define GATEWAY_PORTS_H

#include "entry.h"
#include "front.h"
#include "http.h"

enum { PORTS = 2 };

typedef struct port {
	struct ports *of;
	entry entry;
	serving *serving;
	front *front; /* NULL: closed */
} port;

typedef struct ports {
	port list[PORTS];
	tls *clients;		  /* the party port's */
	const front_guest *guest; /* whose socket is being handed over; else NULL */
} ports;

/* Those that the settings name; zero-initialised before. The ports stay where they are until ports_free. */
hub_status ports_open(ports *p, uv_loop_t *loop, struct lws_context *context, const struct lws_protocols *protocols,
		      const http_settings *settings, limit *limit, hub_fault *fault);
void ports_refresh(ports *p); /* looks at certificates and the revocation list */
void ports_tick(ports *p);    /* once a second: that, and the clocks */
/* As front_stop, front_free. */
void ports_stop(ports *p);
void ports_free(ports *p);

#endif
