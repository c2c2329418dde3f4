/*
 * What one party may see of stored rows: rights, subscriptions and meters' names, looked up for a
 * page of rows at a time.
 */
#ifndef RIGHTS_VIEW_H
#define RIGHTS_VIEW_H

#include "rights/rights.h"
#include "store/device.h"
#include "store/message.h"
#include "store/receipt.h"
#include "store/series.h"
#include "store/subscription.h"

typedef struct view {
	rights_case of;
	rights *rights;
	const subscription *subscriptions; /* NULL: subscriptions do not count */
	size_t subscription_count;
	point_meter *meters; /* of the points of the page, by point */
	size_t meter_count;
	int64_t sender; /* of the rows asked about: view_receipt */
	bool attached;
} view;

/* subscribed: only what one of the caller's subscriptions with the pull door asks for. */
hub_status view_init(view *v, const rights_case *c, bool subscribed);
/* The rows asked about came with this receipt; without, nobody is their sender. */
void view_receipt(view *v, const receipt *r);
/* Before the rows of a page are asked about. */
hub_status view_points(view *v, const int64_t *points, size_t count);

/* *ret_point NULL: the caller may not see the row, does not want it, or there is no such point. ret_ruling may be NULL.
 */
hub_status view_reading(view *v, const series_row *row, const rights_point **ret_point, rights_ruling *ret_ruling);
hub_status view_message(view *v, const message *m, const rights_point **ret_point, rights_ruling *ret_ruling);
/* Whether a subscription asks for a message that is about no point. */
bool view_wants(const view *v, const message *m);
/* The name of the meter that showed it, "" if none is known. An interval belongs to its start. */
const char *view_meter(const view *v, const series_row *row);

#endif
