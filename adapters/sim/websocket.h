/* The client's side of a WebSocket, as a simulated device needs it: over plain TCP, texts in, texts out (RFC 6455). */
#ifndef SIM_WEBSOCKET_H
#define SIM_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WEBSOCKET_MOST = 32768 };

typedef struct websocket {
	int fd; /* -1: closed */
	size_t len;
	uint8_t bytes[WEBSOCKET_MOST];
} websocket;

/* What the server said; not terminated. */
typedef void (*websocket_heard)(void *user, const char *text, size_t len);

/* To HOST:PORT, an IPv4 address; waits for the answer, at most five seconds. False: refused, and closed. */
bool websocket_dial(websocket *w, const char *target, const char *path, const char *protocol, const char *user,
		    const char *password);
/* False: the connection is gone, and closed. */
bool websocket_say(websocket *w, const char *text, size_t len);
/* What has come, when poll says that something has. Pings are answered. False: the connection is over, and closed. */
bool websocket_hear(websocket *w, websocket_heard heard, void *user);
void websocket_close(websocket *w);

#endif
