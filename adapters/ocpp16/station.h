/*
 * A charging station as the hub sees it, whatever version of the protocol it speaks: its connectors,
 * who charges at them, and the numbers of transactions. No JSON, no socket. Everything that must
 * outlive the process is in the host's counters.
 */
#ifndef OCPP16_STATION_H
#define OCPP16_STATION_H

#include <hub/adapter.h>

enum { TAG_MAX = 21, FAULT_MAX = 32, CONNECTORS_MAX = 64, RECENT = 32 };

typedef enum boot_state { BOOT_ACCEPTED, BOOT_PENDING, BOOT_REJECTED } boot_state;

/* Peculiarities of makers, as options name them. */
typedef enum quirk {
	QUIRK_LENIENT = 1 << 0,	  /* unknown members, other case of words, times without zone, null for absent pass */
	QUIRK_WH_IS_KWH = 1 << 1, /* registers are in kWh although they say Wh */
	QUIRK_ZERO_STOP = 1 << 2, /* meterStop 0 stands for "unknown" */
} quirk;

typedef struct connector {
	int id;
	int32_t transaction;   /* 0: none is known to run */
	char tag[TAG_MAX];     /* who runs it */
	char fault[FAULT_MAX]; /* raised and not cleared, "" if none */
	hub_time sampled;      /* of the last interval value */
} connector;

typedef struct station {
	struct station *next;
	char name[65];
	uint32_t quirks;
	connector *connectors; /* in the order they were heard of */
	size_t connector_count;
	void *speaker;		 /* the session that speaks for it; NULL: none */
	char last_id[37];	 /* of the CALL answered last … */
	uint64_t last_hash;	 /* … over all of it … */
	char *last_answer;	 /* … and what was said; NULL: nothing yet */
	uint64_t recent[RECENT]; /* hashes of orders sent */
	uint32_t recent_ended;	 /* a bit each: it has its result */
	size_t recent_at;
} station;

enum { BUCKETS = 4096 };
typedef struct stations {
	const hub_host_api *api;
	hub_host *host;
	station *buckets[BUCKETS];
} stations;

void stations_fini(stations *all);
/* The station of this name, made when it is new. NULL: no memory. */
station *station_of(stations *all, const char *name);
/* The connector, made when it is new; NULL: no memory, or more than a station can have. */
connector *station_connector(station *s, int id);

/*
 * The number of a transaction that starts: a new one, or the old one if the same start is told
 * again, before or after a restart of anybody.
 */
hub_status station_start(stations *all, station *s, int id, const char *tag, int64_t meter, hub_time time,
			 int32_t *ret);
/* The connector of a transaction; NULL: nobody knows it any more. */
connector *station_running(stations *all, station *s, int32_t transaction);
void station_stop(connector *c);
/* Whether the tag runs a transaction at another connector than c, of any station. */
bool stations_tag_runs(const stations *all, const char *tag, const connector *c);

/* What the core says of a tag ("charge_tags") and of a station ("chargers"). */
typedef struct tag_verdict {
	const char *status; /* "Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx" */
	char expiry[32];    /* as the table has it; "" if none */
	char parent[TAG_MAX];
	bool alone; /* one transaction at a time */
} tag_verdict;
void stations_tag(const stations *all, const char *tag, bool unknown_passes, tag_verdict *ret);
boot_state stations_boot(const stations *all, const char *name, boot_state fallback);

uint64_t hash_text(uint64_t seed, const void *bytes, size_t len); /* FNV-1a; 0 seeds anew */

#endif
