/* DATA/hub.conf and the arguments of `hubctl up`: what the supervisor may be told. */
#ifndef CTL_HUBCONF_H
#define CTL_HUBCONF_H

#include "ctl/ctl.h"
#include "base/option.h"

extern const option hubconf_options[];

typedef struct hubconf {
	options *values;       /* the texts below live in it */
	const char *database;  /* "": a private PostgreSQL */
	int64_t database_memory;
	const char *http_listen;
	struct {
		const char *listen, *tls_listen, *token_listen; /* "": no such listener */
		const char *cert, *key;				/* "": the private authority's */
		int64_t journal;				/* bytes */
		bool sync;
	} mqtt;
	const char *simulator; /* "": none */
	const char *party_listen; /* "": closed */
	const char *charger_listen, *charger_plain; /* the same */
	const char *party_host;
	const char *topology;
	const char *policies;  /* "": the installed ones */
	const char *egress_allow, *egress_authorities;
	const char *public_listen, *public_cert, *public_key; /* "": closed; of the private authority */
	int64_t ready_timeout, stop_timeout; /* µs */
} hubconf;

hub_status hubconf_read(const ctl *c, int argc, char **argv, hubconf *ret, hub_fault *fault);
void hubconf_fini(hubconf *conf);

#endif
