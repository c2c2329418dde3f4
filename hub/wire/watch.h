/*
 * Finds wires that are stuck for good. NNG 1.5.2 can lose a receive when a pipe closes; its reaper
 * then waits for ever, and the process neither dials nor accepts again (docs/decisions/0003-wires.md).
 * Nothing inside can mend that, so a process that has been alone at an end where the other one
 * answers a handshake is told so. ipc:// only.
 */
#ifndef WIRE_WATCH_H
#define WIRE_WATCH_H

#include "wire/socket.h"

typedef void (*wire_stuck)(const char *url);
/* stuck is called on the watch's own thread; times in µs. wire_watch is this with the daemons' values. */
void watch_start(wire_stuck stuck, int64_t look_every, int64_t lonely);

/* Protocol numbers of the scalability protocols. */
typedef enum sp_protocol { SP_REQ = 0x30, SP_REP = 0x31 } sp_protocol;

typedef struct watched watched;

/*
 * Watches an end, which speaks `speaks`, from now on, if the watch was started. peers must live until watch_end. NULL: not
 * watched (no watch, another transport, no memory), which is no error.
 */
watched *watch_begin(const char *url, socket_side side, sp_protocol speaks, const atomic_int *peers);
void watch_end(watched *w); /* NULL is fine */

typedef enum pulse {
	PULSE_NONE,  /* nobody listens there */
	PULSE_DEAF,  /* somebody does, but does not answer a handshake */
	PULSE_ALIVE, /* answered */
} pulse;

/*
 * Connects to an ipc:// address as a peer that speaks `as` and leaves again. What is asked of it meanwhile is
 * asked of another when it has gone. One of a protocol that is turned away would be counted as gone without
 * ever having come.
 */
pulse pulse_feel(const char *url, sp_protocol as, int patience_ms);

#endif
