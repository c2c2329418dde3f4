/* A schema as read: types by name, in the arena of the schema. */
#ifndef POLICY_SCHEMA_TYPES_H
#define POLICY_SCHEMA_TYPES_H

#include "policy/parse.h"
#include "policy/schema.h"

typedef struct type type;

typedef struct type_field {
	policy_text name;
	const type *type;
	bool optional;
} type_field;

/* What a boolean is known to be. */
typedef enum truth { TRUTH_OPEN, TRUTH_YES, TRUTH_NO } truth;

struct type {
	uint8_t kind;  /* policy_kind */
	bool any;      /* nothing is known: the element of an empty set, say */
	bool named;    /* not resolved yet: name is a common type's, an entity's or a built-in one's */
	bool done;     /* resolved, with all inside it */
	uint8_t truth; /* BOOL */
	policy_text name;     /* ENTITY: the type; named: as written, in space */
	policy_text space;
	uint32_t at;          /* where it was written */
	const type *element;  /* SET */
	const type_field *fields; /* RECORD */
	uint32_t field_count;
};

/* Names as written, in a namespace. */
typedef struct name_list {
	policy_text *names;
	uint32_t count;
} name_list;

typedef struct entity_type {
	policy_text name;
	policy_text space;
	name_list parents;
	const type *shape; /* a record */
	const type *tags;  /* NULL: it has none */
	list values;       /* of policy_text: the only ids there are; none: any */
	uint32_t at;
} entity_type;

typedef struct action_type {
	policy_uid uid;
	policy_text space;
	const uid **parents;
	uint32_t parent_count;
	bool applies;
	name_list principals, resources;
	const type *context; /* a record */
	uint32_t at;
} action_type;

typedef struct common_type {
	policy_text name;
	const type *type;
} common_type;

struct policy_schema {
	arena a;
	policy_source source;
	list entities, actions, commons; /* of entity_type, action_type, common_type */
};

/* Names made whole: "Party" in Hub is "Hub::Party" where there is one. False: an error is recorded in p. */
bool schema_resolve(policy_schema *s, parser *p);
const entity_type *schema_entity(const policy_schema *s, policy_text name);
const action_type *schema_action(const policy_schema *s, const uid *u);
const type_field *type_field_of(const type *record, policy_text name);

#endif
