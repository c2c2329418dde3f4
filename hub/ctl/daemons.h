/* What a hub consists of: the units that `hubctl up` supervises, from one table. */
#ifndef CTL_DAEMONS_H
#define CTL_DAEMONS_H

#include "ctl/cluster.h"
#include "ctl/place.h"
#include "ctl/supervise.h"

enum { DAEMON_UNITS_MAX = 20, DAEMON_ARGS_MAX = 32 };

typedef struct daemons {
	unit units[DAEMON_UNITS_MAX];
	size_t count;
	char *argv[DAEMON_UNITS_MAX][DAEMON_ARGS_MAX];
	bool to_files; /* the services write to DATA/log instead of our standard error */
} daemons;

typedef struct daemon_settings {
	const char *database;    /* an external one; "" for the cluster */
	const char *http_listen;
	bool mqtt;               /* with the broker */
	const char *simulator;   /* "" for none; several parted by ';' */
	const char *party_listen, *party_host;
	const char *topology, *policies;
	const char *charger_listen, *charger_plain;
	const char *egress_allow, *egress_authorities;
	const char *public_listen, *public_cert, *public_key;
	int64_t ready_timeout, stop_timeout; /* µs */
} daemon_settings;

/* cluster: NULL with an external database. Paths and settings are borrowed while the units live. */
hub_status daemons_list(const ctl *c, const place *p, const cluster *k, const daemon_settings *s, bool to_files,
			daemons *ret, hub_fault *fault);
void daemons_fini(daemons *d);

#endif
