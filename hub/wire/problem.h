/* Errors of the doors as RFC 9457 problem documents with a stable `code`. */
#ifndef WIRE_PROBLEM_H
#define WIRE_PROBLEM_H

#include "wire/call.h"

/*
 * {"type":"about:blank","title","status","code","field"?,"detail","trace"?}, application/problem+json.
 * status: HTTP's, 400 … 599. trace may be NULL. The reply lives in the arena. HUB_NOMEM.
 */
hub_status problem_reply(int status, const hub_fault *fault, const trace_id *trace, arena *a, wire_reply *ret);
/* "Not Found" … of the statuses that the hub uses; "Error" for others. */
const char *problem_title(int status);

#endif
