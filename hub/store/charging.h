/*
 * Charging sessions and their charges as rows. A session is a row from its first word on; it is charged once,
 * under the lock of its row. The rules are in hub/billing/bills_charging.h.
 */
#ifndef STORE_CHARGING_H
#define STORE_CHARGING_H

#include "store/store.h"

/* A start or a stop that was told. */
typedef struct charging_word {
	const char *station, *transaction, *channel, *tag;
	int64_t point; /* 0: none */
} charging_word;
/* Makes or wakes the sessions' rows, in the caller's transaction. */
hub_status charging_touch(store *db, int64_t party, const charging_word *list, size_t count);

/* What is held at a station or of a tag (NULL: any) is looked at again: what it lacked may be there. */
hub_status charging_wake(store *db, const char *station, const char *tag);

typedef struct charging_key {
	int64_t party;
	const char *station, *transaction;
	bool told; /* that it never closes */
} charging_key;
/* One that is due, locked until the end of the caller's transaction; HUB_MISSING: none. */
hub_status charging_take(store *db, arena *a, charging_key *ret);

typedef struct charging_case {
	int64_t id, point, account, holder; /* 0: none */
	hub_time started, ended, heard;	    /* 0: not known */
	int64_t start_wh, stop_wh;
	const char *problem; /* of charging_session (store/charger.h) */
	const char *tariff;  /* of the tag, else of the station; "": none */
	const char *channel;
} charging_case;
hub_status charging_case_of(store *db, const charging_key *k, arena *a, charging_case *ret);

typedef struct charging_sample {
	hub_time time;
	int64_t wh;
} charging_sample;
/* Registers told in between, by time. */
hub_status charging_samples(store *db, const charging_key *k, arena *a, charging_sample **ret, size_t *ret_count);

/* state: "waiting", "charged", "free", "held"; looked at again after `wait` µs. */
hub_status charging_end(store *db, const charging_key *k, const char *state, const char *cause, int64_t wait,
			bool told);

typedef struct charging_charge {
	int64_t account, id, party, point, tariff;
	const char *station, *transaction;
	hub_time started, ended;
	int64_t energy_wh, amount; /* smallest unit */
	const char *lines;	   /* JSON array */
	int32_t cycle;		   /* of its bill; 0: none yet */
} charging_charge;
/* HUB_CONFLICT: it is there. */
hub_status charging_charge_put(store *db, const charging_charge *c);
/* What the cycle's bill has, and what ended before `before` and no bill has; by account, party, end. */
hub_status charging_open(store *db, const int64_t *accounts, size_t count, int32_t cycle, hub_time before, arena *a,
			 charging_charge **ret, size_t *ret_count);
hub_status charging_billed(store *db, const charging_charge *list, size_t count, int32_t cycle);
hub_status charging_of_cycle(store *db, int64_t account, int32_t cycle, int64_t party, arena *a, charging_charge **ret,
			     size_t *ret_count);

/* A session as people see it. */
typedef struct charging_row {
	int64_t id, party, point, account, holder;
	const char *station, *transaction, *channel, *tag, *point_code, *account_code, *operator_code;
	hub_time started, ended, last_update;
	bool has_start, has_stop, has_energy;
	int64_t energy_wh; /* so far, if it is open */
	const char *reason, *problem, *state, *cause;
	int64_t amount;
	int32_t cycle;
	const char *lines, *tariff;	     /* "": not charged */
	const char *power, *state_of_charge; /* as last told while it runs: "7.4 kW"; "" */
} charging_row;

typedef struct charging_filter {
	int64_t id;		/* 0: any */
	int64_t before;		/* below this number; 0: from the newest */
	const char *station;	/* NULL: any */
	const char *transaction; /* of the station; NULL: any */
	int64_t point, account; /* 0: any */
	int64_t seen_by;	/* its operator, payer, or an operator or supplier of the point; 0: everybody's */
	const char *state;	/* "open", "closed", "problem"; "": any */
	hub_time silent_since;	/* not 0: open ones of which nothing was heard since */
} charging_filter;
hub_status charging_list(store *db, const charging_filter *f, size_t limit, arena *a, charging_row **ret,
			 size_t *ret_count);

#endif
