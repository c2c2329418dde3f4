/*
 * Whether the caller, or the person who acts for it, may receive what the hub computed about an area: one decision of the
 * policies in force on a message of that kind, with the places above the area.
 */
#ifndef API_AREA_RIGHT_H
#define API_AREA_RIGHT_H

#include "api/request.h"
#include "store/premise.h"

/* kind: "aggregate", "carbon", …; commodity "": of none. areas: where those above it are looked up. */
hub_status area_right(request *r, const premise *areas, size_t count, const premise *of, const char *kind, const char *commodity,
		      bool *ret_allowed);

#endif
