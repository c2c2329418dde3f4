#include "store/subscription.h"

#include <string.h>

#include "store/epoch.h"
#include "store/statement.h"

hub_status subscription_add(store *db, const subscription *s, int64_t *ret_id, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, s->party);
	arg_text(&in, s->name ? s->name : "");
	arg_i32(&in, (int32_t)s->types);
	arg_texts(&in, s->commodities, s->commodity_count);
	arg_u16s(&in, s->quantities, s->quantity_count);
	arg_i64s(&in, s->premises, s->premise_count);
	arg_i64s(&in, s->points, s->point_count);
	if (s->valid_from)
		arg_time(&in, s->valid_from);
	else
		arg_null(&in, OID_TIME);
	arg_to(&in, s->valid_to);
	arg_text(&in, s->door ? s->door : "pull");
	arg_i64s(&in, s->senders, s->sender_count);
	arg_texts(&in, s->kinds, s->kind_count);
	int64_t id;
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = sql_number(db, "subscription_add", &in, &id, fault);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "subscription.party", "party", "no such party; add it first");
	if (st == HUB_OK)
		st = epoch_bump(db, "subscription");
	st = store_scope_end(db, st);
	if (st == HUB_OK)
		*ret_id = id;
	return st;
}

static hub_status replace(store *db, const args *in, hub_fault *fault)
{
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "subscription_replace", in, &res, fault);
	if (st != HUB_OK)
		return st;
	return sql_rows(res) ? epoch_bump(db, "subscription") : HUB_MISSING;
}

hub_status subscription_replace(store *db, const subscription *s, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, s->party);
	arg_i64(&in, s->id);
	arg_text(&in, s->name ? s->name : "");
	arg_i32(&in, (int32_t)s->types);
	arg_texts(&in, s->commodities, s->commodity_count);
	arg_u16s(&in, s->quantities, s->quantity_count);
	arg_i64s(&in, s->premises, s->premise_count);
	arg_i64s(&in, s->points, s->point_count);
	arg_to(&in, s->valid_to);
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, replace(db, &in, fault)) : st;
}

static hub_status finish(store *db, const args *in)
{
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "subscription_end", in, &res, NULL);
	if (st != HUB_OK)
		return st;
	int64_t known;
	if (!sql_rows(res)) /* ended already, or not there */
		return sql_number(db, "subscription_known", in, &known, NULL);
	return epoch_bump(db, "subscription");
}

hub_status subscription_end(store *db, int64_t party, int64_t id)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, id);
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, finish(db, &in)) : st;
}

static void row(fetch *f, int i, void *ret)
{
	subscription *s = ret;
	s->id = get_i64(f->r, i, 0);
	s->party = get_i64(f->r, i, 1);
	s->name = fetch_text(f, i, 2);
	s->types = (uint32_t)get_i64(f->r, i, 3);
	s->commodities = fetch_texts(f, i, 4, &s->commodity_count);
	s->quantities = fetch_u16s(f, i, 5, &s->quantity_count);
	s->premises = fetch_i64s(f, i, 6, &s->premise_count);
	s->points = fetch_i64s(f, i, 7, &s->point_count);
	s->valid_from = get_time(f->r, i, 8);
	s->valid_to = get_time(f->r, i, 9);
	s->door = fetch_text(f, i, 10);
	s->senders = fetch_i64s(f, i, 11, &s->sender_count);
	s->kinds = fetch_texts(f, i, 12, &s->kind_count);
}

hub_status subscription_get(store *db, int64_t party, int64_t id, arena *a, subscription *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	arg_i64(&in, party);
	return sql_one(db, "subscription_get", &in, a, sizeof *ret, row, ret);
}

hub_status subscription_list(store *db, int64_t party, hub_time at, arena *a, subscription **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	if (at)
		arg_time(&in, at);
	else
		arg_null(&in, OID_TIME);
	return sql_list(db, "subscription_list", &in, a, sizeof **ret, row, ret, ret_count);
}

static bool among(const int64_t *list, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == id)
			return true;
	return false;
}

static bool wants_place(const subscription *s, const int64_t *path, size_t path_count)
{
	for (size_t i = 0; i < path_count; i++)
		if (among(s->premises, s->premise_count, path[i]))
			return true;
	return !s->premise_count;
}

static bool wants_commodity(const subscription *s, const char *commodity)
{
	for (size_t i = 0; i < s->commodity_count; i++)
		if (!strcmp(s->commodities[i], commodity))
			return true;
	return !s->commodity_count;
}

static bool wants_quantity(const subscription *s, uint16_t quantity)
{
	for (size_t i = 0; i < s->quantity_count; i++)
		if (s->quantities[i] == quantity)
			return true;
	return !s->quantity_count;
}

static bool wants_kind(const subscription *s, const char *kind)
{
	for (size_t i = 0; i < s->kind_count; i++)
		if (!strcmp(s->kinds[i], kind ? kind : ""))
			return true;
	return !s->kind_count;
}

bool subscription_matches(const subscription *s, const subscription_row *r)
{
	if (s->types && !(s->types & 1u << r->type))
		return false;
	if (s->sender_count && r->sender && !among(s->senders, s->sender_count, r->sender))
		return false;
	if (r->type == HUB_RECORD_READING ? !wants_quantity(s, r->quantity)
					  : r->type == HUB_RECORD_EVENT && !wants_kind(s, r->kind))
		return false;
	return !r->point || ((!s->point_count || among(s->points, s->point_count, r->point)) &&
			     wants_commodity(s, r->commodity) && wants_place(s, r->path, r->path_count));
}
