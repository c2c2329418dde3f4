/* TZif (RFC 8536, versions 1 to 4) into a plain list of offsets; shared by zone.c only. */
#ifndef BASE_ZONE_FILE_H
#define BASE_ZONE_FILE_H

#include "base/zone.h"
#include "base/zone_rule.h"

struct zone {
	char *name;
	int32_t first;      /* before events[0] */
	zone_event *events; /* rising; each differs from the offset before it */
	size_t count;
	bool has_rule;
	int64_t rule_from; /* from here on the rule decides, before it the events */
	zone_rule rule;
};

/* Fills all but the name; events are the caller's to free. HUB_REJECT, HUB_NOMEM. */
hub_status zone_file_read(const uint8_t *bytes, size_t len, struct zone *z);

#endif
