/* Tariff documents: as they were added, never edited. A change is a document valid from a later moment. */
#ifndef STORE_TARIFF_H
#define STORE_TARIFF_H

#include "store/store.h"

typedef struct tariff_document {
	int64_t id;
	const char *code;
	hub_time valid_from; /* of its newest version; 0: always */
	const char *body;    /* JSON */
} tariff_document;

/* The same again is fine (*ret_changed false). HUB_CONFLICT: another document is valid from that moment. */
hub_status tariff_document_add(store *db, const tariff_document *d, int64_t *ret_id, bool *ret_changed, hub_fault *fault);
/* The one in force at a moment: the last with valid_from <= at. HUB_MISSING. */
hub_status tariff_document_at(store *db, const char *code, hub_time at, arena *a, tariff_document *ret);
hub_status tariff_document_by_id(store *db, int64_t id, arena *a, tariff_document *ret);
/* All, by code and valid_from, without their bodies. */
hub_status tariff_document_list(store *db, arena *a, tariff_document **ret, size_t *ret_count);

#endif
