/* One message as its door wants it: a signed POST, a publish on the party's topic, or a file. */
#ifndef HUBD_LETTER_H
#define HUBD_LETTER_H

#include "identity/jws.h"
#include "store/outbox.h"
#include "wire/outgoing.h"

typedef enum letter_kind { LETTER_DELIVERY, LETTER_TEST, LETTER_CHALLENGE } letter_kind;

typedef struct letter_case {
	const outbox_head *head;
	const char *party; /* code */
	jws_signer *signer;
	const char *token;
	letter_kind kind;
	uint64_t number; /* of a test */
	hub_time now;
	int64_t timeout; /* µs for an answer */
	arena *arena;
} letter_case;

/* body: {"id":"…",…}; copied. HUB_REJECT: there is nothing to sign with. */
hub_status letter_write(const letter_case *c, const uint8_t *body, size_t len, wire_outgoing *ret);

/* The body of a challenge, and of a sample message. */
void letter_challenge(const letter_case *c, const char *challenge, buf *out);
void letter_sample(const letter_case *c, buf *out);

#endif
