/*
 * What benches through all daemons play on: a private data directory and database with hubd, egress and, for MQTT, mosquitto
 * as they are installed, and recipients of our own on loopback.
 */
#ifndef CTL_STAGE_H
#define CTL_STAGE_H

#include <mosquitto.h>

#include "ctl/bench.h"
#include "ctl/place.h"
#include "intake/intake.h"

enum { STAGE_DAEMONS = 4, STAGE_LISTENERS = 64 };

typedef struct stage {
	bench *bench;
	ctl there; /* the bench's directory as a data directory */
	place place;
	const char *conninfo;
	store *db;
	inforce *policies;
	intake *in;
	intake_worker *worker;
	arena memory;
	pid_t daemons[STAGE_DAEMONS];
	struct mosquitto *listeners[STAGE_LISTENERS];
	unsigned listener_count;
	bool mqtt;
	hub_fault *fault;
} stage;

/* folder: of this bench, below the benches' directory. mqtt: with a broker. Nothing runs yet but PostgreSQL. */
hub_status stage_open(stage *s, bench *b, const char *folder, bool mqtt, hub_fault *fault);
/* One program, into a slot of its own below STAGE_DAEMONS. */
hub_status stage_launch(stage *s, size_t slot, const char *const *argv);
/* egress, hubd, the broker, and adapterd if its instances are wanted. */
hub_status stage_start(stage *s, bool adapters);
/* A recipient of MQTT deliveries, a thread of its own; `code` and `user` (the callback's) live as long as it. */
hub_status stage_listen(stage *s, const char *code, void *user,
			void (*on_message)(struct mosquitto *, void *, const struct mosquitto_message *));
/* Says that everything up to the end of this message has come. */
void stage_acknowledge(struct mosquitto *m, const char *code, const struct mosquitto_message *msg);
/* Ends what was begun, whatever of it. */
void stage_close(stage *s);

#endif
