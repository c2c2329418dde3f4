/*
 * What one party may see of stored rows: rights, subscriptions and meters' names, looked up for a
 * page of rows at a time.
 */
#ifndef API_SHOW_H
#define API_SHOW_H

#include "api/request.h"
#include "api/rights.h"
#include "store/device.h"
#include "store/series.h"

typedef struct show {
	request *r;
	rights *rights;
	const subscription *subscriptions; /* NULL: subscriptions do not count */
	size_t subscription_count;
	point_meter *meters;               /* of the points of the page, by point */
	size_t meter_count;
} show;

/* By the caller's rights to `action`; subscribed: only what one of its subscriptions asks for. */
hub_status show_init(show *s, request *r, const char *action, bool subscribed);
/* Before the rows of a page are asked about. */
hub_status show_points(show *s, const int64_t *points, size_t count);
/* The point, if the caller may see rows of this type (and quantity, 0: none) of it; NULL if not. */
const rights_point *show_allowed(const show *s, hub_record_type type, int64_t point_id, uint16_t number);
/* The name of the meter that showed it, "" if none is known. An interval belongs to its start. */
const char *show_meter(const show *s, const series_row *row);

#endif
