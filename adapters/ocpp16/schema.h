/*
 * The messages of OCPP 1.6J and of its security white paper (edition 3) as tables: a row per field
 * with what the standard's JSON schemas demand of it, a row per action with its request and its
 * answer. One checker reads them for both directions.
 */
#ifndef OCPP16_SCHEMA_H
#define OCPP16_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* OCPP-J 1.6, 4.2.3: the codes of a CALLERROR, spelled as there. */
typedef enum ocpp_error {
	OCPP_FINE = 0,
	OCPP_NOT_IMPLEMENTED,
	OCPP_NOT_SUPPORTED,
	OCPP_INTERNAL,
	OCPP_PROTOCOL,
	OCPP_SECURITY,
	OCPP_FORMATION,
	OCPP_PROPERTY,
	OCPP_OCCURENCE,
	OCPP_TYPE,
	OCPP_GENERIC,
} ocpp_error;

const char *ocpp_error_name(ocpp_error e); /* "FormationViolation", … */
const char *ocpp_error_code(ocpp_error e); /* "ocpp16.formation", … of docs/faults.md */

typedef enum field_type {
	FIELD_TEXT, /* max: characters, 0: no bound */
	FIELD_WORD, /* of: the words allowed */
	FIELD_INTEGER,
	FIELD_NUMBER,
	FIELD_TRUTH,
	FIELD_TIME,    /* RFC 3339 */
	FIELD_OBJECT,  /* of: its fields */
	FIELD_OBJECTS, /* a list of them, with at least one when it is required */
	FIELD_TEXTS,   /* max: of each text */
} field_type;

typedef struct field {
	const char *name; /* NULL ends a table */
	field_type type;
	bool required;
	uint16_t max;
	const void *of;
} field;

typedef enum action_sender { FROM_STATION = 1, FROM_CENTRAL = 2, FROM_BOTH = 3 } action_sender;

typedef struct action {
	const char *name;
	action_sender sender;
	const field *request, *answer;
} action;

/* NULL: no action of the standard has this name. */
const action *action_find(const char *name);

/* What a checker found; `field` names the member, "" for the payload. Both live as long as the payload. */
typedef struct violation {
	ocpp_error error;
	const char *field;
	const char *rule;
} violation;

/*
 * Whether the payload is what the table demands; the first violation goes to *ret. lenient: members
 * that the table does not know pass, and so do times without a zone.
 */
bool schema_check(const json_t *payload, const field *table, bool lenient, violation *ret);

/* A time of the standard, in µs; lenient as above, then read as UTC. */
bool schema_time(const char *text, bool lenient, int64_t *ret);

/* Tables that others read too. */
extern const field charging_profile[], charging_schedule[], id_tag_info[];
extern const action actions_core[], actions_profile[], actions_security[]; /* each ends with a NULL name */

#endif
