/*
 * The four wires between the zones. docs/decisions/0003-wires.md
 *
 *   intake  zone REQ → core REP   batches, answered after COMMIT
 *   call    zone REQ → core REP   callers' requests, answered with content
 *   order   core REQ → zone REP   configuration, device commands, outgoing HTTP
 *   hint    core PUB → zone SUB   cache epochs, live ticks; may be lost
 *
 * The zone listens, the core dials, on all four: nothing in the outer zone can open a connection
 * inwards. This header hides NNG; only hub/wire includes it. A zone daemon called NAME listens at
 * BASE/NAME.intake and so on, BASE being "ipc:///run/uhub/zone" or "tls+tcp://host:port" with
 * the port counted up in the order above.
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <hub/adapter.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"

enum { WIRE_VERSION = 1, WIRE_MESSAGE_MAX = 1024 * 1024 + 64 * 1024 };

typedef enum wire_kind { WIRE_INTAKE, WIRE_CALL, WIRE_ORDER, WIRE_HINT } wire_kind;

/* In front of every message: who speaks, since when, which one. */
typedef struct wire_head {
	uint8_t version; /* WIRE_VERSION; another is refused */
	wire_kind kind;
	const char *source; /* the daemon or instance that speaks */
	uint64_t epoch;     /* of the speaker's life */
	uint64_t sequence;  /* rises within the epoch; 0 on hints that need none */
	trace_id trace;
} wire_head;

void wire_head_pack(buf *out, const wire_head *head);
/* Leaves the reader at the body. HUB_REJECT: bad head or version. */
hub_status wire_head_unpack(hub_reader *in, arena *a, wire_head *ret, hub_fault *fault);

/*
 * Appends where the daemon `name` listens for a kind: BASE/NAME.intake, or the base's port plus
 * the kind's number. HUB_REJECT: a tls+tcp base without a usable port.
 */
hub_status wire_url(const char *base, const char *name, wire_kind kind, buf *out);

typedef struct wire_tls {
	const char *ca, *cert, *key; /* PEM files; NULL for ipc */
} wire_tls;

/*
 * For daemons, before they open a wire: when this process's wires cannot be mended from inside
 * (decision 0003), it is said in the log and the process ended with status 70, for its supervisor to
 * start it again.
 */
void wire_watch(void);

/* An asking socket. The zone listens with it (intake, call), the core dials with it (order). */
typedef struct wire_asker wire_asker;
hub_status wire_ask_listen(const char *url, const wire_tls *tls, wire_asker **ret, hub_fault *fault);
hub_status wire_ask_dial(const char *url, const wire_tls *tls, wire_asker **ret, hub_fault *fault);
void wire_asker_close(wire_asker *a); /* open questions end with HUB_AGAIN */
bool wire_asker_connected(const wire_asker *a);

/*
 * One question of a caller's own; many may be open at once. It is sent again every `resend` µs
 * until an answer comes, so the answerer must take repeats. `done` is called once, on another
 * thread, with HUB_OK and the answer (borrowed for the call), or HUB_AGAIN (timeout µs passed or
 * closed). timeout 0: waits for ever.
 */
typedef void (*wire_done)(void *user, hub_status st, const uint8_t *answer, size_t len);
hub_status wire_ask_start(wire_asker *a, const uint8_t *msg, size_t len, int64_t resend, int64_t timeout,
			  wire_done done, void *user);
/* The same, waiting; the answer is appended to *answer. */
hub_status wire_ask(wire_asker *a, const uint8_t *msg, size_t len, int64_t resend, int64_t timeout, buf *answer);

/* An answering socket. The core dials with it (intake, call), the zone listens (order). */
typedef struct wire_answerer wire_answerer;
/*
 * Runs on one of `threads` threads: question in, answer out. `worker` counts them from 0, so that
 * each may have its own database connection and arena. HUB_OK sends; anything else stays silent
 * and the asker repeats.
 */
typedef hub_status (*wire_handle)(void *user, int worker, const uint8_t *msg, size_t len, buf *answer);
hub_status wire_answer_dial(const char *url, const wire_tls *tls, int threads, wire_handle handle, void *user,
			    wire_answerer **ret, hub_fault *fault);
hub_status wire_answer_listen(const char *url, const wire_tls *tls, int threads, wire_handle handle, void *user,
			      wire_answerer **ret, hub_fault *fault);
void wire_answerer_close(wire_answerer *a); /* waits until no handler runs */
bool wire_answerer_connected(const wire_answerer *a);

/* Hints: the core dials and tells, the zone listens and hears. Topics are prefixes. */
typedef struct wire_teller wire_teller;
hub_status wire_tell_open(wire_teller **ret);
hub_status wire_tell_dial(wire_teller *t, const char *url, const wire_tls *tls, hub_fault *fault);
void wire_tell(wire_teller *t, const uint8_t *msg, size_t len);
void wire_teller_close(wire_teller *t);
typedef struct wire_hearer wire_hearer;
typedef void (*wire_hear)(void *user, const uint8_t *msg, size_t len);
hub_status wire_hear_listen(const char *url, const wire_tls *tls, wire_hear hear, void *user, wire_hearer **ret,
			    hub_fault *fault);
void wire_hearer_close(wire_hearer *h);

#endif
