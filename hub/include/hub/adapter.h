/*
 * The adapter ABI: the only header an adapter sees. docs/decisions/0001-adapter-abi.md
 *
 * An adapter is a protocol machine without I/O: bytes come in through `input`, time through
 * `timer`, orders through `command`; readings leave through `emit`, answers through `send`. It
 * owns no socket, file, thread or clock, so offline decoding, tests and live traffic run the same
 * code. The host runs it in a sandboxed process of its own, one thread, one call at a time.
 *
 * Ownership: every pointer that crosses this boundary is borrowed for the call. Whoever wants to
 * keep something copies it. Nobody frees the other side's memory.
 * Texts are UTF-8, NUL-terminated. Times are UTC microseconds since 1970-01-01; 0 means "none".
 */
#ifndef HUB_ADAPTER_H
#define HUB_ADAPTER_H

#include <hub/reader.h>
#include <hub/status.h>

#define HUB_ADAPTER_ABI 1u
#define HUB_VALUE_SCALE_MAX 18

typedef int64_t hub_time; /* UTC microseconds; 0 = none */

/* digits × 10^-scale, exactly as the source wrote it: 12.50 is {1250, 2}. 0 <= scale <= 18. */
typedef struct hub_value {
	int64_t digits;
	uint8_t scale;
} hub_value;

typedef enum hub_kind {
	HUB_REGISTER = 1, /* a counter's standing at `time` */
	HUB_INTERVAL,     /* an amount over [start, time) */
	HUB_INSTANT,      /* a value at `time` */
	HUB_STATE,        /* an integer code of the quantity's `states` at `time`, scale 0 */
} hub_kind;

/* Quality of a value. Adapters set those the device tells; the intake adds its own. */
typedef enum hub_flag {
	HUB_ESTIMATED = 1 << 0,    /* "estimated": the source did not measure it */
	HUB_MANUAL = 1 << 1,       /* "manual": read or entered by a person */
	HUB_INVALID = 1 << 2,      /* "invalid": the source itself distrusts it */
	HUB_HOST_TIME = 1 << 3,    /* "host_time": the source gave no time; the host's was taken */
	HUB_CLOCK_DRIFT = 1 << 4,  /* "clock_drift": the device's clock is off by more than allowed */
	HUB_LATE = 1 << 5,         /* "late": came after the point's normal delay */
	HUB_OUT_OF_RANGE = 1 << 6, /* "out_of_range": outside the point's limits, kept and marked */
	HUB_SPIKE = 1 << 7,        /* "spike": rises faster than the point can */
	HUB_ROLLOVER = 1 << 8,     /* "rollover": the register passed its highest value */
	HUB_DECREASE = 1 << 9,     /* "decrease": a register fell and no rollover explains it */
	HUB_MISALIGNED = 1 << 10,  /* "misaligned": not on the point's interval raster */
	HUB_SUBSTITUTED = 1 << 11, /* "substituted": filled in or edited; method and reason stand beside */
	HUB_POWER_FAIL = 1 << 12,  /* "power_fail": supply was lost during the interval */
	HUB_REVERSED = 1 << 13,    /* "reversed": flow against the normal direction */
} hub_flag;

typedef struct hub_reading {
	const char *meter;    /* as people print it; 1..64 bytes */
	const char *channel;  /* circuit or sub-meter; "" for the meter itself; 0..32 bytes */
	const char *quantity; /* a name of schemas/quantities.json */
	const char *unit;     /* as the source says; the intake checks it against the quantity */
	hub_kind kind;
	uint32_t flags;   /* hub_flag */
	hub_value value;
	hub_time start;   /* intervals only, else 0 */
	hub_time time;    /* end of an interval; 0: the host stamps it and sets HUB_HOST_TIME */
} hub_reading;

/* One named argument of a command, an event, a transaction, an archive. */
typedef struct hub_setting {
	const char *key, *value;
} hub_setting;

/* Something that happened at a device: "power_lost", "cover_open", … (schemas/events.json). */
typedef struct hub_event {
	const char *meter, *channel, *code;
	hub_time time;
	bool cleared; /* the condition ended, rather than began */
	const hub_setting *details;
	size_t detail_count;
} hub_event;

/* A charging or prepayment transaction's step; the same id links its steps. */
typedef struct hub_transaction {
	const char *meter, *channel;
	const char *id;    /* unique per meter; repeated on a retry */
	const char *phase; /* "start", "update", "stop" */
	const char *tag;   /* who was authorised, "" if nobody */
	hub_time time;
	const hub_setting *details; /* "register_start" = "1234 Wh", "reason" = "EVDisconnected", … */
	size_t detail_count;
} hub_transaction;

/* What a device answered to a command. Only "confirmed" means that the device said so. */
typedef struct hub_result {
	const char *command; /* hub_command.id */
	const char *state;   /* "sent", "confirmed", "refused" */
	const char *reason;  /* the device's own code or words, "" if none */
	hub_time time;
	const hub_setting *details;
	size_t detail_count;
} hub_result;

/* A device's own settings as read back: tariff table, thresholds, clock, firmware. */
typedef struct hub_archive {
	const char *meter, *channel, *kind;
	hub_time time;
	const hub_setting *details;
	size_t detail_count;
} hub_archive;

typedef enum hub_record_type {
	HUB_RECORD_READING = 1,
	HUB_RECORD_EVENT,
	HUB_RECORD_TRANSACTION,
	HUB_RECORD_RESULT,
	HUB_RECORD_ARCHIVE,
	HUB_RECORD_FAULT, /* made by `reject`, never emitted by an adapter */
} hub_record_type;

typedef struct hub_record {
	hub_record_type type;
	union {
		hub_reading reading;
		hub_event event;
		hub_transaction transaction;
		hub_result result;
		hub_archive archive;
	};
	const uint8_t *raw; /* the frame or row it was read from; may be NULL */
	size_t raw_len;
} hub_record;

/* An order to a device. Arguments are named by the command's kind (hub/command/kind.c). */
typedef struct hub_command {
	const char *id;             /* opaque, unique; repeated if the host repeats the order */
	const char *kind;           /* "read", "switch", "clock_set", … */
	const char *meter, *channel;
	hub_time expires;           /* must not be sent at or after this time */
	const hub_setting *arguments;
	size_t argument_count;
	/*
	 * This command was told as "sent" before, by a process that is gone: it must not be written again.
	 * The adapter reads back what became of it.
	 */
	bool repeated;
} hub_command;

/* Transports that a host can give to a session. */
typedef enum hub_transport {
	HUB_TCP_CLIENT = 1 << 0, /* the host dials the device and dials again when it is lost */
	HUB_TCP_SERVER = 1 << 1, /* devices dial the host */
	HUB_DIRECTORY = 1 << 2,  /* one session per file that appears; `end` after its last byte */
	HUB_SERIAL = 1 << 3,     /* a serial line or pseudo-terminal */
	HUB_WEBSOCKET = 1 << 4,  /* one whole text message per input, `end` set */
	HUB_MESSAGE = 1 << 5,    /* MQTT or HTTP: one message, one session, `end` set */
} hub_transport;

typedef struct hub_peer {
	hub_transport transport;
	const char *address;  /* "192.0.2.7:502", the file's name, the station, the topic */
	const char *identity; /* who the zone authenticated; "" if the link has no identity */
} hub_peer;

/* An option: the one table drives parsing, `hubctl show adapter`, checks and the manual. */
typedef struct hub_option {
	const char *name;
	const char *fallback; /* NULL: required */
	const char *text;     /* one line, with unit and range */
} hub_option;

typedef struct hub_host hub_host; /* the instance's side of the host */
typedef struct hub_link hub_link; /* the session's side of the host */

/* What the host offers. `size` lets a newer host offer more at the end. */
typedef struct hub_host_api {
	uint32_t abi, size;

	/*
	 * Hands over a record. HUB_AGAIN: no room now; the adapter does not consume the bytes the
	 * record came from, remembers how many of their records were taken, and returns HUB_AGAIN
	 * from `input`; the host calls again with the same bytes.
	 * HUB_REJECT: the record breaks the ABI (no meter, scale > 18, …): a defect of the adapter.
	 */
	hub_status (*emit)(hub_link *link, const hub_record *record);

	/* Hands over input that was refused, with its original; it is kept for inspection. As emit. */
	hub_status (*reject)(hub_link *link, const hub_fault *fault, const uint8_t *raw, size_t raw_len);

	/* Queues bytes (a whole message on message transports) to the peer; HUB_AGAIN when full. */
	hub_status (*send)(hub_link *link, const uint8_t *bytes, size_t len);

	/*
	 * As send, but only once everything this session emitted before is kept by the promise of
	 * the instance (committed or journalled); then `stored(session, mark)` is called too.
	 * len may be 0. Marks rise within a session.
	 */
	hub_status (*reply_after_store)(hub_link *link, uint64_t mark, const uint8_t *bytes, size_t len);

	/* Calls `timer` at or soon after this time; a later call replaces it; 0 cancels. */
	void (*wake_at)(hub_link *link, hub_time when);

	/* Closes the session after what was sent; session_close follows, never inside this call. */
	void (*hang_up)(hub_link *link, const char *reason);

	/* The host's clock. A decoder does not ask it: a frame without a time leaves `time` 0. */
	hub_time (*now)(hub_host *host);

	/*
	 * Small tables that the core replicates ("meters", "meter_keys", "charge_tags").
	 * lookup: HUB_MISSING if the key is absent. next: the first key above `after` ("" starts).
	 * The texts live until the adapter returns to the host.
	 */
	hub_status (*lookup)(hub_host *host, const char *table, const char *key, const char **ret_value);
	hub_status (*next)(hub_host *host, const char *table, const char *after,
			   const char **ret_key, const char **ret_value);

	/* A counter that survives restarts: adds `step` and gives the new value; 0 reads it. */
	hub_status (*counter)(hub_host *host, const char *name, int64_t step, int64_t *ret_value);

	/* One line; object first: "meter '0001…': clock 40 s ahead". level: 0 error … 3 debug. */
	void (*log)(hub_host *host, int level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
} hub_host_api;

typedef struct hub_adapter {
	uint32_t abi;             /* HUB_ADAPTER_ABI */
	const char *name;         /* lower case, [a-z0-9_]: "dlt645" */
	const char *version;
	const char *summary;      /* one line */
	const hub_option *options; /* ends with a NULL name */
	uint32_t transports;      /* hub_transport it accepts */
	size_t frame_max;         /* longest run of bytes it may need to see at once, ≤ 1 MiB */

	/*
	 * Makes an instance. `settings` hold every option of the table, defaults filled in, in the
	 * table's order, ended by a NULL key. HUB_REJECT with *fault when a value is not usable.
	 */
	hub_status (*open)(const hub_host_api *api, hub_host *host, const hub_setting *settings,
			   void **ret_self, hub_fault *fault);
	void (*close)(void *self); /* NULL is fine; sessions are closed before */

	hub_status (*session_open)(void *self, const hub_peer *peer, hub_link *link, void **ret_session);

	/*
	 * Bytes from the peer: all that the adapter has not consumed yet, in order, as one run, never
	 * longer than frame_max. It sets *ret_used to what it is done with; the rest is shown again
	 * with more behind it. `end`: nothing follows in this document (file, message, closed
	 * connection), so what is incomplete is rejected as truncated and everything is consumed.
	 * HUB_OK, HUB_AGAIN (emit or send had no room), HUB_FAILED (hang up). Bad input is not an
	 * error of this call: it goes to `reject`. A run of frame_max bytes of which nothing is
	 * consumed is rejected by the host ("frame.too_long") and dropped.
	 */
	hub_status (*input)(void *session, const uint8_t *bytes, size_t len, bool end, size_t *ret_used);

	hub_status (*timer)(void *session, hub_time now);                 /* may be NULL */
	hub_status (*command)(void *session, const hub_command *command); /* may be NULL */
	void (*stored)(void *session, uint64_t mark);                     /* may be NULL */
	void (*session_close)(void *session);                             /* NULL session is fine */
} hub_adapter;

/* A module exports exactly this symbol. */
extern const hub_adapter hub_adapter_table __attribute__((visibility("default")));

#endif
