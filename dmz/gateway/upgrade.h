/*
 * The head of a WebSocket's opening request at the charger port (RFC 6455 4.2, OCPP-J 1.6 chapter 3),
 * read and answered. Pure: bytes in, bytes out.
 */
#ifndef GATEWAY_UPGRADE_H
#define GATEWAY_UPGRADE_H

#include <hub/status.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { UPGRADE_HEAD_MAX = 8 * 1024, UPGRADE_STATION = 65, UPGRADE_CREDENTIALS = 512, UPGRADE_KEY = 25 };

#define UPGRADE_PROTOCOL "ocpp1.6"

typedef struct upgrade {
	char station[UPGRADE_STATION];		 /* the last part of the path, percent-decoded */
	char authorization[UPGRADE_CREDENTIALS]; /* the header as it came, "" if none */
	char key[UPGRADE_KEY];
	bool agreed; /* the client offers our subprotocol */
} upgrade;

/*
 * HUB_AGAIN: the head is not whole; HUB_OK: *ret, and *ret_used bytes of it; HUB_REJECT with *fault and
 * *ret_status (400, 404, 405, 426, 431): answer so and close.
 */
hub_status upgrade_read(const char *bytes, size_t len, upgrade *ret, size_t *ret_used, int *ret_status,
			hub_fault *fault);

/* 101; without a subprotocol if none was agreed: then OCPP-J wants the connection closed at once. */
void upgrade_accept(const upgrade *u, buf *out);
/* A refusal with an RFC 9457 body. 401 asks for Basic, 503 and 429 say when to come again. */
void upgrade_refuse(int status, const hub_fault *fault, buf *out);

#endif
