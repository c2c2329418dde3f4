/* A station's session with the adapter on a host that remembers all it was told. */
#ifndef TESTS_OCPP16_STAGE_H
#define TESTS_OCPP16_STAGE_H

#include "host/session.h"

enum { TEXT = 4096, KEPT = 64 };

typedef struct stage {
	hub_host *host;
	hub_link *link;
	char sent[KEPT][TEXT];
	bool after_store[KEPT];
	size_t sends;
	char results[KEPT][64];
	size_t result_count, transactions, readings, faults, events, hang_ups;
	char transaction[16], event[64];
	struct {
		char name[96];
		int64_t value;
	} counters[KEPT];
	size_t counter_count;
	hub_time now;
} stage;

extern const hub_peer stage_peer; /* CP001 */

stage *stage_new(void);
void stage_open(stage *s); /* once more, over what its counters kept */
void stage_free(stage *s);

/* The first answer; "" if there was none. */
const char *say(stage *s, const char *text);
const char *say_on(stage *s, hub_link *link, const char *text);
/* A command to connector 1 that expires in a minute. */
hub_status order(stage *s, const char *id, const char *kind, const hub_setting *arguments, size_t count);
/* The station's CALLRESULT to this CALL. */
void answer_to(stage *s, const char *call, const char *payload);

#endif
