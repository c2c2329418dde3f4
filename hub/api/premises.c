#include "api/premises.h"

#include <string.h>

#include "api/parties.h"
#include "api/permit.h"
#include "base/decimal.h"
#include "base/json.h"

/* What makes homes alike, where it is known; how many people are at home is for those people. */
static void home_write(const request *r, buf *out, const premise *p)
{
	bool inside = !strcmp(r->caller.kind, "household") || !strcmp(r->caller.kind, "operator");
	if (*p->dwelling)
		buf_printf(out, ",\"dwelling\":\"%s\"", p->dwelling);
	if (*p->heating)
		buf_printf(out, ",\"heating\":\"%s\"", p->heating);
	if (inside && p->occupants)
		buf_printf(out, ",\"occupants\":%d", p->occupants);
	if (inside && !strcmp(p->kind, "home"))
		buf_printf(out, ",\"occupied\":%s", p->vacant ? "false" : "true");
	if (p->placed) {
		char lon[DECIMAL_TEXT], lat[DECIMAL_TEXT];
		buf_printf(out, ",\"lon\":%s,\"lat\":%s", decimal_text(decimal_of(p->lon, 7), lon),
			   decimal_text(decimal_of(p->lat, 7), lat));
	}
}

static hub_status write(request *r, const premise *p)
{
	char area[DECIMAL_TEXT];
	premise above = { .code = "" };
	buf *out = &r->body;
	hub_status st = p->parent ? premise_by_id(r->db, p->parent, r->arena, &above) : HUB_OK;
	if (st != HUB_OK)
		return st;
	buf_text(out, "{\"code\":");
	json_write_text(out, p->code);
	buf_printf(out, ",\"kind\":\"%s\",", p->kind);
	name_write(out, p->name_zh, p->name_en);
	if (p->parent) {
		buf_text(out, ",\"parent\":");
		json_write_text(out, above.code);
	}
	if (p->area.digits >= 0) {
		hub_value_text(p->area, area);
		buf_printf(out, ",\"area\":\"%s\"", area);
	}
	home_write(r, out, p);
	time_write(out, "valid_from", p->valid_from);
	time_write(out, "valid_to", p->valid_to);
	buf_u8(out, '}');
	return HUB_OK;
}

static hub_status has_point(request *r, int64_t id, bool *ret)
{
	premise *list;
	size_t count = 0;
	hub_status st = premise_of_party(r->db, r->caller.id, r->now, id, 0, 1, r->arena, &list, &count);
	*ret = count > 0;
	return st;
}

static hub_status write_page(request *r, const premise *list, size_t count, bool own)
{
	bool comma = false;
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		bool allowed, is_own = own;
		st = own ? HUB_OK : has_point(r, list[i].id, &is_own);
		if (st == HUB_OK)
			st = permit_premise(r, &list[i], is_own, &allowed);
		if (st != HUB_OK || !allowed)
			continue;
		buf_text(&r->body, comma ? ",\n" : "\n");
		comma = true;
		st = write(r, &list[i]);
	}
	return st;
}

hub_status premises_get(request *r)
{
	request_page page;
	bool all;
	premise *list;
	size_t count = 0;
	hub_status st = request_page_of(r, &page);
	if (st == HUB_OK)
		st = request_truth(r, "all", &all);
	if (st != HUB_OK)
		return st;
	st = all ? premise_children(r->db, 0, true, (int64_t)page.after, page.limit, r->arena, &list, &count)
		 : premise_of_party(r->db, r->caller.id, r->now, 0, (int64_t)page.after, page.limit, r->arena, &list,
				    &count);
	buf_text(&r->body, "{\"premises\":[");
	if (st == HUB_OK)
		st = write_page(r, list, count, !all);
	if (st != HUB_OK)
		return st;
	return request_finish_page(r, count == page.limit ? (uint64_t)list[count - 1].id : 0);
}

hub_status premise_get(request *r)
{
	premise p;
	bool own, allowed = false;
	hub_status st = premise_by_code(r->db, r->values[0], r->arena, &p);
	if (st == HUB_OK)
		st = has_point(r, p.id, &own);
	if (st == HUB_OK)
		st = permit_premise(r, &p, own, &allowed);
	if (st == HUB_MISSING || (st == HUB_OK && !allowed))
		return request_refuse(r, 404, "premise.unknown", "code", "there is no place '%.64s' that you may see",
				      r->values[0]);
	if (st == HUB_OK)
		st = write(r, &p);
	buf_u8(&r->body, '\n');
	return st == HUB_OK ? request_finish_tagged(r, 200) : st;
}
