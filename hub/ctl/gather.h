/* An adapter in this process, whose records are gathered in an arena: imports and replays. */
#ifndef CTL_GATHER_H
#define CTL_GATHER_H

#include "model/record.h"

typedef struct gather gather;

/* Records live in the arena, which must outlive it. HUB_REJECT with *fault: adapter or option. */
hub_status gather_open(const char *adapter, const hub_setting *settings, size_t count, arena *a, gather **ret,
		       hub_fault *fault);
void gather_close(gather *g); /* NULL is fine */

/* One whole document in a session of its own; name is its peer's. */
hub_status gather_document(gather *g, const char *name, const uint8_t *bytes, size_t len, hub_fault *fault);
/* A document piece by piece: begin, pieces, end; between pieces the records so far may be taken. */
hub_status gather_begin(gather *g, const char *name, hub_fault *fault);
hub_status gather_piece(gather *g, const uint8_t *bytes, size_t len, hub_fault *fault);
hub_status gather_end(gather *g, hub_fault *fault);

size_t gather_count(const gather *g);
/* The records since the last take; they stay where they are until the arena is reset. */
hub_status gather_take(gather *g, record **ret, size_t *ret_count);

/* {"key":"value"} as pairs; other values than strings as their JSON. */
hub_status settings_of_json(const char *json, arena *a, hub_setting **ret, size_t *ret_count);

#endif
