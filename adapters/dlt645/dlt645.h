/* DL/T 645 inside: the instance, a session, and what its parts say to each other. */
#ifndef DLT645_DLT645_H
#define DLT645_DLT645_H

#include <hub/adapter.h>

#include "control.h"
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
	order_key key;      /* of commands to meters that the table "meter_keys" does not have */
} instance;

/* A read goes STEP_READ; a write STEP_WRITE for each of its frames, then STEP_CHECK. */
typedef enum job_step { STEP_READ, STEP_WRITE, STEP_CHECK } job_step;

/* A command under way. */
typedef struct job {
	char command[COMMAND_ID_MAX];
	char meter[DLT_ADDRESS_TEXT];
	identifier what; /* to be read */
	hub_time expires;
	job_step step;
	order order;
	order_key key;
	size_t frame;    /* of the order, the next */
	unsigned checks; /* read back so often, without success */
	bool told;       /* that it was sent */
	bool acked;      /* the meter said yes to the last frame */
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
	bool decided; /* the check's frame at hand gave the job's end */
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
typedef enum answer { ANSWER_NONE, ANSWER_DONE, ANSWER_MORE, ANSWER_ERROR, ANSWER_ACK } answer;

/* Every record of the frame at hand goes through this, so that a repeat after HUB_AGAIN skips what was taken. */
hub_status session_emit(session *s, hub_record *r);
hub_status session_refuse(session *s, const hub_fault *fault, const uint8_t *raw, size_t len);

void master_start(session *s);
hub_status master_timer(session *s, hub_time now);
hub_status master_command(session *s, const hub_command *command);
/* The job whose question the frame answers; NULL: none. */
const job *master_job(const session *s, const dlt_frame *f);
/* The job's result as far as the frame's data, acknowledgement or refusal gives it. */
hub_status job_data(session *s, const job *j, const uint8_t *bytes, size_t len);
hub_status job_ack(session *s, const job *j);
hub_status job_refused(session *s, const job *j, const char *reason);
/* job.c, for master.c: sends the step's frame; false: no room yet. What follows an answer or a silence. */
bool job_send(session *s, job *j, hub_time now);
typedef enum job_next { JOB_NEXT_ASK, JOB_NEXT_LATER, JOB_NEXT_END } job_next;
job_next job_answered(session *s, job *j, answer a);
job_next job_silent(job *j);
const char *job_silence_state(const job *j);
/* NULL, or why the command cannot become a job. */
const char *job_make(const session *s, const hub_command *command, job *j);
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
