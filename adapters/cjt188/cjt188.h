/* CJ/T 188 inside: the instance, a session, and what its parts say to each other. */
#ifndef CJT188_CJT188_H
#define CJT188_CJT188_H

#include <hub/adapter.h>

#include "data.h"

enum { JOBS_MAX = 16, NOISE_KEPT = 256, COMMAND_ID_MAX = 129 };

typedef struct instance {
	const hub_host_api *api;
	hub_host *host;
	char *meters; /* NUL-separated, ended by an empty one; empty: the replicated table's */
	hub_time interval, timeout; /* µs; interval 0: listen only */
	unsigned retries, preamble;
	uint8_t type;      /* T of questions */
	bool low_first;    /* identifiers as 2018 sends them */
	bool cold_first;
	int64_t utc_offset; /* µs */
} instance;

/* What a command asked for: read the meter, or move its valve and see that it moved. */
typedef struct job {
	char command[COMMAND_ID_MAX];
	char meter[CJT_ADDRESS_TEXT];
	cjt_valve want; /* CJT_VALVE_UNKNOWN: only read */
	bool told;      /* "sent" was emitted, now or by a process before */
	bool written;   /* the valve's order is out, or may be: from now on only read back */
	hub_time expires;
} job;

typedef struct master {
	bool polls, in_round, waiting, is_job;
	hub_time round_at, deadline;
	char meter[CJT_ADDRESS_TEXT], asked_meter[CJT_ADDRESS_TEXT];
	unsigned tries;
	uint8_t sequence;
	job jobs[JOBS_MAX];
	size_t job_count;
} master;

typedef struct session {
	instance *in;
	hub_link *link;
	size_t taken, index; /* records of the frame at hand: given to the host before; reached now */
	const cjt_frame *frame;
	uint8_t noise[NOISE_KEPT]; /* the run of bytes that began no frame; the first of noise_len */
	size_t noise_len;
	bool seen, framed; /* in this document: anything, a frame or a refusal */
	master master;
} session;

/* Every record of the frame at hand goes through this, so that a repeat after HUB_AGAIN skips what was taken. */
hub_status session_emit(session *s, hub_record *r);
hub_status session_refuse(session *s, const hub_fault *fault, const uint8_t *raw, size_t len);

void master_start(session *s);
hub_status master_timer(session *s, hub_time now);
hub_status master_command(session *s, const hub_command *command);
/* The last record of an answer: the result of the command that it answers. good: no error reply. */
hub_status master_result(session *s, const cjt_frame *f, bool good, const char *reason);
/* After the frame's records are taken. */
void master_answered(session *s, const cjt_frame *f, bool good);

hub_status options_read(instance *in, const hub_setting *settings, hub_fault *fault);

#endif
