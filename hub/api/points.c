#include "api/points.h"

#include <string.h>

#include "api/parties.h"
#include "api/permit.h"
#include "base/decimal.h"
#include "base/json.h"
#include "rights/view.h"
#include "store/premise.h"

enum { SCAN = 500, SCANS = 10 }; /* rows looked at for one page: SCAN × SCANS */

typedef struct known_party {
	struct known_party *next;
	int64_t id;
	const char *code;
	bool shown; /* to this caller, wherever it stands */
} known_party;

typedef struct listing {
	request *r;
	view view;
	rights *know; /* who lives there */
	known_party *parties;
} listing;

static hub_status listing_init(listing *l, request *r)
{
	*l = (listing) { .r = r };
	const rights_case read = request_case(r, "read"), know = request_case(r, "know");
	hub_status st = view_init(&l->view, &read, false);
	return st == HUB_OK ? rights_new(&know, &l->know) : st;
}

static hub_status load(listing *l, const point *list, size_t count)
{
	int64_t *ids = arena_array(l->r->arena, count, sizeof *ids);
	if (!ids)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		ids[i] = list[i].id;
	hub_status st = count ? view_points(&l->view, ids, count) : HUB_OK;
	return st == HUB_OK && count ? rights_load(l->know, ids, count) : st;
}

/* By itself, or in as far as a consent covers something of it. */
static hub_status may_read(listing *l, int64_t id, bool *ret)
{
	const rights_point *p = rights_of(l->view.rights, id);
	rights_ruling ruling = { 0 };
	hub_status st = p ? rights_on(l->view.rights, p, false, &ruling) : HUB_OK;
	if (st == HUB_OK && p && !ruling.allowed && p->line_count)
		st = rights_on(l->view.rights, p, true, &ruling);
	*ret = ruling.allowed;
	return st;
}

static hub_status party_of(listing *l, int64_t id, const known_party **ret)
{
	known_party *k = l->parties;
	party found;
	while (k && k->id != id)
		k = k->next;
	if (!k) {
		hub_status st = party_by_id(l->r->db, id, l->r->arena, &found);
		k = st == HUB_OK ? arena_alloc(l->r->arena, sizeof *k) : NULL;
		if (!k)
			return st == HUB_OK ? HUB_NOMEM : st;
		*k = (known_party) { l->parties, id, found.code, false };
		st = permit_party(l->r, &found, &k->shown);
		if (st != HUB_OK)
			return st;
		l->parties = k;
	}
	*ret = k;
	return HUB_OK;
}

static hub_status write_parties(listing *l, const point *p)
{
	buf *out = &l->r->body;
	const rights_point *known = rights_of(l->know, p->id);
	rights_ruling all = { 0 };
	bool comma = false;
	hub_status st = known ? rights_on(l->know, known, false, &all) : HUB_OK;
	if (st != HUB_OK)
		return st;
	buf_text(out, ",\"parties\":[");
	for (size_t i = 0; i < p->party_count; i++) {
		const known_party *k;
		st = party_of(l, p->parties[i].party, &k);
		if (st != HUB_OK)
			return st;
		if (!k->shown && !all.allowed)
			continue;
		buf_printf(out, "%s{\"role\":\"%s\",\"party\":", comma ? "," : "", p->parties[i].role);
		json_write_text(out, k->code);
		time_write(out, "valid_from", p->parties[i].valid_from);
		time_write(out, "valid_to", p->parties[i].valid_to);
		buf_u8(out, '}');
		comma = true;
	}
	buf_u8(out, ']');
	return HUB_OK;
}

static void write_meters(listing *l, const point *p)
{
	buf *out = &l->r->body;
	bool comma = false;
	buf_text(out, ",\"meters\":[");
	for (size_t i = 0; i < l->view.meter_count; i++) {
		const point_meter *m = &l->view.meters[i];
		if (m->point != p->id)
			continue;
		buf_text(out, comma ? ",{\"meter\":" : "{\"meter\":");
		json_write_text(out, m->meter);
		buf_text(out, ",\"channel\":");
		json_write_text(out, m->channel);
		time_write(out, "from", m->from);
		time_write(out, "to", m->to);
		buf_u8(out, '}');
		comma = true;
	}
	buf_u8(out, ']');
}

static hub_status write(listing *l, const point *p)
{
	char power[DECIMAL_TEXT];
	premise place;
	buf *out = &l->r->body;
	hub_status st = p->premise ? premise_by_id(l->r->db, p->premise, l->r->arena, &place) : HUB_OK;
	if (st != HUB_OK)
		return st;
	buf_text(out, "{\"code\":");
	json_write_text(out, p->code);
	buf_printf(out, ",\"commodity\":\"%s\",", p->commodity);
	name_write(out, p->name_zh, p->name_en);
	if (p->premise) {
		buf_text(out, ",\"premise\":");
		json_write_text(out, place.code);
	}
	buf_text(out, ",\"zone\":");
	json_write_text(out, p->zone);
	buf_printf(out, ",\"interval\":%d,\"state\":\"%s\",\"protected\":%s", p->interval,
		   p->disconnected ? "disconnected" : "connected", p->protected ? "true" : "false");
	if (p->power.digits > 0) {
		hub_value_text(p->power, power);
		buf_printf(out, ",\"power\":\"%s\"", power);
	}
	time_write(out, "valid_from", p->valid_from);
	time_write(out, "valid_to", p->valid_to);
	write_meters(l, p);
	st = write_parties(l, p);
	buf_u8(out, '}');
	return st;
}

/* A party that the caller may not see has no points, as one that is not there; which of its points are shown is decided one by one. */
static hub_status filter_party(request *r, const char *code, int64_t *ret)
{
	party owner;
	bool allowed = false;
	hub_status st = party_by_code(r->db, code, r->arena, &owner);
	if (st == HUB_OK)
		st = permit_party(r, &owner, &allowed);
	*ret = st == HUB_OK && allowed ? owner.id : -1;
	return st == HUB_MISSING ? HUB_OK : st;
}

static hub_status read_filter(request *r, point_filter *ret)
{
	const char *place = request_query(r, "premise"), *code = request_query(r, "party");
	premise p;
	bool all;
	*ret = (point_filter) { .commodity = request_query(r, "commodity"),
				.role = request_query(r, "role"),
				.at = r->now };
	hub_status st = request_truth(r, "all", &all);
	if (st == HUB_OK && !all)
		ret->party = r->caller.id;
	if (st == HUB_OK && code)
		st = filter_party(r, code, &ret->party);
	if (st == HUB_OK && all && ret->role)
		return request_refuse(r, 400, "points.role", "role",
				      "role is the caller's own; it does not go with all=true");
	if (st != HUB_OK || !place)
		return st;
	st = premise_by_code(r->db, place, r->arena, &p);
	ret->premise = p.id;
	/* A place that is not there has no points, like one of which the caller may see none. */
	if (st == HUB_MISSING)
		ret->premise = -1;
	return st == HUB_MISSING ? HUB_OK : st;
}

/* One look at SCAN rows. *at moves on; *ret_more: there are further ones. */
static hub_status scan(listing *l, const point_filter *f, uint64_t limit, uint64_t *at, uint64_t *shown, bool *ret_more)
{
	point *list;
	size_t count;
	uint64_t room = limit - *shown < SCAN ? limit - *shown : SCAN;
	hub_status st = point_list(l->r->db, f, (int64_t)*at, room, l->r->arena, &list, &count);
	if (st == HUB_OK)
		st = load(l, list, count);
	*ret_more = count == room;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		bool allowed;
		*at = (uint64_t)list[i].id;
		st = may_read(l, list[i].id, &allowed);
		if (st != HUB_OK || !allowed)
			continue;
		buf_text(&l->r->body, *shown ? ",\n" : "\n");
		++*shown;
		st = write(l, &list[i]);
	}
	return st;
}

hub_status points_get(request *r)
{
	listing l;
	point_filter f;
	request_page page;
	uint64_t shown = 0;
	bool more = true;
	hub_status st = request_page_of(r, &page);
	if (st == HUB_OK)
		st = read_filter(r, &f);
	if (st == HUB_OK)
		st = listing_init(&l, r);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"points\":[");
	for (int i = 0; st == HUB_OK && more && shown < page.limit && i < SCANS && r->body.len < REQUEST_PART; i++)
		st = scan(&l, &f, page.limit, &page.after, &shown, &more);
	return st == HUB_OK ? request_finish_page(r, more ? page.after : 0) : st;
}

hub_status point_get(request *r)
{
	listing l;
	point p;
	bool allowed = false;
	hub_status st = listing_init(&l, r);
	if (st == HUB_OK)
		st = point_by_code(r->db, r->values[0], r->arena, &p);
	if (st == HUB_OK)
		st = load(&l, &p, 1);
	if (st == HUB_OK)
		st = may_read(&l, p.id, &allowed);
	if (st == HUB_MISSING || (st == HUB_OK && !allowed))
		return request_refuse(r, 404, "point.unknown", "code", "there is no point '%.64s' that you may read",
				      r->values[0]);
	if (st == HUB_OK)
		st = write(&l, &p);
	buf_u8(&r->body, '\n');
	return st == HUB_OK ? request_finish_tagged(r, 200) : st;
}
