#include "api/aggregates.h"

#include <string.h>

#include "aggregate/day.h"
#include "aggregate/read.h"
#include "api/aggregates_book.h"
#include "api/area_right.h"
#include "api/permit.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/outline.h"

#define DAY INT64_C(86400000000)
enum { PURPOSE = 200 };

static void write_area(buf *out, const premise *p, const char *parent, const char *geometry)
{
	buf_text(out, "\n{\"type\":\"Feature\",\"properties\":{\"code\":");
	json_write_text(out, p->code);
	buf_printf(out, ",\"kind\":\"%s\",\"parent\":", p->kind);
	json_write_text(out, parent);
	buf_text(out, ",\"name_zh\":");
	json_write_text(out, p->name_zh);
	buf_text(out, ",\"name_en\":");
	json_write_text(out, p->name_en);
	buf_printf(out, "},\"geometry\":%s}", geometry);
}

/* The next larger place that is an area too; -1: none. */
static int above(const premise *areas, size_t count, const premise *p)
{
	for (size_t k = p->path_count - 1; k--;)
		for (size_t i = 0; i < count; i++)
			if (areas[i].id == p->path[k])
				return (int)i;
	return -1;
}

static const char *geometry_of(const outline *list, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].premise == id)
			return list[i].geometry;
	return "null";
}

hub_status areas_get(request *r)
{
	premise *areas;
	outline *drawn;
	size_t count, drawn_count = 0, shown = 0;
	hub_status st = aggregate_areas(r->db, r->arena, &areas, &count);
	int64_t *ids = st == HUB_OK ? arena_array(r->arena, count, sizeof *ids) : NULL;
	if (!ids)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t i = 0; i < count; i++)
		ids[i] = areas[i].id;
	st = outline_list(r->db, ids, count, r->arena, &drawn, &drawn_count);
	buf_text(&r->body, "{\"type\":\"FeatureCollection\",\"features\":[");
	for (size_t i = 0; st == HUB_OK && i < count && r->body.len < REQUEST_PART; i++) {
		bool allowed;
		int up = above(areas, count, &areas[i]);
		st = area_right(r, areas, count, &areas[i], "aggregate", "", &allowed);
		if (st != HUB_OK || !allowed)
			continue;
		buf_text(&r->body, shown++ ? "," : "");
		write_area(&r->body, &areas[i], up < 0 ? "" : areas[up].code, geometry_of(drawn, drawn_count, areas[i].id));
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish_tagged(r, 200) : st;
}

static hub_status unknown(request *r, const char *code)
{
	return request_refuse(r, 404, "aggregate.area", "area", "there is no area '%.64s' whose sums you may have; GET /v1/areas.geojson "
			      "lists them", code ? code : "");
}

/* area=CODE; without it the largest that the caller may ask about. */
static hub_status find(request *r, aggregate_query *q)
{
	const char *code = request_query(r, "area");
	for (size_t i = 0; i < q->area_count; i++) {
		bool allowed = false;
		if (code && strcmp(code, q->areas[i].code))
			continue;
		hub_status st = area_right(r, q->areas, q->area_count, &q->areas[i], "aggregate", q->commodity, &allowed);
		if (st != HUB_OK)
			return st;
		q->top = i;
		if (allowed)
			return HUB_OK;
	}
	return unknown(r, code);
}

static hub_status read_query(request *r, aggregate_query *q)
{
	const char *step = request_query(r, "step"), *commodity = request_query(r, "commodity");
	const char *purpose = request_query(r, "purpose");
	premise *areas;
	*q = (aggregate_query){ .commodity = commodity ? commodity : "electricity", .step = AGGREGATE_BY_MONTH };
	if (step && !aggregate_step_parse(step, &q->step))
		return request_refuse(r, 400, "aggregate.step", "step", "'%.32s' is not hour, day or month", step);
	if (!aggregate_kind_of(q->commodity))
		return request_refuse(r, 400, "aggregate.commodity", "commodity", "is electricity, water, gas, heat, cold or ev, not '%.32s'",
				      q->commodity);
	if (purpose && strlen(purpose) > PURPOSE)
		return request_refuse(r, 400, "aggregate.purpose", "purpose", "is at most %d bytes", PURPOSE);
	static const int64_t back[] = { 2 * DAY, 31 * DAY, 365 * DAY };
	hub_status st = request_truth(r, "below", &q->below);
	if (st == HUB_OK)
		st = request_time(r, "to", r->now, &q->to);
	if (st == HUB_OK)
		st = request_time(r, "from", q->to - back[q->step], &q->from);
	if (st == HUB_OK)
		st = aggregate_areas(r->db, r->arena, &areas, &q->area_count);
	if (st == HUB_OK)
		q->areas = areas;
	return st == HUB_OK ? find(r, q) : st;
}

/* Whoever looks at a city's use is written down, before there is an answer. */
static hub_status keep(request *r, const aggregate_query *q, const aggregate_answer *answer, const char *form)
{
	const char *purpose = request_query(r, "purpose");
	const aggregate_ask ask = { .party = r->caller.id, .login = r->person ? r->person->login : "", .purpose = purpose ? purpose : "",
				    .area = q->areas[q->top].code, .below = q->below, .commodity = q->commodity,
				    .step = aggregate_step_names[q->step], .from = answer->from, .to = answer->to, .form = form,
				    .given = (int32_t)answer->given, .withheld = (int32_t)answer->withheld,
				    .trace = (const uint8_t *)&r->call->head.trace };
	return aggregate_ask_add(r->db, &ask);
}

/* Carbon is a kind of its own: whose business it is not gets the sums without. */
static hub_status without_carbon(request *r, const aggregate_query *q, aggregate_answer *answer)
{
	bool allowed;
	hub_status st = area_right(r, q->areas, q->area_count, &q->areas[q->top], "carbon", q->commodity, &allowed);
	for (size_t i = 0; st == HUB_OK && !allowed && i < answer->line_count; i++)
		for (size_t k = 0; k < answer->cell_count; k++) {
			answer->lines[i].cells[k].has_carbon = false;
			answer->lines[i].cells[k].factor = NULL;
		}
	return st;
}

static hub_status answer(request *r, const char *form, const zone *z, aggregate_query *q, aggregate_answer *ret)
{
	hub_fault fault = { 0 };
	hub_status st = read_query(r, q);
	if (st != HUB_OK)
		return st;
	st = aggregate_read(r->db, q, z, r->arena, ret, &fault);
	if (st == HUB_REJECT)
		return request_problem(r, 400, &fault);
	if (st == HUB_OK)
		st = without_carbon(r, q, ret);
	return st == HUB_OK ? keep(r, q, ret, form) : st;
}

hub_status aggregates_get(request *r)
{
	aggregate_query q;
	aggregate_answer found;
	zone *z;
	hub_status st = zone_load(AGGREGATE_ZONE, &z);
	if (st != HUB_OK)
		return st == HUB_MISSING ? HUB_FAILED : st;
	st = answer(r, "json", z, &q, &found);
	if (st == HUB_OK)
		aggregate_write(&r->body, &q, z, &found);
	zone_free(z);
	if (st == HUB_OK && r->body.len > REQUEST_PART)
		return request_refuse(r, 400, "aggregate.period", "to", "this answer would be too long; ask for less, or by a longer step");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

hub_status aggregates_book_get(request *r)
{
	aggregate_query q;
	aggregate_answer found;
	zone *z;
	hub_status st = zone_load(AGGREGATE_ZONE, &z);
	if (st != HUB_OK)
		return st == HUB_MISSING ? HUB_FAILED : st;
	st = answer(r, "xlsx", z, &q, &found);
	if (st == HUB_OK)
		st = aggregates_book(r, &q, &found, z);
	zone_free(z);
	return st;
}

static void write_ask(buf *out, const aggregate_ask *q)
{
	char at[CLOCK_TEXT], from[CLOCK_TEXT], to[CLOCK_TEXT];
	buf_printf(out, "{\"id\":%lld,\"at\":\"%s\",\"login\":", (long long)q->id, clock_text(q->at, at));
	json_write_text(out, q->login);
	buf_text(out, ",\"purpose\":");
	json_write_text(out, q->purpose);
	buf_text(out, ",\"area\":");
	json_write_text(out, q->area);
	buf_printf(out, ",\"below\":%s,\"commodity\":\"%s\",\"step\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"form\":\"%s\",\"given\":%d,"
		   "\"withheld\":%d,\"trace\":\"", q->below ? "true" : "false", q->commodity, q->step, clock_text(q->from, from),
		   clock_text(q->to, to), q->form, q->given, q->withheld);
	for (size_t i = 0; q->trace && i < 16; i++)
		buf_printf(out, "%02x", q->trace[i]);
	buf_text(out, "\"}");
}

hub_status aggregates_asked_get(request *r)
{
	request_page page;
	aggregate_ask *list;
	size_t count;
	int64_t owner;
	hub_status st = request_page_of(r, &page);
	if (st == HUB_OK)
		st = permit_list(r, "question", &owner);
	if (st == HUB_OK)
		st = aggregate_ask_list(r->db, owner, NULL, page.after, page.limit, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"asked\":[");
	for (size_t i = 0; i < count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		write_ask(&r->body, &list[i]);
	}
	return request_finish_page(r, count == page.limit ? (uint64_t)list[count - 1].id : 0);
}
