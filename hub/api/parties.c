#include "api/parties.h"

#include <string.h>

#include "api/permit.h"
#include "base/clock.h"
#include "base/json.h"

enum { SCAN = 500, SCANS = 8 }; /* rows looked at for one page: SCAN × SCANS */

void name_write(buf *out, const char *zh, const char *en)
{
	buf_text(out, "\"name\":{\"zh\":");
	json_write_text(out, zh);
	buf_text(out, ",\"en\":");
	json_write_text(out, en);
	buf_u8(out, '}');
}

void time_write(buf *out, const char *field, hub_time t)
{
	char text[CLOCK_TEXT];
	if (t)
		buf_printf(out, ",\"%s\":\"%s\"", field, clock_text(t, text));
}

static void write(buf *out, const party *p)
{
	buf_text(out, "{\"code\":");
	json_write_text(out, p->code);
	buf_printf(out, ",\"kind\":\"%s\",", p->kind);
	name_write(out, p->name_zh, p->name_en);
	buf_text(out, ",\"roles\":[");
	for (size_t i = 0; i < p->role_count; i++)
		buf_printf(out, "%s\"%s\"", i ? "," : "", p->roles[i]);
	buf_text(out, "]}");
}

/* One look at SCAN rows. *at moves on; *ret_more: there are further ones. */
static hub_status scan(request *r, uint64_t limit, uint64_t *at, uint64_t *shown, bool *ret_more)
{
	party *list;
	size_t count;
	hub_status st = party_list(r->db, (int64_t)*at, SCAN, r->arena, &list, &count);
	*ret_more = count == SCAN;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		bool allowed;
		st = permit_party(r, &list[i], &allowed);
		if (st != HUB_OK)
			return st;
		if (allowed) {
			buf_text(&r->body, *shown ? ",\n" : "\n");
			write(&r->body, &list[i]);
		}
		*at = (uint64_t)list[i].id;
		if (allowed && ++*shown == limit) {
			*ret_more = i + 1 < count || *ret_more;
			return HUB_OK;
		}
	}
	return st;
}

hub_status parties_get(request *r)
{
	request_page page;
	uint64_t shown = 0;
	bool more = true;
	hub_status st = request_page_of(r, &page);
	buf_text(&r->body, "{\"parties\":[");
	for (int i = 0; st == HUB_OK && more && shown < page.limit && i < SCANS; i++)
		st = scan(r, page.limit, &page.after, &shown, &more);
	return st == HUB_OK ? request_finish_page(r, more ? page.after : 0) : st;
}

hub_status party_get(request *r)
{
	party p = r->caller;
	bool allowed = false;
	hub_status st = strcmp(r->values[0], "self") ? party_by_code(r->db, r->values[0], r->arena, &p) : HUB_OK;
	if (st == HUB_OK)
		st = permit_party(r, &p, &allowed);
	if (st == HUB_MISSING || (st == HUB_OK && !allowed))
		return request_refuse(r, 404, "party.unknown", "code", "there is no party '%.64s' that you may see",
				      r->values[0]);
	if (st != HUB_OK)
		return st;
	write(&r->body, &p);
	buf_u8(&r->body, '\n');
	return request_finish_tagged(r, 200);
}
