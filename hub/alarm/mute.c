#include <string.h>

#include "alarm/parts.h"
#include "base/clock.h"
#include "model/quantity.h"
#include "store/series.h"

#define SECOND INT64_C(1000000)

enum { METERS_MAX = 20000, AT_ONCE = 1000, KINDS = 4, SPREAD = 10 /* s between looks at all meters of a party */ };

bool alarm_mute_due(const alarm_rule *r, hub_time now)
{
	return strcmp(r->kind, "meter_silent") != 0 || r->point || (now / SECOND + r->id) % SPREAD < 2;
}

/* The kinds in which the quantity may be read. */
static size_t keys_of(const alarm_rule *r, const alarm_meter *m, hub_time now, series_row *out)
{
	const quantity *q = quantity_by_number(r->quantity);
	size_t n = 0;
	for (int kind = HUB_REGISTER; q && kind <= HUB_STATE; kind++)
		if (q->kinds >> kind & 1)
			out[n++] = (series_row) { .point = m->point,
						  .channel = r->channel[0] ? r->channel : m->channel,
						  .quantity = r->quantity,
						  .kind = (hub_kind)kind,
						  .time = now };
	return n;
}

/* When each was heard last, or since when it should have been. */
static hub_status heard(store *db, const alarm_rule *r, const alarm_meter *list, size_t count, hub_time now, arena *a,
			hub_time *ret)
{
	series_row *keys = arena_array(a, count * KINDS, sizeof *keys),
		   *last = arena_array(a, count * KINDS, sizeof *last);
	bool *found = arena_array(a, count * KINDS, sizeof *found);
	size_t *of = arena_array(a, count * KINDS, sizeof *of), n = 0;
	if (!keys || !last || !found || !of)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		size_t more = keys_of(r, &list[i], now, keys + n);
		for (size_t k = 0; k < more; k++)
			of[n + k] = i;
		n += more;
		ret[i] = list[i].since;
	}
	hub_status st = n ? series_last(db, keys, n, last, found) : HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < n; i++)
		if (found[i] && last[i].time > ret[of[i]])
			ret[of[i]] = last[i].time;
	return st;
}

hub_status alarm_find_mute(store *db, const alarm_rule *r, arena *a, alarm_finding **ret, size_t *ret_count)
{
	alarm_meter *list;
	size_t count = 0, n = 0;
	const hub_time now = clock_now();
	hub_status st = alarm_meters(db, r, METERS_MAX, a, &list, &count);
	alarm_finding *out = st == HUB_OK ? arena_array(a, count, sizeof *out) : NULL;
	hub_time *at = arena_array(a, AT_ONCE, sizeof *at);
	if (st != HUB_OK || !out || !at)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t first = 0; st == HUB_OK && first < count; first += AT_ONCE) {
		const size_t some = count - first < AT_ONCE ? count - first : AT_ONCE;
		st = heard(db, r, list + first, some, now, a, at);
		for (size_t i = 0; st == HUB_OK && i < some; i++)
			if (at[i] < now - r->hold)
				out[n++] = (alarm_finding) { .party = r->party,
							     .subject = list[first + i].meter,
							     .since = at[i] };
	}
	*ret = out;
	*ret_count = n;
	return st;
}
