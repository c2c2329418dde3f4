/* A household begins and ends its own sessions: commands to the station, by the policies' "charge". */
#include <string.h>

#include "api/body.h"
#include "api/charging_places.h"
#include "api/commands.h"
#include "store/charging.h"
#include "store/charging_place.h"

enum { VALID_FOR = 90 /* s: whoever stands there waits no longer */, STATION = 64, CONNECTOR = 8, TAG = 80 };

static hub_status order(request *r, const char *point_code, const char *channel, const char *kind,
			const hub_setting *argument)
{
	const commands_caller who = { &r->caller, r->rules, r->person };
	const commands_wish w = { .points = &point_code,
				  .point_count = 1,
				  .kind = kind,
				  .channel = channel,
				  .arguments = argument,
				  .argument_count = 1,
				  .reason = "own_charging",
				  .by = r->person ? r->person->login : r->caller.code,
				  .key = request_header(r, "idempotency-key"),
				  .expires = r->now + VALID_FOR * INT64_C(1000000),
				  .right = "charge" };
	command *list = NULL;
	size_t count = 0;
	hub_fault fault = { 0 };
	hub_status st = commands_ask(r->db, &who, &w, r->arena, &list, &count, &fault);
	return commands_answer(r, st, &fault, list, count);
}

/* The one that is named; else one of the station's operator, else any of the household's. */
static hub_status card_of(request *r, const char *named, int64_t operator, const char ** ret)
{
	charging_card *list;
	size_t count;
	hub_status st = charging_cards(r->db, r->caller.id, r->now, r->arena, &list, &count);
	*ret = NULL;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		bool fits = !*named || !strcmp(named, list[i].tag);
		if (fits && (!*ret || list[i].party == operator))
			*ret = list[i].tag;
		if (fits && list[i].party == operator)
			break;
	}
	if (st == HUB_OK && !*ret)
		return request_refuse(
		    r, 409, "charging.card", "card",
		    "your household has no such card that is accepted; hubctl charger tag … --account gives one");
	return st;
}

/* The point of the station at which the connector is. */
static const charging_place *place_at(const charging_place *list, size_t count, const char *connector)
{
	for (size_t i = 0; i < count; i++)
		if (!list[i].at.channel[0] || !strcmp(list[i].at.channel, connector))
			return &list[i];
	return NULL;
}

hub_status charging_session_start(request *r)
{
	static const char *const names[] = { "station", "connector", "card", NULL };
	body b;
	charging_place *list;
	size_t count = 0;
	const char *card = NULL;
	body_open(&b, r, names);
	const char *station = body_text(&b, "station", true, STATION),
		   *connector = body_text(&b, "connector", false, CONNECTOR),
		   *named = body_text(&b, "card", false, TAG);
	body_close(&b);
	hub_status st = b.status;
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = charging_place_of(r->db, station, r->now, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	const charging_place *p = place_at(list, count, connector);
	if (!p)
		return request_refuse(
		    r, 404, "charging.station", "station",
		    "there is no station '%.64s' in public with this connector; GET /v1/charging-places lists them",
		    station);
	st = card_of(r, named, p->party, &card);
	const hub_setting tag = { "tag", card };
	return st == HUB_OK ? order(r, p->at.code, connector, "charger_start", &tag) : st;
}

/* One's own, while it runs; whose it is else is not told. */
hub_status charging_session_stop(request *r)
{
	charging_filter f = { .state = "open", .seen_by = r->caller.id };
	charging_row *list;
	size_t count = 0;
	uint64_t id = 0;
	f.id = request_id(r->values[0], &id) ? (int64_t)id : -1;
	hub_status st = request_as_core(r);
	if (st == HUB_OK)
		st = charging_list(r->db, &f, 1, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	if (!count || list[0].holder != r->caller.id)
		return request_refuse(r, 404, "charging.unknown", "id", "no session '%.32s' of yours runs now",
				      r->values[0]);
	if (!list[0].point_code[0])
		return request_refuse(r, 409, "charging.point", "id",
				      "the station is at no point: it cannot be ordered anything");
	const hub_setting transaction = { "transaction", list[0].transaction };
	return order(r, list[0].point_code, list[0].channel, "charger_stop", &transaction);
}
