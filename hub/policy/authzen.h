/*
 * Questions in the shape of AuthZEN's Authorization API 1.0 (https://openid.net/specs/authorization-api-1_0.html,
 * clauses 6 and 7): subject, action, resource and context, alone or as `evaluations` with defaults beside them.
 */
#ifndef POLICY_AUTHZEN_H
#define POLICY_AUTHZEN_H

#include "policy/policy.h"

enum { AUTHZEN_EVALUATIONS_MAX = 1000 };

typedef enum authzen_semantic { AUTHZEN_ALL, AUTHZEN_DENY_FIRST, AUTHZEN_PERMIT_FIRST } authzen_semantic;

typedef struct authzen_question {
	policy_entity subject, resource; /* properties are attributes; no parents */
	policy_uid action;
	const policy_value *context;     /* NULL: none */
} authzen_question;

typedef struct authzen_call {
	authzen_question *questions;
	size_t count;
	bool many; /* answered as `evaluations` */
	authzen_semantic semantic;
} authzen_call;

/*
 * space: what a type without :: is in: "Hub" makes Party Hub::Party and actions Hub::Action; "": nothing. All
 * in the arena. HUB_REJECT: "policy.json" with the place and what is missing. A property may be any value of
 * Cedar's JSON. Properties of actions are not read: Cedar's actions have none.
 */
hub_status authzen_parse(const char *json, size_t len, const char *space, arena *a, authzen_call *ret, hub_fault *fault);

#endif
