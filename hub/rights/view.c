#include "rights/view.h"

#include <string.h>

hub_status view_init(view *v, const rights_case *c, bool subscribed)
{
	subscription *list = NULL;
	*v = (view){ .of = *c };
	hub_status st = rights_new(c, &v->rights);
	if (st != HUB_OK || !subscribed)
		return st;
	st = subscription_list(c->db, c->caller->id, c->now, c->arena, &list, &v->subscription_count);
	size_t pulls = 0; /* what goes through another door is not asked for here */
	for (size_t i = 0; st == HUB_OK && i < v->subscription_count; i++)
		if (!strcmp(list[i].door, "pull"))
			list[pulls++] = list[i];
	v->subscription_count = pulls;
	/* A list, if only an empty one: then nothing is asked for. */
	static const subscription none;
	v->subscriptions = v->subscription_count ? list : &none;
	return st;
}

void view_receipt(view *v, const receipt *r)
{
	v->sender = r->party;
	/* What did not come over the HTTP door came from an adapter of ours. */
	v->attached = strcmp(r->source, "api") != 0;
}

hub_status view_points(view *v, const int64_t *points, size_t count)
{
	hub_status st = rights_load(v->rights, points, count);
	if (st != HUB_OK)
		return st;
	return point_meters(v->of.db, points, count, v->of.arena, &v->meters, &v->meter_count);
}

static bool wanted(const view *v, const subscription_row *row)
{
	for (size_t i = 0; i < v->subscription_count; i++)
		if (subscription_matches(&v->subscriptions[i], row))
			return true;
	return !v->subscriptions;
}

static hub_status ask(view *v, const rights_point *p, const rights_row *row, const char *kind,
		      const rights_point **ret_point, rights_ruling *ret_ruling)
{
	rights_ruling ruling = { 0 };
	*ret_point = NULL;
	hub_status st = HUB_OK;
	if (p) {
		const subscription_row seen = { row->type,	v->sender,     p->point.id,   p->point.commodity,
						p->path,	p->path_count, row->quantity, kind };
		st = wanted(v, &seen) ? rights_ask(v->rights, p, row, &ruling) : HUB_OK;
	}
	if (st == HUB_OK && ruling.allowed)
		*ret_point = p;
	if (ret_ruling)
		*ret_ruling = ruling;
	return st;
}

bool view_wants(const view *v, const message *m)
{
	return wanted(v, &(subscription_row){ .type = m->type, .sender = v->sender, .kind = m->kind });
}

hub_status view_reading(view *v, const series_row *row, const rights_point **ret_point, rights_ruling *ret_ruling)
{
	const rights_point *p = rights_of(v->rights, row->point);
	const rights_row asked = { .type = HUB_RECORD_READING,
				   .quantity = row->quantity,
				   .sender = v->sender,
				   .attached = v->attached,
				   .grain = p ? rights_grain(&p->point, row->kind, row->start, row->time) : CONSENT_RAW,
				   .start = row->start,
				   .time = row->time };
	return ask(v, p, &asked, NULL, ret_point, ret_ruling);
}

hub_status view_message(view *v, const message *m, const rights_point **ret_point, rights_ruling *ret_ruling)
{
	const rights_row asked = { .type = m->type,
				   .sender = v->sender,
				   .attached = v->attached,
				   .computed = m->item >= MESSAGE_COMPUTED,
				   .grain = CONSENT_RAW,
				   .time = m->time };
	return ask(v, rights_of(v->rights, m->point), &asked, m->kind, ret_point, ret_ruling);
}

const char *view_meter(const view *v, const series_row *row)
{
	hub_time at = row->kind == HUB_INTERVAL ? row->start : row->time;
	const char *name = "";
	size_t low = 0, high = v->meter_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (v->meters[mid].point < row->point)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < v->meter_count && v->meters[low].point == row->point; low++) {
		const point_meter *m = &v->meters[low];
		if (at < m->from || (m->to && at >= m->to))
			continue;
		if (!strcmp(m->channel, row->channel))
			return m->meter;
		if (!m->channel[0])
			name = m->meter;
	}
	return name;
}
