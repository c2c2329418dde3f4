#include "api/show.h"

#include <string.h>

hub_status show_init(show *s, request *r, const char *action, bool subscribed)
{
	subscription *list = NULL;
	*s = (show){ .r = r };
	hub_status st = rights_new(r->db, r->policies, r->policies_by_name, &r->caller, action, r->now, r->arena, &s->rights);
	if (st != HUB_OK || !subscribed)
		return st;
	st = subscription_list(r->db, r->caller.id, r->now, r->arena, &list, &s->subscription_count);
	/* A list, if only an empty one: then nothing is asked for. */
	static const subscription none;
	s->subscriptions = s->subscription_count ? list : &none;
	return st;
}

hub_status show_points(show *s, const int64_t *points, size_t count)
{
	hub_status st = rights_load(s->rights, points, count);
	if (st != HUB_OK)
		return st;
	return point_meters(s->r->db, points, count, s->r->arena, &s->meters, &s->meter_count);
}

const rights_point *show_allowed(const show *s, hub_record_type type, int64_t point_id, uint16_t number)
{
	const rights_point *p = rights_of(s->rights, point_id);
	if (!p || !p->allowed)
		return NULL;
	if (!s->subscriptions)
		return p;
	for (size_t i = 0; i < s->subscription_count; i++)
		if (subscription_matches(&s->subscriptions[i], type, point_id, p->point.commodity, p->path, p->path_count,
					 number))
			return p;
	return NULL;
}

const char *show_meter(const show *s, const series_row *row)
{
	hub_time at = row->kind == HUB_INTERVAL ? row->start : row->time;
	const char *name = "";
	size_t low = 0, high = s->meter_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (s->meters[mid].point < row->point)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < s->meter_count && s->meters[low].point == row->point; low++) {
		const point_meter *m = &s->meters[low];
		if (at < m->from || (m->to && at >= m->to))
			continue;
		if (!strcmp(m->channel, row->channel))
			return m->meter;
		if (!m->channel[0])
			name = m->meter;
	}
	return name;
}
