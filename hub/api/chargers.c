#include "api/chargers.h"

#include <string.h>

#include "api/permit.h"
#include "base/clock.h"
#include "base/json.h"
#include "model/quantity.h"
#include "store/charger.h"
#include "store/charger_limit.h"
#include "store/series.h"

/* A point of the whole station is told of by its connectors, of which so many are looked at. */
enum { CONNECTORS = 8 };

static const char *state_name(int64_t code)
{
	const quantity *q = quantity_find("charger_state");
	for (size_t i = 0; i < q->state_count; i++)
		if (q->states[i].code == code)
			return q->states[i].name;
	return "";
}

/* The channels that may have told a state of this point: its own, or 0 to CONNECTORS of a station's. */
static size_t keys_of(const charger_place *p, hub_time now, char names[CONNECTORS + 1][2], series_row *out)
{
	size_t n = p->channel[0] ? 1 : CONNECTORS + 1;
	for (size_t i = 0; i < n; i++) {
		if (i)
			memcpy(names[i], (char[2]) { (char)('0' + i) }, 2);
		out[i] = (series_row) { .point = p->point,
					.channel = p->channel[0] ? p->channel
						   : i		 ? names[i]
								 : "",
					.quantity = quantity_find("charger_state")->number,
					.kind = HUB_STATE,
					.time = now };
	}
	return n;
}

static hub_status write_place(request *r, const charger_place *p, size_t *shown)
{
	char names[CONNECTORS + 1][2], at[CLOCK_TEXT];
	series_row keys[CONNECTORS + 1], last[CONNECTORS + 1];
	bool found[CONNECTORS + 1];
	size_t n = keys_of(p, r->now, names, keys);
	hub_status st = series_last(r->db, keys, n, last, found);
	for (size_t i = 0; st == HUB_OK && i < n; i++) {
		if (!found[i] && !p->channel[0])
			continue;
		buf_text(&r->body, (*shown)++ ? ",\n{\"connector\":" : "\n{\"connector\":");
		json_write_text(&r->body, keys[i].channel);
		buf_text(&r->body, ",\"point\":");
		json_write_text(&r->body, p->code);
		if (found[i])
			buf_printf(&r->body, ",\"state\":\"%s\",\"time\":\"%s\"", state_name(last[i].value.digits),
				   clock_text(last[i].time, at));
		buf_u8(&r->body, '}');
	}
	return st;
}

hub_status chargers_connectors(request *r, const charger_place *list, size_t count)
{
	size_t shown = 0;
	hub_status st = HUB_OK;
	buf_text(&r->body, ",\"connectors\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = write_place(r, &list[i], &shown);
	buf_u8(&r->body, ']');
	return st;
}

static hub_status write_connectors(request *r, const charger *c)
{
	charger_place *list;
	size_t count;
	hub_status st = charger_places(r->db, c->party, c->name, r->now, r->arena, &list, &count);
	return st == HUB_OK ? chargers_connectors(r, list, count) : st;
}

static hub_status write_limits(request *r, const charger *c)
{
	charger_limit *list;
	size_t count = 0;
	bool ignored = false;
	hub_status st = charger_limit_list(r->db, c->party, c->name, r->arena, &list, &count);
	buf_text(&r->body, ",\"limits\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		ignored |= !strcmp(list[i].state, "ignored");
		buf_text(&r->body, i ? ",{\"connector\":" : "{\"connector\":");
		json_write_text(&r->body, list[i].channel);
		buf_printf(&r->body, ",\"command\":%lld,\"limit_w\":%lld,\"measured_w\":%lld,\"state\":\"%s\"}",
			   (long long)list[i].command, (long long)list[i].limit_w, (long long)list[i].measured_w,
			   list[i].state);
	}
	buf_printf(&r->body, "],\"profile_ignored\":%s", ignored ? "true" : "false");
	return st;
}

static hub_status write(request *r, const charger *c)
{
	party owner;
	hub_status st = party_by_id(r->db, c->party, r->arena, &owner);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"name\":");
	json_write_text(&r->body, c->name);
	buf_printf(&r->body, ",\"operator\":\"%s\",\"instance\":\"%s\",\"state\":\"%s\",\"profile\":%d,\"password\":%s",
		   owner.code, c->instance, c->state, c->profile, c->has_secret ? "true" : "false");
	buf_text(&r->body, ",\"tariff\":");
	json_write_text(&r->body, c->tariff);
	st = write_connectors(r, c);
	if (st == HUB_OK)
		st = write_limits(r, c);
	buf_u8(&r->body, '}');
	return st;
}

/* The cursor is the page's last number: stations are listed in the order in which they were added. */
hub_status chargers_get(request *r)
{
	request_page page;
	charger *list;
	int64_t owner;
	size_t count, i = 0;
	hub_status st = request_page_of(r, &page);
	if (st == HUB_OK)
		st = permit_list(r, "charger", &owner);
	/* States are read at points that may be others'; the stations are the caller's. */
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = charger_list_of(r->db, owner, page.after, page.limit, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"chargers\":[");
	for (; st == HUB_OK && i < count && r->body.len < REQUEST_PART; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		st = write(r, &list[i]);
	}
	if (st != HUB_OK)
		return st;
	return request_finish_page(r, i < count || count == page.limit ? (uint64_t)list[i - 1].id : 0);
}
