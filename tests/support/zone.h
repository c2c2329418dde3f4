/*
 * A zone daemon under test: a real adapterd in a temporary folder, and a core for it in a process
 * of its own, which keeps what it was sent and checks the numbers, as the intake does.
 */
#ifndef SUPPORT_ZONE_H
#define SUPPORT_ZONE_H

#include <jansson.h>
#include <pthread.h>
#include <sys/types.h>

#include "model/batch.h"
#include "wire/order.h"

enum { ZONE_SOURCES = 8 };

/* What the core knows of one (source, epoch). */
typedef struct zone_source {
	char name[65];
	uint64_t epoch, next;
	size_t readings, results, faults;
	int64_t sum;  /* of the readings' values */
	size_t gaps;  /* batches that began above the number expected */
} zone_source;

/* What the core's process and the test both see; it outlives a killed core. */
typedef struct zone_store {
	pthread_mutex_t lock;
	hub_status answer; /* what batches are told instead of HUB_OK */
	bool unpack;       /* look into the records; else count them only */
	zone_source sources[ZONE_SOURCES];
	size_t source_count, batches, repeats;
} zone_store;

typedef struct zone {
	char dir[64];
	pid_t pid, core;
	int store_fd;
	zone_store *store;
	wire_asker *orders;
	uint64_t sequence;
	const char *patience; /* with a child; NULL: the usual */
} zone;

void zone_open(zone *z); /* everything runs */
void zone_close(zone *z);
void zone_daemon_start(zone *z);
void zone_daemon_kill(zone *z, int signal); /* and waits */
void zone_core_start(zone *z); /* this program again, with the words "core URL FD" */
void zone_core_stop(zone *z);  /* killed */
int zone_core_main(char **words);

/* Orders; the report's status. state: the JSON of one instance, NULL if there is none. */
hub_status zone_order(zone *z, const char *what, const char *subject, const void *body, size_t len);
hub_status zone_configure(zone *z, const char *json);
json_t *zone_state(zone *z, const char *instance);
/* Waits until the instance's phase is this one; false after ten seconds. */
bool zone_wait_phase(zone *z, const char *instance, const char *phase);
/* Waits until so many readings of a source are with the core; false after `patience` µs. */
bool zone_wait_readings(zone *z, const char *source, size_t count, int64_t patience);
zone_source zone_source_of(zone *z, const char *source); /* all its epochs together */

int zone_port(void); /* a loopback port that was free just now */
int zone_connect(int port); /* -1: refused */
/* Reads until `text` came or ten seconds passed. */
bool zone_expect(int fd, const char *text);

#endif
