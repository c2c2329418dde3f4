/*
 * The table of operations. It is made at build from schemas/openapi/, so that the gateway's routes, the
 * API's dispatch and the served description cannot differ. A new operation is one path in a file there,
 * one line in hub/api/operations.c, and its function.
 */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include <stdbool.h>

#include "base/arena.h"
#include "route_ids.h" /* enum { ROUTE_listReadings, …, ROUTE_COUNT }: a name for each row */

enum { ROUTE_VALUES = 4, ROUTE_ALLOW = 64 };

typedef struct route {
	const char *method;
	const char *path;	     /* "/v1/receipts/{id}"; "{code*}" at the end takes what follows, slashes too */
	const char *operation;	     /* OpenAPI's operationId */
	bool open;		     /* its security is []: needs no credential */
	bool party, person;	     /* systems of parties; people who are logged in */
	const char *scope;	     /* what an app needs of a person, ""; NULL: not for apps */
	bool changes;		     /* takes an Idempotency-Key: the same again does nothing more */
	const char *const *consumes; /* media types of its body, lower case; NULL: it takes none */
	bool body_optional;
	size_t body_max; /* bytes */
} route;

extern const route routes[ROUTE_COUNT];

/*
 * The row of a method and path, with the texts in braces, in the arena; a path that is written out wins
 * over one with braces. Case counts, a trailing slash is another path. NULL: ret_allow says which
 * methods the path has, "GET, POST"; "" if there is no such path (or memory).
 */
const route *route_find(const char *method, const char *path, arena *a, const char *ret_values[ROUTE_VALUES],
			char ret_allow[ROUTE_ALLOW]);

/* Whether a Content-Type names one that the route takes; parameters behind ';' do not count. */
bool route_consumes(const route *r, const char *content_type);

#endif
