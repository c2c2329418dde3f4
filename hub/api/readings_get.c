#include <string.h>

#include "api/exchange.h"
#include "api/reading.h"
#include "api/readings.h"
#include "base/json.h"
#include "model/quantity.h"
#include "rights/view.h"

enum { PAGE = 500, PAGE_MAX = 1000 };

static const struct step_name {
	const char *name;
	series_step step;
} steps[] = { { "raw", SERIES_RAW }, { "hour", SERIES_HOUR }, { "day", SERIES_DAY }, { "month", SERIES_MONTH } };

static const consent_grain grains[] = { [SERIES_RAW] = CONSENT_RAW, [SERIES_HOUR] = CONSENT_HOUR, [SERIES_DAY] = CONSENT_DAY,
					[SERIES_MONTH] = CONSENT_MONTH };

/* What the caller may not read by itself, it may by consents; then it says what for, and no step is finer than they are. */
static hub_status read_by_consent(request *r, const rights_point *p, const char *code, series_step step)
{
	consent_grain finest = CONSENT_MONTH;
	for (size_t i = 0; i < p->line_count; i++)
		finest = p->lines[i].grain < finest ? p->lines[i].grain : finest;
	if (!request_query(r, "purpose"))
		return request_refuse(r, 403, "consent.purpose", "purpose", "point '%.64s' may be read by consent: say what for, as "
				      "purpose=%s", code, p->lines[0].purpose);
	if (grains[step] < finest && step != SERIES_RAW)
		return request_refuse(r, 403, "consent.granularity", "step", "the consent for point '%.64s' goes no finer than %s; "
				      "ask for a coarser step", code, consent_grain_names[finest]);
	return HUB_OK;
}

/* HUB_MISSING: there is no such point, or as if. */
static hub_status read_point(request *r, view *v, const char *code, series_step step, int64_t *ret)
{
	point found = { 0 };
	rights_ruling ruling = { 0 };
	hub_status st = point_by_code(r->db, code, r->arena, &found);
	if (st == HUB_OK)
		st = rights_load_point(v->rights, &found);
	if (st != HUB_OK)
		return st;
	const rights_point *p = rights_of(v->rights, found.id);
	*ret = found.id;
	if (p)
		st = rights_on(v->rights, p, false, &ruling);
	/* Whoever lived there once keeps what was measured then, and gets nothing else. */
	if (st != HUB_OK || ruling.allowed || (p && rights_lived(v->rights, p)))
		return st;
	if (p && p->line_count)
		st = rights_on(v->rights, p, true, &ruling);
	if (st == HUB_OK && ruling.allowed)
		return read_by_consent(r, p, code, step);
	return st == HUB_OK ? HUB_MISSING : st;
}

/* The points that are asked for and may be read. What may not be read is as if it were not there. */
hub_status readings_points(request *r, view *v, series_step step, int64_t ids[READINGS_POINTS], size_t *ret_count)
{
	size_t n = 0;
	for (size_t i = 0; i < r->call->query_count; i++) {
		const char *code = r->call->query[i].value;
		if (strcmp(r->call->query[i].name, "point"))
			continue;
		if (n == READINGS_POINTS)
			return request_refuse(r, 400, "readings.points", "point", "at most %d points at once", READINGS_POINTS);
		hub_status st = read_point(r, v, code, step, &ids[n]);
		if (st == HUB_MISSING)
			return request_refuse(r, 404, "point.unknown", "point", "there is no point '%.64s' that you may read",
					      code);
		if (st != HUB_OK)
			return st;
		n++;
	}
	if (n == 0)
		return request_refuse(r, 400, "readings.points", "point", "name at least one: point=CODE");
	*ret_count = n;
	return view_points(v, ids, n);
}

hub_status readings_step(request *r, series_step fallback, series_step *ret)
{
	const char *text = request_query(r, "step");
	for (size_t i = 0; text && i < sizeof steps / sizeof steps[0]; i++)
		if (!strcmp(text, steps[i].name)) {
			*ret = steps[i].step;
			return HUB_OK;
		}
	if (!text) {
		*ret = fallback;
		return HUB_OK;
	}
	return request_refuse(r, 400, "readings.step", "step", "step is raw, hour, day or month");
}

hub_status readings_zone(request *r, zone **ret)
{
	const char *name = request_query(r, "zone");
	hub_status st = zone_load(name ? name : "Asia/Shanghai", ret);
	if (st == HUB_MISSING || st == HUB_REJECT)
		return request_refuse(r, 400, "readings.zone", "zone", "'%.64s' is no time zone such as Asia/Shanghai", name);
	return st;
}

hub_status readings_query(request *r, series_query *q)
{
	const char *name = request_query(r, "quantity");
	const quantity *wanted = name ? quantity_find(name) : NULL;
	uint64_t limit = PAGE;
	if (!wanted)
		return request_refuse(r, 400, "readings.quantity", "quantity",
				      "quantity is one name of schemas/quantities.json, such as active_energy_import");
	q->quantity = wanted->number;
	q->channel = request_query(r, "channel");
	hub_status st = request_time(r, "from", 0, &q->from);
	if (st == HUB_OK)
		st = request_time(r, "to", r->now, &q->to);
	if (st == HUB_OK)
		st = request_time(r, "known_at", 0, &q->known_at);
	if (st == HUB_OK)
		st = readings_step(r, SERIES_RAW, &q->step);
	if (st == HUB_OK)
		st = request_number(r, "limit", PAGE, 1, PAGE_MAX, &limit);
	q->limit = limit;
	if (st == HUB_OK && q->from >= q->to)
		return request_refuse(r, 400, "call.time", "from", "from lies before to");
	return st;
}

/* *ret NULL: it is not for the caller. An amount is as fine as its step. */
hub_status readings_seen(view *v, const series_item *item, series_step step, const rights_point **ret)
{
	const series_row *row = &item->row;
	if (step == SERIES_RAW)
		return view_reading(v, row, ret, NULL);
	const rights_point *p = rights_of(v->rights, row->point);
	const rights_row asked = { .type = HUB_RECORD_READING,
				   .quantity = row->quantity,
				   .grain = grains[step],
				   .start = row->start,
				   .time = row->time };
	rights_ruling ruling = { 0 };
	hub_status st = p ? rights_ask(v->rights, p, &asked, &ruling) : HUB_OK;
	*ret = ruling.allowed ? p : NULL;
	return st;
}

static hub_status write_page(request *r, view *v, const series_query *q, series_cursor *cursor)
{
	series_item *items;
	size_t count;
	hub_fault fault = { 0 };
	const char *comma = "";
	hub_status st = series_read(r->db, q, cursor, r->arena, &items, &count, &fault);
	if (st == HUB_REJECT)
		return request_problem(r, 400, &fault);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"readings\":[");
	for (size_t i = 0; i < count; i++) {
		const rights_point *p;
		st = readings_seen(v, &items[i], q->step, &p);
		if (st != HUB_OK)
			return st;
		if (!p)
			continue;
		buf_printf(&r->body, "%s\n", comma);
		reading_write(&r->body, &items[i], view_meter(v, &items[i].row), p->point.code, q->step != SERIES_RAW);
		comma = ",";
	}
	buf_text(&r->body, "],\"cursor\":");
	json_write_text(&r->body, cursor->text);
	buf_text(&r->body, "}\n");
	return request_finish(r, 200, "");
}

hub_status readings_get(request *r)
{
	int64_t ids[READINGS_POINTS];
	series_query q = { .points = ids };
	series_cursor cursor = { "" };
	const char *from = request_query(r, "cursor");
	zone *z = NULL;
	view v;
	const rights_case about = request_case(r, "read");
	hub_status st = view_init(&v, &about, false);
	if (st == HUB_OK)
		st = readings_query(r, &q);
	if (st == HUB_OK)
		st = readings_points(r, &v, q.step, ids, &q.point_count);
	if (st == HUB_OK && from && strlen(from) >= sizeof cursor.text)
		return request_refuse(r, 400, "readings.cursor", "cursor", "this cursor is not ours");
	if (st == HUB_OK)
		st = readings_zone(r, &z);
	if (st != HUB_OK)
		return st;
	q.zone = z;
	if (from)
		strcpy(cursor.text, from);
	else /* kept before it is shown */
		st = viewing_keep(r, ids, q.point_count, q.quantity, grains[q.step]);
	if (st == HUB_OK)
		st = write_page(r, &v, &q, &cursor);
	zone_free(z);
	return st;
}
