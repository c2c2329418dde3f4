/*
 * One adapter instance: its child process, its journal with the sender that empties it, the lines
 * to its peers, and what was promised to them. All on the loop's thread.
 */
#ifndef ADAPTERD_KEEPER_H
#define ADAPTERD_KEEPER_H

#include "base/buf.h"
#include "host/config.h"
#include "frame.h"
#include "loop.h"
#include "sender.h"
#include "wire/journal.h"
#include "wire/order.h"

typedef struct keeper keeper;
typedef struct line line;
typedef struct promise promise;
typedef struct transport transport;
typedef struct replica replica;
typedef struct ledger ledger;

/* What all instances share. */
typedef struct zone_host {
	loop loop;
	const char *state_dir; /* holds journal/NAME, counters/NAME.json, tables/NAME.json, config.json */
	const char *modules;   /* NULL: the usual places */
	wire_asker *intake;
	int64_t patience;      /* µs that a child may give no sign of life */
	int event;             /* senders and the desk write it */
	replica *tables;
	ledger *ledger; /* of commands told as sent */
	/* The end of an order of commands: a status for each told by the child, or NULL because the child died. */
	void (*commanded)(struct zone_host *host, uint64_t ticket, const uint8_t *states, size_t count);
} zone_host;

typedef enum keeper_phase {
	KEEPER_WAITING,  /* for its time to start the child (again) */
	KEEPER_STARTING, /* the child loads the adapter */
	KEEPER_READY,
	KEEPER_STOPPED,  /* refused by the core or the adapter: until configured again */
	KEEPER_DRAINING, /* no longer configured; empties its journal */
} keeper_phase;

/* A reader of a broker's journal that is no longer configured so: first it keeps what was promised before. */
typedef enum keeper_stay { KEEPER_STAYS, KEEPER_LEAVING, KEEPER_LEFT } keeper_stay;

struct keeper {
	zone_host *host;
	instance_config config; /* empty while draining */
	char name[65];
	keeper_phase phase;
	keeper_stay stay;
	pid_t pid; /* 0: no child */
	watch child;
	buf out, in;
	bool held; /* the frame at the head of `in` waits for room in the journal */
	int64_t due, backoff, ready_since; /* monotonic µs */

	journal *journal;
	sender *sender;
	uint64_t appended, flushed, acked;
	promise *promises, *promises_last;

	line **lines; /* by number % LINES_MAX */
	size_t line_count, line_cap;
	uint64_t line_next;
	transport *transport;

	uint64_t restarts, records, rejected, strays;
	int64_t heard, pinged; /* monotonic: the child's last sign of life; a question without answer, 0: none */
	uint64_t full; /* times that the journal closed for want of room */
	bool is_full;  /* it is closed */
	uint64_t commands_open[16]; /* tickets the child has not answered; 0: free */
	char error[256];            /* the last one */
	json_t *counters;
	bool counters_changed;
};

enum { KEEPER_OUT_HIGH = 1 << 20, LINES_MAX = 65536 };

/* Takes the config over. NULL config->name with `name`: only empties an old journal. */
hub_status keeper_open(zone_host *host, instance_config *wanted, const char *name, keeper **ret, hub_fault *fault);
/* Ends the child and the lines; the journal stays. */
void keeper_close(keeper *in);
/* After each turn: flushes the journal, keeps promises, starts what is due. Next due time, 0: none. */
int64_t keeper_settle(keeper *in, int64_t now);
/* The child with this pid ended; false: not ours. */
bool keeper_reaped(keeper *in, pid_t pid, int status);
/* Replaces (value NULL: removes) a row of a table in the child. */
void keeper_table_row(keeper *in, const char *table, const char *key, const char *value);
/* HUB_OK: host->commanded follows. HUB_MISSING: no child ready. HUB_AGAIN: too many open. */
hub_status keeper_order(keeper *in, uint64_t ticket, const uint8_t *commands, size_t len); /* count varint, blobs */
json_t *keeper_state(const keeper *in);
/* Draining and empty. */
bool keeper_drained(const keeper *in);

/* For lines and transports. */
bool keeper_accepts(const keeper *in); /* false: stop reading from peers */
line *keeper_line(const keeper *in, uint64_t number);
void keeper_fail(keeper *in, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* end the child */
void keeper_error(keeper *in, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* remember, log */

/* For instance.c: what the child said (speech.c). HUB_AGAIN: held. HUB_REJECT: it breaks the protocol. */
hub_status speech_hear(keeper *in, frame_type type, hub_reader *body);

/* Promises (promise.c), kept in the order they were given. */
struct promise {
	promise *next;
	uint64_t seq;    /* the journal's record that must be kept first */
	uint64_t line;   /* its reply goes there … */
	uint64_t mark;
	void *document;  /* … or this document of the directory is finished */
	size_t len;
	uint8_t bytes[];
};
bool promise_give(keeper *in, uint64_t number, uint64_t mark, void *document, const uint8_t *bytes, size_t len);
void promise_keep(keeper *in);
void promise_drop(keeper *in, bool documents_too);

#endif
