/*
 * Cedar policies: parse once, decide often, explain. Pure: no clock, file, database or lock; a
 * parsed set and a set of entities are immutable and may be shared by threads.
 * Language: https://docs.cedarpolicy.com, version 4. docs/decisions/0007-policy-decide.md
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <hub/status.h>

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes; Cedar strings may hold any, NUL too. Borrowed. */
typedef struct policy_text {
	const char *p;
	size_t len;
} policy_text;

static inline policy_text policy_text_of(const char *s) { return (policy_text){ s, s ? __builtin_strlen(s) : 0 }; }

typedef struct policy_uid {
	policy_text type; /* "Hub::Party" */
	policy_text id;
} policy_uid;

typedef enum policy_kind {
	POLICY_BOOL, POLICY_LONG, POLICY_STRING, POLICY_ENTITY, POLICY_SET, POLICY_RECORD,
	POLICY_DECIMAL, POLICY_DATETIME, POLICY_DURATION, POLICY_IP,
} policy_kind;

typedef struct policy_value policy_value;
typedef struct policy_attr {
	policy_text name;
	const policy_value *value;
} policy_attr;

struct policy_value {
	policy_kind kind;
	union {
		bool boolean;
		int64_t number;    /* LONG; DECIMAL × 10^4; DATETIME and DURATION in ms */
		policy_text text;  /* STRING */
		policy_uid entity;
		struct { const policy_value *const *items; size_t count; } set;
		struct { const policy_attr *attrs; size_t count; } record;
		struct { uint8_t bytes[16]; uint8_t prefix; bool v6; } ip;
	};
};

typedef struct policy_entity {
	policy_uid uid;
	const policy_uid *parents;
	size_t parent_count;
	const policy_attr *attrs, *tags;
	size_t attr_count, tag_count;
} policy_entity;

/* Entities, copied, indexed, with their ancestors' closure computed: the expensive part, done once. */
typedef struct policy_entities policy_entities;
hub_status policy_entities_new(const policy_entity *list, size_t count, policy_entities **ret, hub_fault *fault);
/* Cedar's JSON: an array of {uid, attrs, parents, tags}. */
hub_status policy_entities_parse(const char *json, size_t len, policy_entities **ret, hub_fault *fault);
void policy_entities_free(policy_entities *e);

typedef struct policy_source {
	policy_text name; /* file name, for explanations */
	policy_text text;
} policy_source;

typedef struct policy_set policy_set;
/* Atomic: all sources or none. *fault's message begins with "file:line:column:". Policies are
   named policy0, policy1, … over all sources in order; templates count too, but decide nothing
   until they are linked. */
hub_status policy_set_parse(const policy_source *sources, size_t count, policy_set **ret, hub_fault *fault);

/* A template made whole. A slot the template has not is left zero. */
typedef struct policy_link {
	policy_text template_name, name; /* "policy3"; the new policy's own name */
	policy_uid principal, resource;  /* for ?principal and ?resource */
} policy_link;

/* The linked policies come after the others, in the order of the links. */
hub_status policy_set_parse_linked(const policy_source *sources, size_t count, const policy_link *links,
				   size_t link_count, policy_set **ret, hub_fault *fault);
void policy_set_free(policy_set *s);
size_t policy_set_count(const policy_set *s);
/* Where a policy stands. */
typedef struct policy_place {
	policy_text name, file;
	policy_text id; /* its @id annotation, or empty */
	unsigned line;
} policy_place;
policy_place policy_set_place(const policy_set *s, size_t policy);

typedef struct policy_request {
	policy_uid principal, action, resource;
	const policy_value *context; /* a record, or NULL for {} */
} policy_request;

/* Cedar's JSON: one {principal, action, resource, context}, or {requests: […]}. In the arena. */
hub_status policy_requests_parse(const char *json, size_t len, arena *a, policy_request **ret, size_t *ret_count,
				 hub_fault *fault);
/* Cedar's JSON: an array of {template_id, link_id, args: {"?principal": …, "?resource": …}}. In the arena. */
hub_status policy_links_parse(const char *json, size_t len, arena *a, policy_link **ret, size_t *ret_count,
			      hub_fault *fault);

typedef struct policy_decision {
	bool allow;            /* a permit holds and no forbid does */
	const uint32_t *reasons; /* the determining policies, rising; in the arena */
	size_t reason_count;
	const uint32_t *errors;  /* policies that erred and so did not count */
	const char *const *error_texts;
	size_t error_count;
} policy_decision;

/*
 * Decides. Entities that the request adds (the resource just loaded) may be given in `extra`
 * (may be NULL), which wins over `entities`. Answers HUB_OK whether allowed or denied; HUB_REJECT
 * when the context is no record, nests too deep or names an attribute twice; HUB_NOMEM when the
 * arena is full. Nothing is allowed but by HUB_OK.
 */
hub_status policy_decide(const policy_set *set, const policy_entities *entities, const policy_entities *extra,
			 const policy_request *request, arena *a, policy_decision *ret);

/* For people: which policy decided, file and line, and the condition or attribute that did. Lines of text. */
hub_status policy_explain(const policy_set *set, const policy_entities *entities, const policy_entities *extra,
			  const policy_request *request, arena *a, const char **ret_text);

#endif
