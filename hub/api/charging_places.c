#include "api/charging_places.h"

#include <string.h>

#include "api/chargers.h"
#include "api/message_right.h"
#include "base/clock.h"
#include "base/json.h"
#include "billing/bills_price.h"
#include "store/charging_place.h"

enum { TARIFFS = 32 };

/* Tariffs of the page's stations, each told once. */
typedef struct tariffs {
	const char *codes[TARIFFS];
	size_t count;
} tariffs;

static void member(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

static void take_tariff(tariffs *t, const char *code)
{
	for (size_t i = 0; i < t->count; i++)
		if (!strcmp(t->codes[i], code))
			return;
	if (*code && t->count < TARIFFS)
		t->codes[t->count++] = code;
}

/* 1134567890 as degrees. */
static void write_degrees(buf *out, const char *name, int32_t e7)
{
	uint32_t far = e7 < 0 ? 0u - (uint32_t)e7 : (uint32_t)e7;
	buf_printf(out, ",\"%s\":%s%u.%07u", name, e7 < 0 ? "-" : "", far / 10000000, far % 10000000);
}

static hub_status write_station(request *r, const charging_place *list, size_t count)
{
	const charging_place *p = list;
	charger_place *at = arena_array(r->arena, count, sizeof *at);
	char power[DECIMAL_TEXT];
	if (!at)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		at[i] = list[i].at;
	buf_text(&r->body, "{\"name\":");
	json_write_text(&r->body, p->name);
	buf_printf(&r->body, ",\"operator\":\"%s\"", p->operator_code);
	member(&r->body, "operator_zh", p->operator_zh);
	member(&r->body, "operator_en", p->operator_en);
	member(&r->body, "place_zh", p->zh);
	member(&r->body, "place_en", p->en);
	member(&r->body, "area_zh", p->area_zh);
	member(&r->body, "area_en", p->area_en);
	if (p->placed) {
		write_degrees(&r->body, "lon", p->lon);
		write_degrees(&r->body, "lat", p->lat);
	}
	if (p->power.digits > 0)
		member(&r->body, "power_kw", decimal_text(decimal_trim(decimal_of_value(p->power)), power));
	member(&r->body, "tariff", p->tariff);
	hub_status st = chargers_connectors(r, at, count);
	buf_u8(&r->body, '}');
	return st;
}

/* Whether a connector is taken is a message of its operator's, which the policies let the caller receive or not. */
static hub_status may_see(request *r, const char *operator, bool * ret)
{
	const message_facts m = { .kind = "charger_state", .commodity = "ev", .sender = operator};
	return message_right(r, "receive", &m, ret);
}

/* *at: of the next page; 0 if this was the last. */
static hub_status write_stations(request *r, uint64_t limit, const charging_place *list, size_t count, tariffs *t,
				 uint64_t *ret_next)
{
	size_t shown = 0, stations = 0;
	hub_status st = HUB_OK;
	*ret_next = 0;
	for (size_t i = 0, n; st == HUB_OK && i < count; i += n) {
		bool allowed = false;
		for (n = 1; i + n < count && list[i + n].charger == list[i].charger; n++)
			;
		st = may_see(r, list[i].operator_code, &allowed);
		stations++;
		if (st != HUB_OK)
			break;
		if (allowed) {
			buf_text(&r->body, shown++ ? ",\n" : "\n");
			st = write_station(r, &list[i], n);
			take_tariff(t, list[i].tariff);
		}
		bool full = r->body.len > REQUEST_PART / 2;
		if (stations == limit || full)
			*ret_next = (uint64_t)list[i].charger;
		if (full)
			break;
	}
	return st;
}

static void write_prices(buf *out, const bills_price *list, size_t count)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT], price[DECIMAL_TEXT];
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s{\"start\":\"%s\",\"end\":\"%s\",\"price\":\"%s\"}", i ? "," : "",
			   clock_text(list[i].start, from), clock_text(list[i].end, to),
			   decimal_text(list[i].price, price));
}

/* A tariff that cannot be told to everybody, as one with tiers of each household, has no prices here. */
static hub_status write_tariff(request *r, bills *b, const char *code, size_t i)
{
	bills_price *list = arena_array(r->arena, BILLS_PRICES, sizeof *list);
	size_t count = 0;
	const char *text = "", *currency = "";
	hub_fault why = { 0 };
	if (!list)
		return HUB_NOMEM;
	hub_status st = bills_prices(b, code, r->now, r->arena, list, &count, &text, &currency, &why);
	if (st == HUB_REJECT || st == HUB_MISSING || st == HUB_RANGE) {
		count = 0;
		st = HUB_OK;
	}
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, i ? ",\n{\"code\":" : "\n{\"code\":");
	json_write_text(&r->body, code);
	member(&r->body, "text", text);
	member(&r->body, "currency", currency);
	buf_text(&r->body, ",\"prices\":[");
	write_prices(&r->body, list, count);
	buf_text(&r->body, "]}");
	return HUB_OK;
}

static hub_status write_tariffs(request *r, const tariffs *t)
{
	bills *b = NULL;
	hub_status st = t->count ? bills_new(r->db, &b) : HUB_OK;
	buf_text(&r->body, ",\"tariffs\":[");
	for (size_t i = 0; st == HUB_OK && i < t->count; i++)
		st = write_tariff(r, b, t->codes[i], i);
	bills_free(b);
	buf_u8(&r->body, ']');
	return st;
}

/* GeoJSON, as the city draws itself; of the first page alone. */
static hub_status write_areas(request *r, bool first)
{
	charging_area *list;
	size_t count = 0;
	hub_status st = first ? charging_areas(r->db, r->now, r->arena, &list, &count) : HUB_OK;
	buf_text(&r->body, ",\"areas\":[");
	for (size_t i = 0; st == HUB_OK && i < count && r->body.len < REQUEST_PART; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		buf_text(&r->body, "{\"type\":\"Feature\",\"properties\":{\"code\":");
		json_write_text(&r->body, list[i].code);
		member(&r->body, "name_zh", list[i].zh);
		member(&r->body, "name_en", list[i].en);
		buf_printf(&r->body, "},\"geometry\":%s}", list[i].geometry);
	}
	buf_u8(&r->body, ']');
	return st;
}

static hub_status write_cards(request *r)
{
	charging_card *list;
	size_t count;
	hub_status st = charging_cards(r->db, r->caller.id, r->now, r->arena, &list, &count);
	buf_text(&r->body, ",\"cards\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_text(&r->body, i ? ",{\"tag\":" : "{\"tag\":");
		json_write_text(&r->body, list[i].tag);
		member(&r->body, "account", list[i].account);
		member(&r->body, "issuer", list[i].issuer);
		buf_u8(&r->body, '}');
	}
	buf_u8(&r->body, ']');
	return st;
}

hub_status charging_places_get(request *r)
{
	request_page page;
	charging_place *list;
	tariffs t = { .count = 0 };
	size_t count;
	uint64_t next = 0;
	hub_status st = request_page_of(r, &page);
	/* What is in public is no matter of the caller's own; the policies say who is told of it. */
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = charging_place_list(r->db, page.after, page.limit, r->now, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"places\":[");
	st = write_stations(r, page.limit, list, count, &t, &next);
	buf_u8(&r->body, ']');
	if (st == HUB_OK)
		st = write_tariffs(r, &t);
	if (st == HUB_OK)
		st = write_areas(r, !page.after);
	if (st == HUB_OK)
		st = write_cards(r);
	if (st != HUB_OK)
		return st;
	if (next)
		buf_printf(&r->body, ",\"cursor\":\"%llu\"}\n", (unsigned long long)next);
	else
		buf_text(&r->body, ",\"cursor\":\"\"}\n");
	return request_finish_tagged(r, 200);
}
