/*
 * The host's half of the adapter ABI, without transports: one adapter, its sessions, and what they
 * say, handed to callbacks. adapterd's child, `hubctl decode`, imports, conformance and fuzzing all
 * run adapters through this, so offline and live are the same code. docs/decisions/0001-adapter-abi.md
 *
 * One thread. A hub_host is an opened instance, a hub_link a session of it.
 */
#ifndef HOST_SESSION_H
#define HOST_SESSION_H

#include <stdarg.h>

#include <hub/adapter.h>

#include "model/record.h"

/*
 * What the host does with an adapter's words. `context` is the instance's, the link tells the
 * session. A callback may be NULL: then records and bytes are taken and forgotten. Callbacks must
 * not call back into the instance, except session_tag, session_peer.
 */
typedef struct host_calls {
	/*
	 * A record that passed record_check, or a refusal (HUB_RECORD_FAULT). HUB_AGAIN: no room;
	 * call session_resume once there is. Anything but OK and AGAIN ends the session.
	 */
	hub_status (*on_record)(void *context, hub_link *link, const record *r);
	hub_status (*on_send)(void *context, hub_link *link, const uint8_t *bytes, size_t len); /* OK or AGAIN */
	/* To be sent once everything the session emitted before is kept; then session_stored(mark). */
	hub_status (*on_reply)(void *context, hub_link *link, uint64_t mark, const uint8_t *bytes, size_t len);
	/* After what was sent, the host closes the link and calls session_close. Once per session. */
	void (*on_hang_up)(void *context, hub_link *link, const char *reason);
	void (*on_counter)(void *context, const char *name, int64_t value); /* changed: keep it */
	void (*on_log)(void *context, int level, const char *text);
	hub_time (*now)(void *context); /* NULL: the system's clock */
	/* A reading without time gets the reception's and HUB_HOST_TIME, each of a session later than the one
	   before; else it stays 0. */
	bool stamp;
} host_calls;

/*
 * Opens an instance. `given` options are checked against the adapter's table, defaults filled in.
 * calls and context must outlive it. HUB_REJECT with *fault: an option; HUB_NOMEM.
 */
hub_status instance_open(const hub_adapter *adapter, const host_calls *calls, void *context,
			 const hub_setting *given, size_t count, hub_host **ret, hub_fault *fault);
/* Closes its sessions first. NULL is fine. */
void instance_close(hub_host *host);
const hub_adapter *instance_adapter(const hub_host *host);

/* The replicated tables; value NULL removes the key. */
hub_status instance_table_put(hub_host *host, const char *table, const char *key, const char *value);
/* A counter as it was kept before the restart. */
hub_status instance_counter_put(hub_host *host, const char *name, int64_t value);

/* When the next `timer` is due; 0: never. */
hub_time instance_wake(const hub_host *host);
/* Calls `timer` of every session whose time came. Sessions that failed were hung up. */
void instance_timers(hub_host *host);
/*
 * Asks the open sessions, in the order they were opened, until one does not answer HUB_MISSING.
 * HUB_MISSING: nobody speaks for that meter.
 */
hub_status instance_command(hub_host *host, const hub_command *command);

/* peer is copied. tag is the caller's. */
hub_status session_open(hub_host *host, const hub_peer *peer, void *tag, hub_link **ret);
/* NULL is fine. Not from inside a callback. */
void session_close(hub_link *link);
void *session_tag(const hub_link *link);
const hub_peer *session_peer(const hub_link *link);

/*
 * Bytes from the peer, copied as far as the adapter does not take them. `end` closes a document;
 * the next call begins another one in the same session.
 * HUB_OK: taken, hand over more. HUB_AGAIN: taken too, but stop reading and call session_resume
 * when there is room. HUB_FAILED: on_hang_up was called; close. HUB_NOMEM: as before the call.
 */
hub_status session_input(hub_link *link, const uint8_t *bytes, size_t len, bool end);
hub_status session_resume(hub_link *link);
/* Everything up to the mark is kept as the instance promises. */
void session_stored(hub_link *link, uint64_t mark);

#endif
