#include "api/rights.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/premise.h"

/* Points with equal attributes, decided once. */
typedef struct group {
	struct group *next;
	const char *signature;
	bool allowed;
} group;

typedef struct known_premise {
	struct known_premise *next;
	premise premise;
} known_premise;

struct rights {
	store *db;
	const policy_set *set;
	const party *caller;
	const char *action;
	hub_time now;
	arena *arena;
	bool by_name; /* a policy names single points */
	rights_point *points; /* rising ids */
	size_t count;
	group *groups;
	known_premise *premises;
};

static const char *const roles[] = { "owner", "occupant", "operator", "supplier", "reader" };
enum { ROLES = sizeof roles / sizeof roles[0] };

hub_status rights_new(store *db, const policy_set *set, bool by_name, const party *caller, const char *action, hub_time now,
		      arena *a, rights **ret)
{
	rights *r = arena_alloc(a, sizeof *r);
	if (!r)
		return HUB_NOMEM;
	*r = (rights){ .db = db, .set = set, .by_name = by_name, .caller = caller, .action = action, .now = now, .arena = a };
	*ret = r;
	return HUB_OK;
}

const rights_point *rights_of(const rights *r, int64_t id)
{
	size_t low = 0, high = r->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (r->points[mid].point.id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->count && r->points[low].point.id == id ? &r->points[low] : NULL;
}

static hub_status premise_of(rights *r, int64_t id, const premise **ret)
{
	known_premise *k = r->premises;
	while (k && k->premise.id != id)
		k = k->next;
	if (!k) {
		k = arena_alloc(r->arena, sizeof *k);
		if (!k)
			return HUB_NOMEM;
		hub_status st = premise_by_id(r->db, id, r->arena, &k->premise);
		if (st != HUB_OK)
			return st;
		k->next = r->premises;
		r->premises = k;
	}
	*ret = &k->premise;
	return HUB_OK;
}

static bool is_valid(const point_party *p, hub_time now)
{
	return p->valid_from <= now && (!p->valid_to || now < p->valid_to);
}

/* Everything a policy may ask of a point but its name. */
static const char *signature_of(const rights *r, const rights_point *p)
{
	buf b = { 0 };
	buf_printf(&b, "%s|%lld|%d%d", p->point.commodity, (long long)p->point.premise, p->point.disconnected,
		   p->point.protected);
	for (size_t i = 0; i < p->point.party_count; i++)
		if (is_valid(&p->point.parties[i], r->now))
			buf_printf(&b, "|%s%lld", p->point.parties[i].role, (long long)p->point.parties[i].party);
	if (r->by_name)
		buf_printf(&b, "|%s", p->point.code);
	const char *text = b.bad ? NULL : arena_strdup(r->arena, buf_cstr(&b));
	buf_fini(&b);
	return text;
}

static policy_uid uid_of(const char *type, const char *id)
{
	return (policy_uid){ policy_text_of(type), policy_text_of(id) };
}

/* Parties of the point in a role (NULL: in any), as a set of entities. */
static hub_status party_set(rights *r, const point *p, const char *role, const policy_value **ret)
{
	policy_value *set = arena_alloc(r->arena, sizeof *set);
	const policy_value **items = arena_array(r->arena, p->party_count, sizeof *items);
	size_t n = 0;
	if (!set || !items)
		return HUB_NOMEM;
	for (size_t i = 0; i < p->party_count; i++) {
		const point_party *pp = &p->parties[i];
		party other;
		if (!is_valid(pp, r->now) || (role && strcmp(role, pp->role)))
			continue;
		bool is_caller = pp->party == r->caller->id;
		hub_status st = is_caller ? HUB_OK : party_by_id(r->db, pp->party, r->arena, &other);
		if (st != HUB_OK)
			return st;
		policy_value *v = arena_alloc(r->arena, sizeof *v);
		if (!v)
			return HUB_NOMEM;
		v->kind = POLICY_ENTITY;
		v->entity = uid_of("Hub::Party", is_caller ? r->caller->code : other.code);
		items[n++] = v;
	}
	set->kind = POLICY_SET;
	set->set.items = items;
	set->set.count = n;
	*ret = set;
	return HUB_OK;
}

static const policy_value *scalar(arena *a, policy_kind kind, const char *text, bool truth)
{
	policy_value *v = arena_alloc(a, sizeof *v);
	if (!v)
		return NULL;
	v->kind = kind;
	if (kind == POLICY_STRING)
		v->text = policy_text_of(text);
	else
		v->boolean = truth;
	return v;
}

static hub_status point_entity(rights *r, const rights_point *p, policy_entity *ret)
{
	enum { COUNT = ROLES + 4 };
	policy_attr *attrs = arena_array(r->arena, COUNT, sizeof *attrs);
	const char *const names[] = { "commodity", "disconnected", "protected", "parties" };
	if (!attrs)
		return HUB_NOMEM;
	attrs[0].value = scalar(r->arena, POLICY_STRING, p->point.commodity, false);
	attrs[1].value = scalar(r->arena, POLICY_BOOL, NULL, p->point.disconnected);
	attrs[2].value = scalar(r->arena, POLICY_BOOL, NULL, p->point.protected);
	if (!attrs[0].value || !attrs[1].value || !attrs[2].value)
		return HUB_NOMEM;
	for (size_t i = 0; i < COUNT; i++) {
		attrs[i].name = policy_text_of(i < 4 ? names[i] : roles[i - 4]);
		hub_status st = i < 3 ? HUB_OK : party_set(r, &p->point, i == 3 ? NULL : roles[i - 4], &attrs[i].value);
		if (st != HUB_OK)
			return st;
	}
	*ret = (policy_entity){ .uid = uid_of("Hub::Point", p->point.code), .attrs = attrs, .attr_count = COUNT };
	return HUB_OK;
}

/* The caller with its roles, the point, and the premises above it. *ret_count of at most 2 + path_count. */
static hub_status entities_of(rights *r, const rights_point *p, policy_entity *list, size_t *ret_count)
{
	const party *c = r->caller;
	policy_uid *parents = arena_array(r->arena, c->role_count + p->path_count, sizeof *parents);
	policy_attr *kind = arena_alloc(r->arena, sizeof *kind);
	if (!parents || !kind)
		return HUB_NOMEM;
	for (size_t i = 0; i < c->role_count; i++)
		parents[i] = uid_of("Hub::Role", c->roles[i]);
	kind->name = policy_text_of("kind");
	kind->value = scalar(r->arena, POLICY_STRING, c->kind, false);
	if (!kind->value)
		return HUB_NOMEM;
	list[0] = (policy_entity){ .uid = uid_of("Hub::Party", c->code), .parents = parents, .parent_count = c->role_count,
				   .attrs = kind, .attr_count = 1 };
	hub_status st = point_entity(r, p, &list[1]);
	policy_uid *above = parents + c->role_count;
	for (size_t i = 0; st == HUB_OK && i < p->path_count; i++) {
		const premise *place;
		st = premise_of(r, p->path[i], &place);
		if (st != HUB_OK)
			break;
		above[i] = uid_of("Hub::Premise", place->code);
		list[2 + i] = (policy_entity){ .uid = above[i], .parents = i ? &above[i - 1] : NULL, .parent_count = i > 0 };
	}
	if (st == HUB_OK && p->path_count) {
		list[1].parents = &above[p->path_count - 1];
		list[1].parent_count = 1;
	}
	*ret_count = 2 + p->path_count;
	return st;
}

static hub_status decide(rights *r, const rights_point *p, bool *ret_allowed)
{
	policy_entity *list = arena_array(r->arena, 2 + p->path_count, sizeof *list);
	policy_entities *entities = NULL;
	policy_decision decision;
	hub_fault fault;
	size_t count;
	if (!list)
		return HUB_NOMEM;
	hub_status st = entities_of(r, p, list, &count);
	if (st == HUB_OK)
		st = policy_entities_new(list, count, &entities, &fault);
	if (st != HUB_OK)
		return st;
	const policy_request request = { .principal = list[0].uid, .action = uid_of("Hub::Action", r->action),
					 .resource = list[1].uid };
	st = policy_decide(r->set, entities, NULL, &request, r->arena, &decision);
	policy_entities_free(entities);
	if (st == HUB_OK)
		*ret_allowed = decision.allow;
	return st;
}

static hub_status settle(rights *r, rights_point *p)
{
	if (p->point.premise) {
		const premise *place;
		hub_status st = premise_of(r, p->point.premise, &place);
		if (st != HUB_OK)
			return st;
		p->path = place->path;
		p->path_count = place->path_count;
	}
	const char *signature = signature_of(r, p);
	if (!signature)
		return HUB_NOMEM;
	group *g = r->groups;
	while (g && strcmp(g->signature, signature))
		g = g->next;
	if (!g) {
		g = arena_alloc(r->arena, sizeof *g);
		if (!g)
			return HUB_NOMEM;
		g->signature = signature;
		hub_status st = r->set ? decide(r, p, &g->allowed) : HUB_OK;
		if (st != HUB_OK)
			return st;
		g->next = r->groups;
		r->groups = g;
	}
	p->allowed = g->allowed;
	return HUB_OK;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = ((const rights_point *)a)->point.id, y = ((const rights_point *)b)->point.id;
	return x < y ? -1 : x > y;
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

hub_status rights_load(rights *r, const int64_t *points, size_t count)
{
	int64_t *ids = arena_array(r->arena, count, sizeof *ids);
	size_t n = 0, kept = 0, found;
	point *list;
	if (!ids)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		if ((i == 0 || points[i] != points[i - 1]) && !rights_of(r, points[i]))
			ids[n++] = points[i];
	if (n == 0)
		return HUB_OK;
	qsort(ids, n, sizeof *ids, by_number);
	for (size_t i = 0; i < n; i++)
		if (!kept || ids[kept - 1] != ids[i])
			ids[kept++] = ids[i];
	hub_status st = point_by_ids(r->db, ids, kept, r->arena, &list, &found);
	if (st != HUB_OK)
		return st;
	rights_point *merged = arena_array(r->arena, r->count + found, sizeof *merged);
	if (!merged)
		return HUB_NOMEM;
	if (r->count)
		memcpy(merged, r->points, r->count * sizeof *merged);
	for (size_t i = 0; i < found; i++) {
		rights_point *p = &merged[r->count + i];
		p->point = list[i];
		st = settle(r, p);
		if (st != HUB_OK)
			return st;
	}
	qsort(merged, r->count + found, sizeof *merged, by_id);
	r->points = merged;
	r->count += found;
	return HUB_OK;
}
