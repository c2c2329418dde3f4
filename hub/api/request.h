/* A call under way: who asks, what for, and the body of the answer as it grows. */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include <jansson.h>

#include "api/api.h"
#include "base/buf.h"
#include "rights/rights.h"
#include "route/route.h"
#include "store/person.h"

typedef struct request {
	const api_worker *worker;
	const wire_call *call;
	store *db;
	arena *arena;
	hub_time now;
	const route *route;
	party caller;              /* unless the route is open */
	const person *person;      /* who acts for the caller; NULL: a system of the party's */
	const char *scope;         /* what the person let the app that calls; NULL: no app */
	const char *session;       /* the cookie's value; NULL: not by session */
	const char *const *values; /* of the path's braces */
	const jwt_keys *keys;      /* held until the answer; NULL: no access tokens here */
	const ruleset *rules;      /* held until the answer; NULL: none */
	buf body;
	wire_reply *reply;
} request;

/* The parts of an answer stay below this, the wire's 1 MiB minus what a last item may add. */
enum { REQUEST_PART = 768 * 1024 };

/* Who asks; HUB_DENIED after a problem was put into the reply. */
hub_status request_authenticate(request *r);

/* From now on the database shows the caller's own, and all of it to operators of the hub (store_as). */
hub_status request_behind_wall(request *r);
/* For work that is the core's own once the caller's right is decided, as a posting in both sides' books is. */
hub_status request_as_core(request *r);

/* The value of a query parameter, NULL if absent. */
const char *request_query(const request *r, const char *name);
const char *request_header(const request *r, const char *name);
/* A whole number in [min, max]; fallback if absent. HUB_REJECT after a problem. */
hub_status request_number(request *r, const char *name, uint64_t fallback, uint64_t min, uint64_t max, uint64_t *ret);
/* "true" or "false"; false if absent. HUB_REJECT after a problem. */
hub_status request_truth(request *r, const char *name, bool *ret);
/* A list's page: entries behind `cursor`, at most `limit` (100 if absent). HUB_REJECT after a problem. */
typedef struct request_page {
	uint64_t after, limit;
} request_page;
hub_status request_page_of(request *r, request_page *ret);
/* Ends the list under way in r->body: "],"cursor":"N"}", empty if next is 0; then as request_finish. */
hub_status request_finish_page(request *r, uint64_t next);
/* RFC 3339; fallback if absent. HUB_REJECT after a problem. */
hub_status request_time(request *r, const char *name, hub_time fallback, hub_time *ret);
/* The caller's rights to an action, for rights_new and view_init. */
rights_case request_case(const request *r, const char *action);
/*
 * The call's body, one JSON object without a member twice; an absent one of a route where it is optional is {}. *ret is
 * the caller's, NULL after a problem. body.h reads it member by member.
 */
hub_status request_object(request *r, json_t **ret);
/* Runs with it. */
hub_status request_run(request *r, hub_status (*run)(request *r, const json_t *object));
/* Digits only, for path values. */
bool request_id(const char *text, uint64_t *ret);

/* The answer is a problem document; gives HUB_REJECT (HUB_NOMEM), so that `return request_problem(…)` reads well. */
hub_status request_problem(request *r, int status, const hub_fault *fault);
hub_status request_refuse(request *r, int status, const char *code, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* The answer is r->body as JSON. continuation: "" if it is whole. HUB_NOMEM. */
hub_status request_finish(request *r, int status, const char *continuation);
/* The same, whole, with the ETag of its bytes; 304 without them if the caller has just these (If-None-Match). */
hub_status request_finish_tagged(request *r, int status);
/* 204. */
hub_status request_finish_empty(request *r);
/* If-Match against the ETag of what there is; HUB_REJECT after 412. Absent is fine. */
hub_status request_match(request *r, const char *tag);
/* The ETag of bytes, in quotes; NULL: out of memory. */
const char *request_tag(request *r, const void *bytes, size_t len);
/* One more header of the answer. The texts live as long as the arena. HUB_NOMEM. */
hub_status request_add_header(request *r, const char *name, const char *value);

#endif
