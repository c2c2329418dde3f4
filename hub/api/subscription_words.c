#include <string.h>

#include "api/body.h"
#include "api/parties.h"
#include "api/subscriptions.h"
#include "base/json.h"
#include "model/quantity.h"
#include "store/point.h"
#include "store/premise.h"

enum { LIST_MAX = 200 };

static const char *const members[] = { "name",	   "types",  "commodities", "quantities",
				       "premises", "points", "valid_to",    NULL };
static const char *const types[] = { [HUB_RECORD_READING] = "reading",
				     [HUB_RECORD_EVENT] = "event",
				     [HUB_RECORD_TRANSACTION] = "transaction",
				     [HUB_RECORD_RESULT] = "result",
				     [HUB_RECORD_ARCHIVE] = "archive" };
enum { TYPES = sizeof types / sizeof types[0] };
static const char *const commodities[] = { "electricity", "water", "gas", "heat", "cold", "ev", "any", NULL };

static void read_types(body *b, subscription *s)
{
	size_t count;
	const char *const *names = body_texts(b, "types", TYPES, &count);
	for (size_t i = 0; i < count; i++) {
		size_t t = 0;
		while (t < TYPES && (!types[t] || strcmp(types[t], names[i])))
			t++;
		if (t == TYPES)
			body_fault(b, "types", "is of reading, event, transaction, result, archive");
		else
			s->types |= 1u << t;
	}
}

static void read_commodities(body *b, subscription *s)
{
	s->commodities = body_texts(b, "commodities", 16, &s->commodity_count);
	for (size_t i = 0; i < s->commodity_count; i++) {
		size_t c = 0;
		while (commodities[c] && strcmp(commodities[c], s->commodities[i]))
			c++;
		if (!commodities[c])
			body_fault(b, "commodities", "is of electricity, water, gas, heat, cold, ev, any");
	}
}

static void read_quantities(body *b, subscription *s)
{
	size_t count;
	const char *const *names = body_texts(b, "quantities", LIST_MAX, &count);
	uint16_t *numbers = arena_array(b->r->arena, count, sizeof *numbers);
	for (size_t i = 0; numbers && i < count; i++) {
		const quantity *q = quantity_find(names[i]);
		if (q)
			numbers[i] = q->number;
		else
			body_fault(b, "quantities", "holds a name that is not in schemas/quantities.json");
	}
	if (!numbers)
		b->status = HUB_NOMEM;
	s->quantities = numbers;
	s->quantity_count = count;
}

static hub_status id_of(request *r, bool place, const char *code, int64_t *ret)
{
	premise m;
	point p;
	hub_status st = place ? premise_by_code(r->db, code, r->arena, &m) : point_by_code(r->db, code, r->arena, &p);
	if (st == HUB_OK)
		*ret = place ? m.id : p.id;
	return st;
}

/* Whether it may be read is decided when it is told of, so its being there is all that is asked. */
static void read_ids(body *b, const char *name, bool place, const int64_t **ret, size_t *ret_count)
{
	const char *const *codes = body_texts(b, name, LIST_MAX, ret_count);
	int64_t *ids = arena_array(b->r->arena, *ret_count, sizeof *ids);
	if (!ids)
		b->status = HUB_NOMEM;
	for (size_t i = 0; b->status == HUB_OK && i < *ret_count; i++) {
		hub_status st = id_of(b->r, place, codes[i], &ids[i]);
		if (st == HUB_MISSING)
			body_fault(b, name, "holds a code that is not in the registry");
		else if (st != HUB_OK)
			b->status = st;
	}
	*ret = ids;
}

hub_status subscription_read(request *r, subscription *ret)
{
	body b;
	subscription s = { .party = r->caller.id };
	body_open(&b, r, members);
	s.name = body_text(&b, "name", false, 128);
	read_types(&b, &s);
	read_commodities(&b, &s);
	read_quantities(&b, &s);
	read_ids(&b, "premises", true, &s.premises, &s.premise_count);
	read_ids(&b, "points", false, &s.points, &s.point_count);
	s.valid_to = body_time(&b, "valid_to");
	if (b.status == HUB_OK && s.valid_to && s.valid_to <= r->now)
		body_fault(&b, "valid_to", "lies in the past");
	body_close(&b);
	*ret = s;
	return b.status;
}

static void write_texts(buf *out, const char *name, const char *const *list, size_t count)
{
	buf_printf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < count; i++) {
		buf_text(out, i ? "," : "");
		json_write_text(out, list[i]);
	}
	buf_u8(out, ']');
}

static hub_status write_points(request *r, const subscription *s)
{
	point *list = NULL;
	size_t count = 0;
	hub_status st =
	    s->point_count ? point_by_ids(r->db, s->points, s->point_count, r->arena, &list, &count) : HUB_OK;
	const char **codes = arena_array(r->arena, count, sizeof *codes);
	if (st != HUB_OK || !codes)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t i = 0; i < count; i++)
		codes[i] = list[i].code;
	write_texts(&r->body, "points", codes, count);
	return HUB_OK;
}

static hub_status write_premises(request *r, const subscription *s)
{
	const char **codes = arena_array(r->arena, s->premise_count, sizeof *codes);
	premise p;
	if (!codes)
		return HUB_NOMEM;
	for (size_t i = 0; i < s->premise_count; i++) {
		hub_status st = premise_by_id(r->db, s->premises[i], r->arena, &p);
		if (st != HUB_OK)
			return st;
		codes[i] = p.code;
	}
	write_texts(&r->body, "premises", codes, s->premise_count);
	return HUB_OK;
}

hub_status subscription_write(request *r, const subscription *s)
{
	buf *out = &r->body;
	const char *names[TYPES];
	size_t n = 0;
	const char **quantities = arena_array(r->arena, s->quantity_count, sizeof *quantities);
	if (!quantities)
		return HUB_NOMEM;
	for (size_t t = 0; t < TYPES; t++)
		if (types[t] && s->types & 1u << t)
			names[n++] = types[t];
	for (size_t i = 0; i < s->quantity_count; i++) {
		const quantity *q = quantity_by_number(s->quantities[i]);
		quantities[i] = q ? q->name : "";
	}
	buf_printf(out, "{\"id\":%lld,\"name\":", (long long)s->id);
	json_write_text(out, s->name);
	write_texts(out, "types", names, n);
	write_texts(out, "commodities", s->commodities, s->commodity_count);
	write_texts(out, "quantities", quantities, s->quantity_count);
	hub_status st = write_premises(r, s);
	if (st == HUB_OK)
		st = write_points(r, s);
	buf_printf(out, ",\"door\":\"%s\"", s->door ? s->door : "pull");
	time_write(out, "valid_from", s->valid_from);
	time_write(out, "valid_to", s->valid_to);
	buf_u8(out, '}');
	return st;
}
