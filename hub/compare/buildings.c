#include "compare/buildings.h"

#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/grow.h"
#include "base/json.h"
#include "base/zone.h"
#include "compare/run.h"
#include "model/quantity.h"
#include "store/point.h"
#include "store/premise.h"
#include "store/series.h"

enum { PAGE = 500, PER_AREA_SCALE = 3 };

typedef struct building {
	const premise *at;
	decimal amount;
	int64_t covered, length; /* µs of all its points */
	bool spoiled;
} building;

typedef struct survey {
	store *db;
	const buildings_order *order;
	const quantity *quantity;
	arena *a;
	building *list; /* by premise */
	size_t count, cap;
} survey;

static hub_status keep(survey *s, const premise *p)
{
	building *more = grow(s->list, s->count, &s->cap, sizeof *more, 64);
	if (!more)
		return HUB_NOMEM;
	s->list = more;
	s->list[s->count++] = (building) { .at = p };
	return HUB_OK;
}

static hub_status find_buildings(survey *s)
{
	int64_t after = 0;
	size_t n;
	do {
		premise *page;
		hub_status st = premise_children(s->db, s->order->under, true, after, PAGE, s->a, &page, &n);
		for (size_t i = 0; st == HUB_OK && i < n; i++)
			if (!strcmp(page[i].kind, "building"))
				st = keep(s, &page[i]);
		if (st != HUB_OK)
			return st;
		after = n ? page[n - 1].id : after;
	} while (n == PAGE);
	return HUB_OK;
}

static int by_premise(const void *key, const void *element)
{
	const building *b = element;
	int64_t id = *(const int64_t *)key;
	return (id > b->at->id) - (id < b->at->id);
}

/* The first instant of a year where the point is. */
static hub_time year_begins(const zone *z, int32_t year)
{
	hub_time at, later;
	zone_from_civil(z, (zone_civil) { .year = year, .month = 1, .day = 1 }, &at, &later);
	return at;
}

static hub_status measure(survey *s, const point *p, building *b)
{
	zone *z;
	series_amounts *list;
	size_t channels;
	hub_status st = zone_load(p->zone, &z);
	if (st != HUB_OK)
		return st;
	const hub_time from = year_begins(z, s->order->year), to = year_begins(z, s->order->year + 1);
	const series_query q = { .points = &p->id,
				 .point_count = 1,
				 .quantity = s->quantity->number,
				 .from = from,
				 .to = to,
				 .step = SERIES_MONTH,
				 .zone = z };
	st = series_read_amounts(s->db, &q, s->a, &list, &channels);
	b->length += to - from;
	/* Circuits of one point: nobody knows which is the whole. */
	b->spoiled |= st == HUB_OK && channels > 1;
	for (size_t i = 0; st == HUB_OK && channels && i < list->count; i++) {
		const series_item *item = &list->items[i];
		const int64_t length = item->row.time - item->row.start;
		b->spoiled |= (item->row.flags & HUB_DECREASE) || decimal_add(b->amount, decimal_of_value(item->row.value), &b->amount);
		b->covered += item->expected > item->present ? length / item->expected * item->present : length;
	}
	zone_free(z);
	return st;
}

static hub_status find_points(survey *s)
{
	const point_filter f = { .premise = s->order->under, .commodity = compare_commodities[s->order->commodity] };
	int64_t after = 0;
	size_t n;
	do {
		point *page;
		hub_status st = point_list(s->db, &f, after, PAGE, s->a, &page, &n);
		for (size_t i = 0; st == HUB_OK && i < n; i++) {
			building *b = s->count ? bsearch(&page[i].premise, s->list, s->count, sizeof *b, by_premise) : NULL;
			if (b)
				st = measure(s, &page[i], b);
		}
		if (st != HUB_OK)
			return st;
		after = n ? page[n - 1].id : after;
	} while (n == PAGE);
	return HUB_OK;
}

/* NULL, with the figure; else why there is none. */
static const char *per_area(const building *b, int64_t *ret)
{
	const hub_value area = b->at->area;
	decimal figure;
	*ret = COMPARE_UNKNOWN;
	if (area.digits <= 0)
		return "area";
	if (b->spoiled || decimal_sign(b->amount) < 0 || b->covered < b->length / 100 * BUILDINGS_COVER_PERCENT)
		return "use";
	if (decimal_div(b->amount, decimal_of_value(area), PER_AREA_SCALE, DECIMAL_HALF_UP, &figure) != HUB_OK ||
	    decimal_to_int64(figure, PER_AREA_SCALE, DECIMAL_HALF_UP, ret) != HUB_OK)
		return "use";
	return NULL;
}

static void write_figure(buf *out, const char *name, int64_t thousandths)
{
	char text[DECIMAL_TEXT];
	buf_printf(out, ",\"%s\":\"%s\"", name, decimal_text(decimal_trim(decimal_of(thousandths, PER_AREA_SCALE)), text));
}

static void write_building(const building *b, const benchmark *m, const char *reason, buf *out)
{
	char text[DECIMAL_TEXT];
	buf_text(out, "{\"building\":");
	json_write_text(out, b->at->code);
	buf_text(out, ",\"name_zh\":");
	json_write_text(out, b->at->name_zh);
	buf_text(out, ",\"name_en\":");
	json_write_text(out, b->at->name_en);
	buf_text(out, ",\"use\":");
	json_write_text(out, m->use);
	if (b->at->area.digits > 0)
		buf_printf(out, ",\"area\":\"%s\"", decimal_text(decimal_trim(decimal_of_value(b->at->area)), text));
	if (m->per_area != COMPARE_UNKNOWN) {
		buf_printf(out, ",\"amount\":\"%s\"", decimal_text(decimal_trim(b->amount), text));
		write_figure(out, "per_area", m->per_area);
	}
	if (m->stand.peers) {
		buf_printf(out, ",\"rank\":%u,\"of\":%u", m->stand.rank, m->stand.peers);
		write_figure(out, "median", m->stand.median);
		write_figure(out, "best_fifth", m->stand.efficient);
	} else {
		buf_printf(out, ",\"reason\":\"%s\"", reason ? reason : "few");
	}
	buf_text(out, "}");
}

static int by_code(const void *a, const void *b)
{
	return strcmp(((const building *)a)->at->code, ((const building *)b)->at->code);
}

static hub_status write_all(survey *s, buf *out)
{
	benchmark *marks = arena_array(s->a, s->count + 1, sizeof *marks);
	const char **reasons = arena_array(s->a, s->count + 1, sizeof *reasons);
	size_t n = 0;
	if (!marks || !reasons)
		return HUB_NOMEM;
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].length) /* it has a point of the commodity */
			s->list[n++] = s->list[i];
	qsort(s->list, n, sizeof *s->list, by_code);
	for (size_t i = 0; i < n; i++) {
		const char *use = s->list[i].at->dwelling;
		marks[i] = (benchmark) { .use = use ? use : "" };
		reasons[i] = per_area(&s->list[i], &marks[i].per_area);
	}
	hub_status st = benchmark_all(marks, n);
	buf_printf(out,
		   "{\"year\":%d,\"commodity\":\"%s\",\"unit\":\"%s/m2\",\"rule\":{\"same\":\"use\",\"at_least\":%d,"
		   "\"cover_percent\":%d},\"buildings\":[",
		   s->order->year, compare_commodities[s->order->commodity], s->quantity->unit, BENCHMARK_MIN, BUILDINGS_COVER_PERCENT);
	for (size_t i = 0; st == HUB_OK && i < n; i++) {
		buf_text(out, i ? ",\n" : "\n");
		write_building(&s->list[i], &marks[i], reasons[i], out);
	}
	buf_text(out, "]}\n");
	return st == HUB_OK && out->bad ? HUB_NOMEM : st;
}

hub_status buildings_write(store *db, const buildings_order *order, arena *a, buf *out)
{
	survey s = { .db = db, .order = order, .quantity = quantity_find(compare_quantities[order->commodity]), .a = a };
	hub_status st = find_buildings(&s);
	if (st == HUB_OK)
		st = find_points(&s);
	if (st == HUB_OK)
		st = write_all(&s, out);
	free(s.list);
	return st;
}
