#include "rights/scene.h"

#include <string.h>

enum { ATTRS_MAX = 16 };

static const char *const roles[] = { "owner", "occupant", "operator", "supplier", "reader" };

bool scene_counts(const point_party *p, hub_time now)
{
	return p->valid_from <= now && (!p->valid_to || now < p->valid_to);
}

static known_party **party_slot(known *k, int64_t id)
{
	known_party **p = &k->parties[(uint64_t)id % KNOWN_SLOTS];
	while (*p && (*p)->party.id != id)
		p = &(*p)->next;
	return p;
}

static known_premise **premise_slot(known *k, int64_t id)
{
	known_premise **p = &k->premises[(uint64_t)id % KNOWN_SLOTS];
	while (*p && (*p)->premise.id != id)
		p = &(*p)->next;
	return p;
}

hub_status known_premise_of(known *k, int64_t id, const premise **ret)
{
	known_premise **at = premise_slot(k, id), *p = *at;
	if (!p) {
		p = arena_alloc(k->of->arena, sizeof *p);
		if (!p)
			return HUB_NOMEM;
		hub_status st = premise_by_id(k->of->db, id, k->of->arena, &p->premise);
		if (st != HUB_OK)
			return st;
		*at = p;
	}
	*ret = &p->premise;
	return HUB_OK;
}

hub_status known_party_of(known *k, int64_t id, const party **ret)
{
	known_party **at = party_slot(k, id), *p = *at;
	if (id == k->of->caller->id) {
		*ret = k->of->caller;
		return HUB_OK;
	}
	if (!p) {
		p = arena_alloc(k->of->arena, sizeof *p);
		if (!p)
			return HUB_NOMEM;
		hub_status st = party_by_id(k->of->db, id, k->of->arena, &p->party);
		if (st != HUB_OK)
			return st;
		*at = p;
	}
	*ret = &p->party;
	return HUB_OK;
}

static hub_status fetch_parties(known *k, const int64_t *ids, size_t count)
{
	party *list = NULL;
	size_t found = 0;
	hub_status st = count ? party_by_ids(k->of->db, ids, count, k->of->arena, &list, &found) : HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < found; i++) {
		known_party **at = party_slot(k, list[i].id);
		if (*at)
			continue;
		*at = arena_alloc(k->of->arena, sizeof **at);
		if (!*at)
			return HUB_NOMEM;
		**at = (known_party){ NULL, list[i] };
	}
	return st;
}

static hub_status fetch_premises(known *k, const int64_t *ids, size_t count)
{
	premise *list = NULL;
	size_t found = 0;
	hub_status st = count ? premise_with_above(k->of->db, ids, count, k->of->arena, &list, &found) : HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < found; i++) {
		known_premise **at = premise_slot(k, list[i].id);
		if (*at)
			continue;
		*at = arena_alloc(k->of->arena, sizeof **at);
		if (!*at)
			return HUB_NOMEM;
		**at = (known_premise){ NULL, list[i] };
	}
	return st;
}

hub_status known_fetch(known *k, const rights_point *points, size_t count)
{
	size_t parties = 0, places = 0, most = 0;
	for (size_t i = 0; i < count; i++)
		most += points[i].point.party_count;
	int64_t *who = arena_array(k->of->arena, most, sizeof *who);
	int64_t *where = arena_array(k->of->arena, count, sizeof *where);
	if (!who || !where)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		const point *p = &points[i].point;
		if (p->premise && !*premise_slot(k, p->premise))
			where[places++] = p->premise;
		for (size_t n = 0; n < p->party_count; n++)
			if (p->parties[n].party != k->of->caller->id && !*party_slot(k, p->parties[n].party))
				who[parties++] = p->parties[n].party;
	}
	hub_status st = fetch_parties(k, who, parties);
	return st == HUB_OK ? fetch_premises(k, where, places) : st;
}

static policy_uid name_of(const char *type, const char *id)
{
	return (policy_uid){ policy_text_of(type), policy_text_of(id) };
}

/* A growing list of attributes; sticky: st. */
typedef struct attrs {
	known *k;
	const point *point;
	hub_time now;
	scene_living living;
	policy_attr list[ATTRS_MAX];
	size_t count;
	hub_status st;
} attrs;

static policy_value *add(attrs *a, const char *name, policy_kind kind)
{
	policy_value *v = a->st == HUB_OK && a->count < ATTRS_MAX ? arena_alloc(a->k->of->arena, sizeof *v) : NULL;
	if (!v) {
		if (a->st == HUB_OK)
			a->st = HUB_NOMEM;
		return NULL;
	}
	*v = (policy_value){ .kind = kind };
	a->list[a->count++] = (policy_attr){ policy_text_of(name), v };
	return v;
}

static void add_text(attrs *a, const char *name, const char *text)
{
	policy_value *v = add(a, name, POLICY_STRING);
	if (v)
		v->text = policy_text_of(text);
}

static void add_truth(attrs *a, const char *name, bool truth)
{
	policy_value *v = add(a, name, POLICY_BOOL);
	if (v)
		v->boolean = truth;
}

static void add_entity(attrs *a, const char *name, const char *type, const char *id)
{
	policy_value *v = add(a, name, POLICY_ENTITY);
	if (v)
		v->entity = name_of(type, id);
}

static hub_status item(attrs *a, int64_t id, const policy_value **ret)
{
	const party *p;
	policy_value *v = arena_alloc(a->k->of->arena, sizeof *v);
	hub_status st = v ? known_party_of(a->k, id, &p) : HUB_NOMEM;
	if (st != HUB_OK)
		return st;
	*v = (policy_value){ .kind = POLICY_ENTITY, .entity = name_of("Hub::Party", p->code) };
	*ret = v;
	return HUB_OK;
}

/* An occupant's right reaches as far as its time there; every other role counts as it is now. */
static bool counts(const attrs *a, const point_party *p)
{
	bool own = p->party == a->k->of->caller->id && !strcmp(p->role, "occupant");
	return own && a->living != LIVING_NOW ? a->living == LIVED_THERE : scene_counts(p, a->now);
}

/* The parties of the point in one of two roles (first NULL: in any; second may be NULL). */
static void add_parties(attrs *a, const char *name, const char *first, const char *second)
{
	policy_value *set = add(a, name, POLICY_SET);
	const policy_value **items = set ? arena_array(a->k->of->arena, a->point->party_count, sizeof *items) : NULL;
	size_t n = 0;
	if (set && !items)
		a->st = HUB_NOMEM;
	for (size_t i = 0; a->st == HUB_OK && i < a->point->party_count; i++) {
		const point_party *p = &a->point->parties[i];
		bool wanted = !first || !strcmp(first, p->role) || (second && !strcmp(second, p->role));
		if (!wanted || !counts(a, p))
			continue;
		/* Whom the second wall hides is another household, and nobody that a policy could ask for here. */
		a->st = item(a, p->party, &items[n]);
		n += a->st == HUB_OK;
		if (a->st == HUB_MISSING)
			a->st = HUB_OK;
	}
	if (a->st == HUB_OK) {
		set->set.items = items;
		set->set.count = n;
	}
}

static void add_caller(attrs *a, const char *name, bool really)
{
	policy_value *set = add(a, name, POLICY_SET);
	const policy_value **items = set ? arena_alloc(a->k->of->arena, sizeof *items) : NULL;
	if (set && !items)
		a->st = HUB_NOMEM;
	if (a->st == HUB_OK && really)
		a->st = item(a, a->k->of->caller->id, items);
	if (a->st == HUB_OK) {
		set->set.items = items;
		set->set.count = really;
	}
}

/* Of a home: what is measured there tells how people live. */
static void add_personal(attrs *a, const char *kind)
{
	bool personal = false;
	for (size_t i = 0; a->st == HUB_OK && i < a->point->party_count; i++) {
		const point_party *p = &a->point->parties[i];
		const party *who;
		if (!scene_counts(p, a->now) || (strcmp(p->role, "owner") && strcmp(p->role, "occupant")))
			continue;
		a->st = known_party_of(a->k, p->party, &who);
		/* Only households are hidden. */
		personal |= a->st == HUB_MISSING || (a->st == HUB_OK && !strcmp(who->kind, "household"));
		if (a->st == HUB_MISSING)
			a->st = HUB_OK;
	}
	add_truth(a, "personal", personal && (!kind || strcmp(kind, "charger_state")));
}

static void point_attrs(attrs *a, const scene_thing *t)
{
	const point *p = &t->point->point;
	add_text(a, "commodity", p->commodity);
	add_truth(a, "disconnected", p->disconnected);
	add_truth(a, "protected", p->protected);
	add_personal(a, NULL);
	add_parties(a, "parties", NULL, NULL);
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		add_parties(a, roles[i], roles[i], NULL);
	add_caller(a, "consented", t->consented);
}

static void message_attrs(attrs *a, const scene_thing *t)
{
	const party *sender = a->k->of->caller;
	if (t->sender)
		a->st = known_party_of(a->k, t->sender, &sender);
	/* A household that the caller does not know: its name is not told, not even to a policy. */
	static const party hidden = { .code = "" };
	if (a->st == HUB_MISSING) {
		sender = &hidden;
		a->st = HUB_OK;
	}
	add_entity(a, "kind", "Hub::Kind", t->kind);
	add_text(a, "commodity", t->point->point.commodity);
	add_entity(a, "sender", "Hub::Party", a->st == HUB_OK ? sender->code : "");
	add_caller(a, "to", false);
	add_parties(a, "about", "owner", "occupant");
	add_parties(a, "utilities", "supplier", "operator");
	add_personal(a, t->kind);
	add_caller(a, "consented", t->consented);
	add_parties(a, "via", "reader", NULL);
	add_truth(a, "attached", t->attached);
	add_truth(a, "genuine", true);
	add_truth(a, "expired", false);
}

static hub_status caller_entity(known *k, policy_entity *ret)
{
	const party *c = k->of->caller;
	arena *a = k->of->arena;
	policy_uid *parents = arena_array(a, c->role_count, sizeof *parents);
	policy_attr *kind = arena_alloc(a, sizeof *kind);
	policy_value *text = arena_alloc(a, sizeof *text);
	if (!parents || !kind || !text)
		return HUB_NOMEM;
	for (size_t i = 0; i < c->role_count; i++)
		parents[i] = name_of("Hub::Role", c->roles[i]);
	*text = (policy_value){ .kind = POLICY_STRING, .text = policy_text_of(c->kind) };
	*kind = (policy_attr){ policy_text_of("kind"), text };
	*ret = (policy_entity){ .uid = name_of("Hub::Party", c->code),
				 .parents = parents,
				 .parent_count = c->role_count,
				 .attrs = kind,
				 .attr_count = 1 };
	return HUB_OK;
}

/* A person in its party and its own roles, with the kinds and the area of its work. */
static hub_status user_entity(known *k, policy_entity *ret)
{
	const person *p = k->of->who;
	arena *a = k->of->arena;
	policy_uid *parents = arena_array(a, 1 + p->role_count, sizeof *parents);
	policy_attr *list = arena_array(a, 2, sizeof *list);
	policy_value *values = arena_array(a, 2 + p->kind_count, sizeof *values);
	const policy_value **items = arena_array(a, p->kind_count, sizeof *items);
	if (!parents || !list || !values || !items)
		return HUB_NOMEM;
	parents[0] = name_of("Hub::Party", k->of->caller->code);
	for (size_t i = 0; i < p->role_count; i++)
		parents[1 + i] = name_of("Hub::Role", p->roles[i]);
	for (size_t i = 0; i < p->kind_count; i++) {
		values[2 + i] = (policy_value){ .kind = POLICY_ENTITY, .entity = name_of("Hub::Kind", p->kinds[i]) };
		items[i] = &values[2 + i];
	}
	values[0] = (policy_value){ .kind = POLICY_SET, .set = { .items = items, .count = p->kind_count } };
	values[1] = (policy_value){ .kind = POLICY_ENTITY, .entity = name_of("Hub::Premise", p->area) };
	list[0] = (policy_attr){ policy_text_of("kinds"), &values[0] };
	list[1] = (policy_attr){ policy_text_of("area"), &values[1] };
	*ret = (policy_entity){ .uid = name_of("Hub::User", p->login),
				 .parents = parents,
				 .parent_count = 1 + p->role_count,
				 .attrs = list,
				 .attr_count = p->area[0] ? 2 : 1 };
	return HUB_OK;
}

static hub_status thing_entity(known *k, const scene_thing *t, policy_entity *ret)
{
	attrs a = { .k = k, .point = &t->point->point, .now = k->of->now, .living = t->living };
	if (t->kind)
		message_attrs(&a, t);
	else
		point_attrs(&a, t);
	policy_attr *kept = a.st == HUB_OK ? arena_memdup(k->of->arena, a.list, a.count * sizeof a.list[0]) : NULL;
	if (!kept)
		return a.st == HUB_OK ? HUB_NOMEM : a.st;
	*ret = (policy_entity){ .uid = name_of(t->kind ? "Hub::Message" : "Hub::Point", t->point->point.code),
				 .attrs = kept,
				 .attr_count = a.count };
	return HUB_OK;
}

hub_status scene_make(known *k, const scene_thing *t, scene *ret)
{
	const rights_point *p = t->point;
	policy_entity *list = arena_array(k->of->arena, 3 + p->path_count, sizeof *list);
	policy_uid *above = arena_array(k->of->arena, p->path_count, sizeof *above);
	hub_status st = list && above ? caller_entity(k, &list[0]) : HUB_NOMEM;
	if (st == HUB_OK)
		st = thing_entity(k, t, &list[1]);
	for (size_t i = 0; st == HUB_OK && i < p->path_count; i++) {
		const premise *place;
		st = known_premise_of(k, p->path[i], &place);
		if (st != HUB_OK)
			break;
		above[i] = name_of("Hub::Premise", place->code);
		list[2 + i] =
			(policy_entity){ .uid = above[i], .parents = i ? &above[i - 1] : NULL, .parent_count = i > 0 };
	}
	if (st == HUB_OK && p->path_count) {
		list[1].parents = &above[p->path_count - 1];
		list[1].parent_count = 1;
	}
	size_t count = 2 + p->path_count;
	if (st == HUB_OK && k->of->who)
		st = user_entity(k, &list[count++]);
	if (st == HUB_OK)
		*ret = (scene){ list, count, list[k->of->who ? count - 1 : 0].uid };
	return st;
}
