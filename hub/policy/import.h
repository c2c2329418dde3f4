/* Cedar's JSON shapes, from a tree to public structs in the same arena. */
#ifndef POLICY_IMPORT_H
#define POLICY_IMPORT_H

#include "policy/tree.h"

typedef struct importer {
	const char *text; /* for places in faults */
	arena *a;
	hub_fault *fault;
	hub_status status; /* the first that was not HUB_OK */
} importer;

/* False: i->status says why. */
bool import_refuse(importer *i, const tree *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void *import_take(importer *i, size_t count, size_t size);
/* {"type","id"}, {"__entity": {…}} or "Type::\"id\"". */
bool import_uid(importer *i, const tree *j, policy_uid *ret);
/* Any value; records and sets nest at most as deep as VALUE_DEPTH. */
bool import_value(importer *i, const tree *j, const policy_value **ret);
bool import_record(importer *i, const tree *j, const policy_attr **ret, size_t *ret_count);
/* An array of {uid, attrs, parents, tags}, built. */
hub_status import_entities(importer *i, const tree *j, policy_entities **ret);

#endif
