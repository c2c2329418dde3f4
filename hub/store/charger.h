/* Charging stations, charge tags, and the sessions that stations' transactions add up to. */
#ifndef STORE_CHARGER_H
#define STORE_CHARGER_H

#include "store/store.h"

typedef struct charger {
	int64_t id, party;
	const char *name;     /* its identity: 1–64 printable characters without blanks */
	const char *instance; /* which speaks with it */
	const char *state;    /* "accepted", "pending", "rejected": what its BootNotification is told */
	int profile; /* the least security profile it may use: 0 none, 1 password, 2 password over TLS, 3 certificate */
	bool has_secret;
	const char *tariff; /* code: what it asks of those whose tag has none; "": nothing */
} charger;

/* Adds, or makes state, profile and instance as given. Bumps epoch "charger". HUB_CONFLICT: another party's. */
hub_status charger_put(store *db, const charger *c, bool *ret_changed, hub_fault *fault);
hub_status charger_get(store *db, const char *name, arena *a, charger *ret);
/* Of an instance, NULL: all; by name above `after`. */
hub_status charger_list(store *db, const char *instance, const char *after, size_t limit, arena *a, charger **ret,
			size_t *ret_count);

/* Those of a party (0: all), by number above `after`. */
hub_status charger_list_of(store *db, int64_t party, uint64_t after, size_t limit, arena *a, charger **ret, size_t *ret_count);

/* What a station measures now: points by connector; channel "": the station as a whole. */
typedef struct charger_place {
	int64_t point;
	const char *code, *channel;
} charger_place;
hub_status charger_places(store *db, int64_t party, const char *name, hub_time at, arena *a, charger_place **ret,
			  size_t *ret_count);

/* What is kept of its password (identity/station_secret.h); "": none. HUB_MISSING. */
hub_status charger_secret_set(store *db, const char *name, const char *secret);
hub_status charger_secret(store *db, const char *name, arena *a, const char **ret);

typedef struct charge_tag {
	const char *tag; /* in capitals */
	int64_t party;
	const char *state; /* "accepted", "blocked" */
	hub_time valid_to; /* 0: open */
	const char *parent;
	bool alone;
	int64_t account;    /* who pays; 0: nobody */
	const char *tariff; /* code; "": the station's */
} charge_tag;

hub_status charge_tag_put(store *db, const charge_tag *t, hub_fault *fault);
hub_status charge_tag_list(store *db, const char *after, size_t limit, arena *a, charge_tag **ret, size_t *ret_count);

typedef struct charging_session {
	const char *station, *transaction, *channel, *tag, *point; /* point's code, "" if none */
	hub_time started, ended, last_update;			   /* 0: not, or not known */
	bool has_start, has_stop, has_energy;
	int64_t start_wh, stop_wh, energy_wh; /* whole Wh; energy only if the register did not fall */
	const char *reason;
	const char *problem; /* "", "open", "no_start", "no_register", "register_fell", "ends_before_start" */
	int64_t id;
} charging_session;

/* Those of a station (NULL: all), newest first, older than `before` (0: from the newest). silent_since not 0: only open
   ones of which nothing was heard since then. */
hub_status charging_session_list(store *db, const char *station, hub_time silent_since, int64_t before, size_t limit,
				 arena *a, charging_session **ret, size_t *ret_count);

#endif
