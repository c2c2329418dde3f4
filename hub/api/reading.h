/* Stored readings as the doors show them: the canonical shape, and what the hub adds to it. */
#ifndef API_READING_H
#define API_READING_H

#include "api/request.h"
#include "store/series.h"

/* {…canonical…,"point","version","known_at","receipt"}; for steps also "present" and
   "expected"; "reasons" if the hub flagged it. */
void reading_write(buf *out, const series_item *item, const char *meter, const char *point_code, bool stepped);

#endif
