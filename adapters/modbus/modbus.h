/* Modbus inside: the instance, a session, and what its parts say to each other. */
#ifndef MODBUS_MODBUS_H
#define MODBUS_MODBUS_H

#include "frame.h"
#include "map.h"

enum {
	MAPS_MAX = 16,
	DEVICES_MAX = 8192,
	IN_FLIGHT_MAX = 16,
	JOBS_MAX = 32,
	QUESTIONS_MAX = 16,
	METER_TEXT = 65,
	LINE_TEXT = 128,
	COMMAND_TEXT = 129,
};

typedef struct mb_device {
	const char *line; /* the peer's address; "": any */
	const char *meter;
	uint8_t unit;
	uint8_t map;
} mb_device;

typedef struct mb_plan {
	const mb_read *reads;
	size_t count;
} mb_plan;

typedef enum mb_framing { FRAMING_AUTO, FRAMING_TCP, FRAMING_RTU } mb_framing;

typedef struct instance {
	const hub_host_api *api;
	hub_host *host;
	arena memory;	       /* of all below */
	mb_map maps[MAPS_MAX]; /* the first is that of units without a device */
	mb_plan plans[MAPS_MAX][MB_GROUPS_MAX];
	size_t map_count;
	const mb_device *devices;
	size_t device_count;
	mb_framing framing;
	hub_time timeout, silence, dead_retry; /* µs */
	unsigned retries, in_flight;
	uint8_t assumed_function; /* of an answer without its question; 0: none is assumed */
	uint16_t assumed_address;
} instance;

typedef struct unit {
	const mb_device *device;
	hub_time due[MB_GROUPS_MAX];	 /* of the next round */
	size_t cursor[MB_GROUPS_MAX];	 /* reads of this round done or asked; plan's count: none open */
	uint64_t refused[MB_GROUPS_MAX]; /* bits of reads that the device knows not */
	unsigned open;			 /* asks in flight */
	unsigned dead;			 /* rounds without an answer */
} unit;

typedef enum job_state {
	JOB_READ,  /* reads are to be asked */
	JOB_WRITE, /* the write is to be sent: once, and never again */
	JOB_CHECK, /* its effect is to be read, at `ready` */
	JOB_TELL,  /* the result waits for room */
	JOB_WAIT,  /* for the answer to what it asked */
} job_state;

/* A command under way. */
typedef struct job {
	bool used;
	job_state state;
	char command[COMMAND_TEXT];
	unit *unit;
	const mb_control *control; /* NULL: it reads */
	uint8_t raw[8];		   /* to be written */
	uint64_t want;		   /* to be read back */
	unsigned checks;	   /* read back so often, without success */
	size_t group, read;	   /* of JOB_READ: the next */
	hub_time expires, ready;
	bool told; /* that it was sent */
	const char *outcome, *reason;
	char seen[DECIMAL_TEXT]; /* what was read back */
} job;

typedef enum ask_purpose { ASK_POLL, ASK_READ, ASK_WRITE, ASK_CHECK } ask_purpose;

/* A question in flight. */
typedef struct ask {
	bool used;
	ask_purpose purpose;
	unit *unit;
	job *job; /* NULL for polls */
	size_t group, read;
	uint16_t transaction;
	uint8_t function;
	uint16_t address, count;
	unsigned tries;
	hub_time deadline;
} ask;

/* A question seen while listening. */
typedef struct question {
	bool used, tcp;
	uint16_t transaction;
	uint8_t unit, function;
	uint16_t address, count;
} question;

typedef struct session {
	instance *in;
	hub_link *link;
	bool listens, tcp;
	bool busy;	     /* the frame at hand waits for room: its question stays open */
	size_t taken, index; /* records of the frame at hand: given to the host before; reached now */
	const uint8_t *raw;
	size_t raw_len;
	question questions[QUESTIONS_MAX];
	size_t question_next;
	unit *units;
	size_t unit_count, unit_next;
	ask asks[IN_FLIGHT_MAX];
	job jobs[JOBS_MAX];
	uint16_t transaction;
	hub_time quiet_until; /* RTU: the line's silence */
} session;

/* Every record of the frame at hand goes through these, so that a repeat after HUB_AGAIN skips what was taken. */
hub_status session_emit(session *s, hub_record *r);
hub_status session_refuse(session *s, const hub_fault *fault, const uint8_t *raw, size_t len);
/* The readings of a map's rows [first, first + count) that lie within the answer's registers or coils. */
hub_status session_rows(session *s, const mb_map *m, const char *meter, size_t first, size_t count, const question *q,
			const uint8_t *bytes);
/* HUB_REJECT with *fault: the answer's length is not that of what was asked. */
hub_status answer_check(const mb_frame *f, const question *q, hub_fault *fault);

/* listen.c: a document of frames seen on a line. */
hub_status listen_input(session *s, const uint8_t *bytes, size_t len, bool end, size_t *ret_used);

/* line.c: polls and commands of a live line. */
hub_status line_open(session *s, const hub_peer *peer);
hub_status line_input(session *s, const uint8_t *bytes, size_t len, size_t *ret_used);
void line_pump(session *s, hub_time now);
hub_status line_timer(session *s, hub_time now);
/* Whether one more question may be open. */
bool line_free(const session *s, hub_time now);
/* Sends a question; false: no room. */
bool line_ask(session *s, const ask *what, const uint8_t *pdu, size_t len, hub_time now);

/* job.c */
hub_status job_command(session *s, const hub_command *command);
/* Sends what the job needs next, or tells its end. */
void job_pump(session *s, job *j, hub_time now);
/* The answer to what the job asked (bytes NULL: none came, or an exception: reason). */
void job_answered(session *s, const ask *a, const uint8_t *bytes, const char *reason, hub_time now);
hub_time job_due(const session *s); /* 0: none */

hub_status options_read(instance *in, const hub_setting *settings, hub_fault *fault);

#endif
