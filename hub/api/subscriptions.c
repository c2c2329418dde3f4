#include "api/subscriptions.h"

#include "api/permit.h"

static hub_status missing(request *r)
{
	return request_refuse(r, 404, "subscription.unknown", "id", "there is no subscription '%.32s' that you may see",
			      r->values[0]);
}

hub_status subscription_find(request *r, const char *action, subscription *ret)
{
	uint64_t id;
	bool allowed = false;
	if (!request_id(r->values[0], &id))
		return missing(r);
	hub_status st = subscription_get(r->db, 0, (int64_t)id, r->arena, ret);
	if (st == HUB_OK)
		st = permit_item(r, action, "subscription", ret->party, &allowed);
	if (st == HUB_MISSING || (st == HUB_OK && !allowed))
		return missing(r);
	return st;
}

hub_status subscriptions_get(request *r)
{
	request_page page;
	subscription *list;
	size_t count;
	uint64_t shown = 0;
	int64_t owner;
	bool all;
	hub_status st = request_page_of(r, &page);
	if (st == HUB_OK)
		st = request_truth(r, "all", &all);
	if (st == HUB_OK)
		st = permit_list(r, "subscription", &owner);
	if (st == HUB_OK)
		st = subscription_list(r->db, owner, all ? 0 : r->now, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"subscriptions\":[");
	size_t i = 0;
	for (; st == HUB_OK && i < count && shown < page.limit; i++) {
		if ((uint64_t)list[i].id <= page.after)
			continue;
		buf_text(&r->body, shown++ ? ",\n" : "\n");
		st = subscription_write(r, &list[i]);
	}
	return st == HUB_OK ? request_finish_page(r, i < count ? (uint64_t)list[i - 1].id : 0) : st;
}

/* The answer is what is stored now. */
static hub_status show(request *r, const subscription *s, int status)
{
	buf_clear(&r->body);
	hub_status st = subscription_write(r, s);
	buf_u8(&r->body, '\n');
	return st == HUB_OK ? request_finish_tagged(r, status) : st;
}

static hub_status shown_again(request *r, int64_t id, int status)
{
	subscription s;
	hub_status st = subscription_get(r->db, 0, id, r->arena, &s);
	return st == HUB_OK ? show(r, &s, status) : st;
}

hub_status subscription_make(request *r)
{
	subscription s;
	subscribe_door door = { 0 };
	int64_t id = 0;
	bool allowed;
	hub_fault fault = { 0 };
	hub_status st = permit_item(r, "change", "subscription", 0, &allowed);
	if (st == HUB_OK && !allowed)
		return request_refuse(r, 403, "call.denied", "", "no policy lets you subscribe");
	if (st == HUB_OK)
		st = subscription_read(r, &s, &door);
	if (st != HUB_OK)
		return st;
	st = subscribe_add(r->db, &s, &door, &id, &fault);
	if (st == HUB_REJECT)
		return request_problem(r, 400, &fault);
	return st == HUB_OK ? shown_again(r, id, 201) : st;
}

hub_status subscription_show(request *r)
{
	subscription s;
	hub_status st = subscription_find(r, "view", &s);
	return st == HUB_OK ? show(r, &s, 200) : st;
}

/* If-Match is about what GET shows. */
static hub_status find_matching(request *r, subscription *ret)
{
	hub_status st = subscription_find(r, "change", ret);
	if (st == HUB_OK)
		st = subscription_write(r, ret);
	buf_u8(&r->body, '\n');
	const char *tag = st == HUB_OK && !r->body.bad ? request_tag(r, r->body.bytes, r->body.len) : NULL;
	if (st != HUB_OK || !tag)
		return st == HUB_OK ? HUB_NOMEM : st;
	buf_clear(&r->body);
	return request_match(r, tag);
}

hub_status subscription_change(request *r)
{
	subscription old, s;
	hub_fault fault = { 0 };
	hub_status st = find_matching(r, &old);
	if (st == HUB_OK)
		st = subscription_read(r, &s, NULL);
	if (st != HUB_OK)
		return st;
	s.id = old.id;
	s.party = old.party;
	st = subscription_replace(r->db, &s, &fault);
	if (st == HUB_REJECT)
		return request_problem(r, 400, &fault);
	if (st == HUB_MISSING)
		return request_refuse(r, 409, "subscription.ended", "id", "subscription %lld has ended; make a new one",
				      (long long)old.id);
	return st == HUB_OK ? shown_again(r, old.id, 200) : st;
}

hub_status subscription_stop(request *r)
{
	subscription s;
	hub_status st = find_matching(r, &s);
	if (st == HUB_OK)
		st = subscription_end(r->db, s.party, s.id);
	return st == HUB_OK ? request_finish_empty(r) : st;
}
