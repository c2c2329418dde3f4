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
				       "premises", "points", "valid_to",    "door",
				       "url",	   "bundle", "give_up",	    "senders",
				       "events",   NULL };
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

static void read_senders(body *b, subscription *s)
{
	const char *const *codes = body_texts(b, "senders", LIST_MAX, &s->sender_count);
	int64_t *ids = arena_array(b->r->arena, s->sender_count, sizeof *ids);
	if (!ids)
		b->status = HUB_NOMEM;
	for (size_t i = 0; b->status == HUB_OK && i < s->sender_count; i++) {
		party p;
		hub_status st = party_by_code(b->r->db, codes[i], b->r->arena, &p);
		if (st == HUB_MISSING)
			body_fault(b, "senders", "holds a code that is not in the registry");
		else if (st != HUB_OK)
			b->status = st;
		else
			ids[i] = p.id;
	}
	s->senders = ids;
}

/* 0 if absent; seconds become µs where `scale` says so. */
static int64_t read_number(body *b, const json_t *object, const char *name, double scale)
{
	const json_t *v = json_object_get(object, name);
	if (v && (!json_is_number(v) || json_number_value(v) < 0 || json_number_value(v) > 1e9))
		body_fault(b, name, "is a number that is not negative");
	return v && json_is_number(v) ? (int64_t)(json_number_value(v) * scale) : 0;
}

/* Once made, the door stays: another way is another subscription. */
static void read_door(body *b, subscription *s, subscribe_door *door)
{
	static const char *const names[] = { "door", "url", "bundle", "give_up", "senders", "events" };
	for (size_t i = 0; !door && i < sizeof names / sizeof names[0]; i++)
		if (json_object_get(b->root, names[i]))
			body_fault(b, names[i], "stays as it was made; make a new subscription");
	if (!door)
		return;
	const char *name = body_text(b, "door", false, 16), *url = body_text(b, "url", false, 2048);
	const json_t *bundle = body_object(b, "bundle");
	s->door = name && name[0] ? name : url && url[0] ? "webhook" : "pull";
	s->kinds = body_texts(b, "events", LIST_MAX, &s->kind_count);
	read_senders(b, s);
	*door = (subscribe_door){ .target = url,
				  .count = (uint64_t)read_number(b, bundle, "count", 1),
				  .bytes = (uint64_t)read_number(b, bundle, "bytes", 1),
				  .wait = read_number(b, bundle, "wait", 1e6),
				  .give_up = read_number(b, b->root, "give_up", 1e6) };
}

hub_status subscription_read(request *r, subscription *ret, subscribe_door *door)
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
	read_door(&b, &s, door);
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

static hub_status write_senders(request *r, const subscription *s)
{
	const char **codes = arena_array(r->arena, s->sender_count, sizeof *codes);
	hub_status st = codes ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < s->sender_count; i++) {
		party p;
		st = party_by_id(r->db, s->senders[i], r->arena, &p);
		codes[i] = p.code;
	}
	if (st == HUB_OK)
		write_texts(&r->body, "senders", codes, s->sender_count);
	return st;
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
	if (st == HUB_OK)
		st = write_senders(r, s);
	write_texts(out, "events", s->kinds, s->kind_count);
	buf_printf(out, ",\"door\":\"%s\"", s->door ? s->door : "pull");
	time_write(out, "valid_from", s->valid_from);
	time_write(out, "valid_to", s->valid_to);
	buf_u8(out, '}');
	return st;
}
