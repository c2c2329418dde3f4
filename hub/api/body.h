/*
 * A call's JSON object, member by member. The first fault is a problem document in the reply, and every
 * reader after it gives nothing: ask for all, then look at `status` once.
 */
#ifndef API_BODY_H
#define API_BODY_H

#include <jansson.h>

#include "api/request.h"

typedef struct body {
	request *r;
	json_t *root;
	hub_status status; /* HUB_OK so far; HUB_REJECT after a problem; HUB_NOMEM */
} body;

/* names: of the members that there may be, the last NULL. An absent body of a route where it is optional is {}. */
void body_open(body *b, request *r, const char *const *names);
void body_close(body *b);

/* At most max bytes, no control characters; "" if absent and not needed. In the arena. */
const char *body_text(body *b, const char *name, bool needed, size_t max);
/* An array of at most max_count texts; none if absent. */
const char *const *body_texts(body *b, const char *name, size_t max_count, size_t *ret_count);
/* 0 if absent or null. */
hub_time body_time(body *b, const char *name);
/* false if absent. */
bool body_truth(body *b, const char *name);
/* NULL if absent; borrowed from root. */
const json_t *body_object(body *b, const char *name);
/* A fault of the caller's own: 400. */
void body_fault(body *b, const char *field, const char *rule);

#endif
