/* DL/T 645 inside: the instance, a session, and what its parts say to each other. */
#ifndef DLT645_DLT645_H
#define DLT645_DLT645_H

#include <hub/adapter.h>

#include "frame.h"

enum { LIST_MAX = 64, JOBS_MAX = 16, JOINS_MAX = 16, JOIN_BYTES_MAX = 8192, NOISE_KEPT = 256, COMMAND_ID_MAX = 129 };

typedef struct identifier {
	uint32_t number;
	uint8_t width; /* bytes: 4 for 2007, 2 for 1997 */
} identifier;

typedef struct instance {
	const hub_host_api *api;
	hub_host *host;
	char *meters; /* NUL-separated, ended by an empty one; empty: the replicated table's */
	identifier list[LIST_MAX];
	size_t list_count;
	hub_time interval, timeout; /* µs; interval 0: listen only */
	unsigned retries, preamble;
	int64_t utc_offset; /* µs */
} instance;

/* A read ordered by command. */
typedef struct job {
	char command[COMMAND_ID_MAX];
	char meter[DLT_ADDRESS_TEXT];
	identifier what;
	hub_time expires;
} job;

typedef struct master {
	bool polls, in_round, waiting, is_job;
	hub_time round_at, deadline;
	char meter[DLT_ADDRESS_TEXT]; /* being polled */
	size_t item;
	bool answered[2], silent[2]; /* by version: 0 is 1997, 1 is 2007 */
	identifier asked;
	char asked_meter[DLT_ADDRESS_TEXT];
	unsigned tries;
	uint8_t follow; /* 0: the first frame; else the sequence number asked for */
	job jobs[JOBS_MAX];
	size_t job_count;
} master;

/* The first parts of an answer that needs several frames. */
typedef struct join {
	char meter[DLT_ADDRESS_TEXT];
	identifier what;
	uint8_t next; /* sequence number that must come, 2007 only */
	uint8_t *bytes;
	size_t len, cap;
} join;

typedef struct session {
	instance *in;
	hub_link *link;
	size_t taken, index; /* records of the frame at hand: given to the host before; reached now */
	const dlt_frame *frame;
	uint8_t noise[NOISE_KEPT]; /* the run of bytes that began no frame; the first of noise_len */
	size_t noise_len;
	uint8_t noise_last; /* its last byte that is no FEH */
	bool seen, framed;  /* in this document: anything, a frame or a refusal */
	join joins[JOINS_MAX];
	const join *whole; /* what the frame at hand completed, until its records are taken */
	size_t join_count;
	master master;
} session;

/* How a frame bears on what was asked; the records it gives go first. */
typedef enum answer { ANSWER_NONE, ANSWER_DONE, ANSWER_MORE, ANSWER_ERROR } answer;

/* Every record of the frame at hand goes through this, so that a repeat after HUB_AGAIN skips what was taken. */
hub_status session_emit(session *s, hub_record *r);
hub_status session_refuse(session *s, const hub_fault *fault, const uint8_t *raw, size_t len);

void master_start(session *s);
hub_status master_timer(session *s, hub_time now);
hub_status master_command(session *s, const hub_command *command);
/* Whether the frame answers the read ordered by a command: its result is to be emitted. */
const job *master_job(const session *s, const dlt_frame *f);
/* After the frame's records are taken. */
void master_answered(session *s, const dlt_frame *f, answer a);
hub_status master_result(session *s, const job *j, const char *state, const char *reason);

/* Adds a part; *ret_whole is set with the last one. HUB_REJECT with *fault: out of sequence. */
hub_status join_first(session *s, const dlt_frame *f, identifier what, const uint8_t *bytes, size_t len);
hub_status join_next(session *s, const dlt_frame *f, identifier what, const uint8_t *bytes, size_t len, bool last,
		     const join **ret_whole, hub_fault *fault);
void join_drop(session *s, const join *j);

bool identifier_parse(const char *text, size_t len, identifier *ret);
hub_status options_read(instance *in, const hub_setting *settings, hub_fault *fault);

#endif
