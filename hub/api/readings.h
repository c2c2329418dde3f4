/* GET and POST /v1/readings. */
#ifndef API_READINGS_H
#define API_READINGS_H

#include <jansson.h>

#include "api/request.h"
#include "rights/view.h"

/* point=CODE (repeats), quantity=, from=, to=, step=raw|hour|day|month, channel=, known_at=, limit=, cursor=. */
hub_status readings_get(request *r);
/*
 * An array of readings in the canonical shape, or {"readings":[…]}: at most BATCH_RECORDS_MAX, of
 * the caller's own meters. 202 after COMMIT with the receipt and an error per refused one. The
 * same idempotency-key again is answered as the first time; with other content it is 409.
 */
hub_status readings_post(request *r);
/*
 * GET /v1/readings/completeness: how many intervals each hour, day or month has of those it should have; point=,
 * quantity=, from=, to=, step=, zone=, channel=. At most COMPLETENESS_BUCKETS of all points together.
 */
enum { COMPLETENESS_BUCKETS = 10000 };
hub_status completeness_get(request *r);

/* What both ask of the query; HUB_REJECT after a problem. readings_get.c */
enum { READINGS_POINTS = 64 };
hub_status readings_points(request *r, view *v, series_step step, int64_t ids[READINGS_POINTS], size_t *ret_count);
hub_status readings_step(request *r, series_step fallback, series_step *ret);
hub_status readings_zone(request *r, zone **ret);
hub_status readings_query(request *r, series_query *q);
/* *ret NULL: the row, or the amount of such a step, is not for the caller. */
hub_status readings_seen(view *v, const series_item *item, series_step step, const rights_point **ret);

/* One reading in the canonical shape. HUB_REJECT with *fault ("reading.json"). Texts in the arena. readings_post.c */
hub_status reading_parse(const json_t *o, arena *a, hub_reading *ret, hub_fault *fault);

#endif
