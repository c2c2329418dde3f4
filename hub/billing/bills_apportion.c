#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "billing/apportion.h"
#include "billing/bills_parts.h"
#include "model/quantity.h"
#include "store/party.h"
#include "store/series.h"

enum { MEMBERS = 5000, COMMON = 64, PAGE = 10000 };

static const char *const kinds[APPORTION_KINDS] = { "home", "shop", "office", "parking" };
static const char *const rules[] = { "equal", "share", "area", "use", "fixed" };

typedef struct sharing {
	bills *b;
	const json_t *plan;
	const zone *z;
	hub_time start, end;
	int32_t cycle;
	arena *a;
	hub_fault *fault;
	int64_t party, master;
	const quantity *what;
	apportion_plan rule;
	apportion_member *members;
	billing_account *accounts;
	size_t count;
	decimal *subs; /* members' meters, then the common ones */
	size_t sub_count;
	decimal use, metered, common, shared; /* of the master; of the members; of common meters; what is shared */
	apportion_loss loss;
	int64_t cost, owner;
	apportion_part *parts;
} sharing;

static const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static hub_status number(sharing *s, const json_t *o, const char *key, decimal fallback, decimal *ret)
{
	const char *text = text_of(o, key);
	*ret = fallback;
	if (json_object_get(o, key) && (!text || decimal_parse(text, strlen(text), ret) != HUB_OK || decimal_sign(*ret) < 0))
		return hub_fault_set(s->fault, "share.number", key, "'%s' is a decimal as text, not below zero", key);
	return HUB_OK;
}

static int choice(const char *text, const char *const *list, size_t count)
{
	for (size_t i = 0; text && i < count; i++)
		if (!strcmp(list[i], text))
			return (int)i;
	return -1;
}

static hub_status read_rules(sharing *s)
{
	hub_status st = HUB_OK;
	for (int k = 0; st == HUB_OK && k < APPORTION_KINDS; k++) {
		const json_t *o = json_object_get(json_object_get(s->plan, "rules"), kinds[k]);
		int rule = o ? choice(text_of(o, "rule"), rules, 5) : 0;
		if (rule < 0)
			return hub_fault_set(s->fault, "share.rule", "rules", "a rule is equal, share, area, use or fixed");
		s->rule.rule[k] = (apportion_rule)rule;
		st = number(s, o, "factor", decimal_of(o != NULL, 0), &s->rule.factor[k]);
	}
	return st;
}

/* What a point measured in the cycle. */
static hub_status use_of(sharing *s, int64_t place, decimal *ret)
{
	const series_query q = { .points = &place, .point_count = 1, .quantity = s->what->number, .from = s->start, .to = s->end,
				 .step = SERIES_DAY, .zone = s->z, .limit = PAGE };
	series_cursor cursor = { "" };
	series_item *items;
	size_t count;
	*ret = decimal_of(0, 0);
	hub_status st = series_read(s->b->db, &q, &cursor, s->a, &items, &count, s->fault);
	if (st == HUB_OK && !count)
		return hub_fault_set(s->fault, "share.readings", "point", "a meter of the plan has no readings of %s in the cycle",
				     s->what->name);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = decimal_add(*ret, decimal_of_value(items[i].row.value), ret);
	return st;
}

static hub_status place_of(sharing *s, const char *code, int64_t *ret)
{
	point p;
	hub_status st = code ? point_by_code(s->b->db, code, s->a, &p) : HUB_MISSING;
	if (st == HUB_MISSING)
		return hub_fault_set(s->fault, "share.point", "point", "there is no point '%.64s'", code ? code : "");
	*ret = p.id;
	return st;
}

static hub_status read_member(sharing *s, const json_t *o, size_t i)
{
	apportion_member *m = &s->members[i];
	decimal fixed, none = decimal_of(0, 0);
	int64_t place = 0;
	int kind = choice(text_of(o, "kind"), kinds, APPORTION_KINDS);
	const char *code = text_of(o, "account");
	if (kind < 0 || !code)
		return hub_fault_set(s->fault, "share.member", "members", "a member has an 'account' and is a home, shop, office or parking");
	hub_status st = account_by_code(s->b->db, code, s->a, &s->accounts[i]);
	if (st == HUB_MISSING)
		return hub_fault_set(s->fault, "share.account", "account", "there is no account '%.64s'", code);
	*m = (apportion_member){ .id = s->accounts[i].code, .kind = (apportion_kind)kind };
	if (st == HUB_OK)
		st = number(s, o, "area", none, &m->area);
	if (st == HUB_OK)
		st = number(s, o, "share", none, &m->share);
	if (st == HUB_OK)
		st = number(s, o, "fixed", none, &fixed);
	if (st == HUB_OK)
		st = decimal_to_int64(fixed, 2, DECIMAL_HALF_UP, &m->fixed);
	if (st == HUB_OK && text_of(o, "point")) {
		st = place_of(s, text_of(o, "point"), &place);
		if (st == HUB_OK)
			st = use_of(s, place, &m->use);
		s->subs[s->sub_count++] = m->use;
	}
	return st == HUB_OK ? decimal_add(s->metered, m->use, &s->metered) : st;
}

static hub_status read_meters(sharing *s)
{
	const json_t *members = json_object_get(s->plan, "members"), *common = json_object_get(s->plan, "common"), *o;
	size_t i;
	s->count = json_array_size(members);
	if (!s->count || s->count > MEMBERS || json_array_size(common) > COMMON)
		return hub_fault_set(s->fault, "share.members", "members", "a plan has 1 to %d members and at most %d common meters", MEMBERS,
				     COMMON);
	s->members = arena_array(s->a, s->count, sizeof *s->members);
	s->accounts = arena_array(s->a, s->count, sizeof *s->accounts);
	s->parts = arena_array(s->a, s->count, sizeof *s->parts);
	s->subs = arena_array(s->a, s->count + COMMON, sizeof *s->subs);
	if (!s->members || !s->accounts || !s->parts || !s->subs)
		return HUB_NOMEM;
	hub_status st = use_of(s, s->master, &s->use);
	json_array_foreach(members, i, o)
		if (st == HUB_OK)
			st = read_member(s, o, i);
	json_array_foreach(common, i, o) {
		int64_t place;
		decimal use;
		if (st == HUB_OK)
			st = place_of(s, json_string_value(o), &place);
		if (st == HUB_OK)
			st = use_of(s, place, &use);
		if (st == HUB_OK)
			st = decimal_add(s->common, use, &s->common);
		if (st == HUB_OK)
			s->subs[s->sub_count++] = use;
	}
	return st;
}

/* Common energy and normal loss, at the plan's tariff. */
static hub_status price(sharing *s)
{
	const bills_document *d;
	decimal normal, tolerance, *parts = arena_array(s->a, s->sub_count, sizeof *parts);
	const char *code = text_of(s->plan, "tariff");
	hub_status st = parts ? number(s, s->plan, "normal_loss", decimal_of(1, 0), &normal) : HUB_NOMEM;
	if (st == HUB_OK)
		st = number(s, s->plan, "tolerance", decimal_of(0, 0), &tolerance);
	if (st == HUB_OK)
		st = apportion_losses(s->use, s->subs, s->sub_count, normal, tolerance, false, 4, s->a, &s->loss, parts, s->fault);
	if (st == HUB_OK)
		st = decimal_add(s->common, s->loss.shared, &s->shared);
	if (st == HUB_OK)
		st = bills_document_at(s->b, code ? code : "", s->end - 1, &d, s->fault);
	if (st == HUB_OK)
		st = bills_metered(d->t, s->fault);
	if (st != HUB_OK)
		return st;
	usage_span span = { s->start, s->end, 0, false };
	usage_series series = { .quantity = s->what->name, .unit = s->what->unit, .meter = "", .scale = 6, .spans = &span, .count = 1 };
	usage *u = arena_alloc(s->a, sizeof *u);
	rating_bill bill;
	if (!u)
		return HUB_NOMEM;
	st = decimal_to_int64(s->shared, 6, DECIMAL_HALF_UP, &span.amount);
	*u = (usage){ .zone = s->z, .start = s->start, .end = s->end, .series = &series, .series_count = 1 };
	if (st == HUB_OK)
		st = rating_rate(d->t, u, s->a, &bill, s->fault);
	return st == HUB_OK ? decimal_to_int64(bill.total, 2, DECIMAL_HALF_UP, &s->cost) : st;
}

/* What the resident sees: the whole sum and the way to the own part. */
static hub_status detail_of(const sharing *s, size_t i, const char **ret)
{
	const apportion_part *p = &s->parts[i];
	buf out = { 0 };
	const struct {
		const char *name;
		decimal value;
	} list[] = { { "master", s->use }, { "meters", s->metered }, { "common", s->common }, { "loss", s->loss.loss },
		     { "loss_shared", s->loss.shared }, { "loss_abnormal", s->loss.abnormal }, { "energy", s->shared },
		     { "weight", p->weight }, { "weight_total", p->weight_total } };
	buf_printf(&out, "{\"total\":%lld,\"pool\":%lld,\"owner\":%lld,\"members\":%zu,\"kind\":\"%s\",\"rule\":\"%s\"", (long long)s->cost,
		   (long long)p->pool, (long long)s->owner, s->count, kinds[s->members[i].kind], rules[p->rule]);
	for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
		char text[DECIMAL_TEXT];
		buf_printf(&out, ",\"%s\":\"%s\"", list[k].name, decimal_text(decimal_trim(list[k].value), text));
	}
	buf_text(&out, "}");
	*ret = out.bad ? NULL : arena_strndup(s->a, (const char *)out.bytes, out.len);
	buf_fini(&out);
	return *ret ? HUB_OK : HUB_NOMEM;
}

static hub_status keep(sharing *s, size_t i)
{
	char text[DECIMAL_TEXT];
	decimal part = decimal_of(0, 0);
	hub_status st = HUB_OK;
	if (s->cost) {
		st = decimal_mul(s->shared, decimal_of(s->parts[i].amount, 0), &part);
		if (st == HUB_OK)
			st = decimal_div(part, decimal_of(s->cost, 0), 4, DECIMAL_HALF_UP, &part);
	}
	bill_imported m = { .account = s->accounts[i].id, .party = s->party, .point = s->master, .amount = s->parts[i].amount,
			    .cycle = s->cycle, .start = s->start, .end = s->end, .quantity = decimal_text(decimal_trim(part), text),
			    .unit = s->what->unit, .reference = arena_printf(s->a, "share-%d", s->cycle) };
	if (st == HUB_OK)
		st = m.reference ? detail_of(s, i, &m.detail) : HUB_NOMEM;
	return st == HUB_OK ? bill_import(s->b->db, &m, s->fault) : st;
}

static hub_status begin(sharing *s)
{
	party who;
	const char *code = text_of(s->plan, "party"), *zone_code = text_of(s->plan, "zone");
	hub_time due;
	s->what = quantity_find(text_of(s->plan, "quantity") ? text_of(s->plan, "quantity") : "active_energy_import");
	if (!s->what)
		return hub_fault_set(s->fault, "share.quantity", "quantity", "'quantity' is one of schemas/quantities.json");
	hub_status st = code ? party_by_code(s->b->db, code, s->a, &who) : HUB_MISSING;
	if (st == HUB_MISSING)
		return hub_fault_set(s->fault, "share.party", "party", "'party' is the one whom the shares are due to");
	s->party = who.id;
	if (st == HUB_OK)
		st = bills_zone(s->b, zone_code ? zone_code : "Asia/Shanghai", &s->z, s->fault);
	if (st == HUB_OK)
		st = unify_cycle(s->cycle, s->z, 0, &s->start, &s->end, &due);
	if (st == HUB_OK)
		st = place_of(s, text_of(s->plan, "master"), &s->master);
	return st == HUB_OK ? read_rules(s) : st;
}

static hub_status share_all(sharing *s, bool preview, buf *out)
{
	hub_status st = begin(s);
	if (st == HUB_OK)
		st = read_meters(s);
	if (st == HUB_OK)
		st = price(s);
	if (st == HUB_OK)
		st = apportion_common(s->cost, &s->rule, s->members, s->count, s->a, s->parts, &s->owner, s->fault);
	for (size_t i = 0; st == HUB_OK && !preview && i < s->count; i++)
		st = keep(s, i);
	for (size_t i = 0; st == HUB_OK && i < s->count; i++) {
		const char *detail;
		st = detail_of(s, i, &detail);
		buf_printf(out, "{\"account\":\"%s\",\"amount\":%lld,\"shared\":%s}\n", s->accounts[i].code, (long long)s->parts[i].amount,
			   st == HUB_OK ? detail : "{}");
	}
	return st;
}

hub_status bills_apportion(bills *b, const char *plan, int32_t cycle, bool preview, arena *a, buf *out, hub_fault *fault)
{
	json_error_t error;
	json_t *o = json_loads(plan, JSON_REJECT_DUPLICATES, &error);
	sharing *s = arena_alloc(a, sizeof *s);
	if (!json_is_object(o) || !s) {
		json_decref(o);
		return s ? hub_fault_set(fault, "share.plan", "", "the plan is no JSON object: %.100s", error.text) : HUB_NOMEM;
	}
	*s = (sharing){ .b = b, .plan = o, .cycle = cycle, .a = a, .fault = fault };
	hub_status st = store_scope(b->db);
	if (st == HUB_OK)
		st = store_scope_end(b->db, share_all(s, preview, out));
	json_decref(o);
	return st;
}
