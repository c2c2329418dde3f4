#include "rights/rights.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "model/quantity.h"
#include "rights/scene.h"

/* One decision of a group. */
typedef struct decided {
	struct decided *next;
	const char *kind; /* of our tables; NULL: on the point */
	int64_t sender;
	bool attached, consented, allowed;
	scene_living living;
	const char *reason;
} decided;

/* Points with equal attributes. */
typedef struct rights_group {
	struct rights_group *next;
	const char *signature;
	const rights_point *sample;
	decided *decisions;
} rights_group;

struct rights {
	rights_case of;
	known known;
	rights_point *points; /* rising ids */
	size_t count;
	rights_group *groups[KNOWN_SLOTS]; /* by signature */
};

hub_status rights_new(const rights_case *c, rights **ret)
{
	rights *r = arena_alloc(c->arena, sizeof *r);
	if (!r)
		return HUB_NOMEM;
	*r = (rights){ .of = *c };
	r->known.of = &r->of;
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

consent_grain rights_grain(const point *p, hub_kind kind, hub_time start, hub_time time)
{
	return consent_grain_of(kind == HUB_INTERVAL ? (time - start) / 1000000 : p->interval);
}

static bool is_living(const rights *r, const point_party *p)
{
	return p->party == r->of.caller->id && !strcmp(p->role, "occupant") && p->valid_from <= r->of.now;
}

bool rights_lived(const rights *r, const rights_point *p)
{
	for (size_t i = 0; i < p->point.party_count; i++)
		if (is_living(r, &p->point.parties[i]))
			return true;
	return false;
}

/* A row that began before somebody came, or ended after, tells of those who lived there then. */
static scene_living living_at(const rights *r, const rights_point *p, const rights_row *row)
{
	hub_time start = row->start ? row->start : row->time;
	bool ever = false;
	for (size_t i = 0; i < p->point.party_count; i++) {
		const point_party *o = &p->point.parties[i];
		if (!is_living(r, o))
			continue;
		if (o->valid_from <= start && (!o->valid_to || row->time <= o->valid_to))
			return LIVED_THERE;
		ever = true;
	}
	return ever ? LIVED_ELSEWHERE : LIVING_NOW;
}

/* Everything a policy may ask of a point but its name. */
static const char *signature_of(const rights *r, const rights_point *p)
{
	buf b = { 0 };
	buf_printf(&b, "%s|%lld|%d%d", p->point.commodity, (long long)p->point.premise, p->point.disconnected,
		   p->point.protected);
	for (size_t i = 0; i < p->point.party_count; i++)
		if (scene_counts(&p->point.parties[i], r->of.now))
			buf_printf(&b, "|%s%lld", p->point.parties[i].role, (long long)p->point.parties[i].party);
	if (rights_lived(r, p))
		buf_text(&b, "|lived");
	if (r->of.rules && r->of.rules->by_name)
		buf_printf(&b, "|%s", p->point.code);
	const char *text = b.bad ? NULL : arena_strdup(r->of.arena, buf_cstr(&b));
	buf_fini(&b);
	return text;
}

static rights_group **slot_of(rights *r, const char *signature)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (const char *p = signature; *p; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(1099511628211);
	return &r->groups[(h ^ h >> 32) % KNOWN_SLOTS];
}

static hub_status settle(rights *r, rights_point *p)
{
	if (p->point.premise) {
		const premise *place;
		hub_status st = known_premise_of(&r->known, p->point.premise, &place);
		if (st != HUB_OK)
			return st;
		p->path = place->path;
		p->path_count = place->path_count;
	}
	const char *signature = signature_of(r, p);
	if (!signature)
		return HUB_NOMEM;
	rights_group **slot = slot_of(r, signature), *g = *slot;
	while (g && strcmp(g->signature, signature))
		g = g->next;
	if (!g) {
		g = arena_alloc(r->of.arena, sizeof *g);
		rights_point *sample = g ? arena_memdup(r->of.arena, p, sizeof *p) : NULL;
		if (!sample)
			return HUB_NOMEM;
		*g = (rights_group){ *slot, signature, sample, NULL };
		*slot = g;
	}
	p->group = g;
	return HUB_OK;
}

static const char *reason_of(const rights *r, const policy_decision *d)
{
	buf b = { 0 };
	for (size_t i = 0; i < d->reason_count; i++) {
		policy_place at = policy_set_place(r->of.rules->set, d->reasons[i]);
		const char *slash = memrchr(at.file.p, '/', at.file.len);
		const char *file = slash ? slash + 1 : at.file.p;
		policy_text id = at.id.len ? at.id : at.name;
		buf_printf(&b, "%s%.*s %.*s:%u", i ? ", " : "", (int)id.len, id.p,
			   (int)(at.file.len - (size_t)(file - at.file.p)), file, at.line);
	}
	const char *text = b.bad ? NULL : arena_strdup(r->of.arena, buf_cstr(&b));
	buf_fini(&b);
	return text;
}

static hub_status decide(rights *r, rights_group *g, decided *d)
{
	const scene_thing thing = { g->sample, d->kind, d->sender, d->attached, d->consented, d->living };
	policy_entities *entities = NULL;
	policy_decision found;
	hub_fault fault;
	scene s;
	d->reason = "";
	if (!r->of.rules)
		return HUB_OK;
	hub_status st = scene_make(&r->known, &thing, &s);
	if (st == HUB_OK)
		st = policy_entities_new(s.list, s.count, &entities, &fault);
	if (st != HUB_OK)
		return st;
	const policy_request request = { .principal = s.principal,
					 .resource = s.list[1].uid,
					 .action = { policy_text_of("Hub::Action"), policy_text_of(r->of.action) } };
	st = policy_decide(r->of.rules->set, entities, NULL, &request, r->of.arena, &found);
	policy_entities_free(entities);
	if (st != HUB_OK)
		return st;
	d->allowed = found.allow;
	d->reason = reason_of(r, &found);
	return d->reason ? HUB_OK : HUB_NOMEM;
}

/* Kinds are texts of our tables, so their addresses tell them apart. */
static hub_status decided_for(rights *r, rights_group *g, const decided *key, const decided **ret)
{
	decided *d = g->decisions;
	while (d && (d->kind != key->kind || d->sender != key->sender || d->attached != key->attached ||
		     d->consented != key->consented || d->living != key->living))
		d = d->next;
	if (!d) {
		d = arena_memdup(r->of.arena, key, sizeof *key);
		hub_status st = d ? decide(r, g, d) : HUB_NOMEM;
		if (st != HUB_OK)
			return st;
		d->next = g->decisions;
		g->decisions = d;
	}
	*ret = d;
	return HUB_OK;
}

enum { STATE = HUB_RECORD_FAULT + 1, CHARGER_STATE, ALARM };

const char *const rights_kinds[RIGHTS_KINDS] = { [0] = "",
						 [HUB_RECORD_READING] = "reading",
						 [HUB_RECORD_EVENT] = "event",
						 [HUB_RECORD_TRANSACTION] = "session",
						 [HUB_RECORD_RESULT] = "control_result",
						 [HUB_RECORD_ARCHIVE] = "archive_setting",
						 [STATE] = "state",
						 [CHARGER_STATE] = "charger_state",
						 [ALARM] = "alarm",
						 [HUB_RECORD_FAULT] = "" };

unsigned rights_kind(hub_record_type type, uint16_t number, bool computed)
{
	const quantity *q = number ? quantity_by_number(number) : NULL;
	if (q && !strcmp(q->name, rights_kinds[CHARGER_STATE]))
		return CHARGER_STATE;
	if (q && !strcmp(q->dimension, rights_kinds[STATE]))
		return STATE;
	if (computed && type == HUB_RECORD_EVENT)
		return ALARM;
	return (unsigned)type < STATE ? (unsigned)type : 0;
}

/* What a consent must speak of: at a point for anything, the quantity tells. */
static const char *commodity_of(const point *p, const rights_row *row)
{
	const quantity *q = row->quantity ? quantity_by_number(row->quantity) : NULL;
	return !strcmp(p->commodity, "any") && q ? q->commodity : p->commodity;
}

hub_status rights_on(rights *r, const rights_point *p, bool by_consent, rights_ruling *ret)
{
	const decided key = { .consented = by_consent && p->line_count };
	const decided *d;
	hub_status st = decided_for(r, p->group, &key, &d);
	if (st == HUB_OK)
		*ret = (rights_ruling){ d->allowed, key.consented ? p->lines[0].id : 0, d->reason };
	return st;
}

hub_status rights_ask(rights *r, const rights_point *p, const rights_row *row, rights_ruling *ret)
{
	bool send = !strcmp(r->of.action, "send"), message = send || !strcmp(r->of.action, "receive");
	decided key = { .kind = message ? rights_kinds[rights_kind(row->type, row->quantity, row->computed)] : NULL,
			.sender = message ? row->sender : 0,
			.attached = message && row->attached,
			.living = send ? LIVING_NOW : living_at(r, p, row) };
	const decided *d;
	hub_status st = decided_for(r, p->group, &key, &d);
	if (st != HUB_OK)
		return st;
	*ret = (rights_ruling){ d->allowed, 0, d->reason };
	const char *commodity = d->allowed || !p->line_count ? "" : commodity_of(&p->point, row);
	for (size_t i = 0; !d->allowed && i < p->line_count; i++) {
		if (!consent_covers(&p->lines[i], commodity, row->grain, row->start ? row->start : row->time,
					row->time))
			continue;
		key.consented = true;
		st = decided_for(r, p->group, &key, &d);
		if (st == HUB_OK)
			*ret = (rights_ruling){ d->allowed, p->lines[i].id, d->reason };
		break;
	}
	return st;
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

/* Those that are not known yet, rising, each once. */
static size_t missing(const rights *r, const int64_t *points, size_t count, int64_t *ids)
{
	size_t n = 0, kept = 0;
	for (size_t i = 0; i < count; i++)
		if ((i == 0 || points[i] != points[i - 1]) && !rights_of(r, points[i]))
			ids[n++] = points[i];
	qsort(ids, n, sizeof *ids, by_number);
	for (size_t i = 0; i < n; i++)
		if (!kept || ids[kept - 1] != ids[i])
			ids[kept++] = ids[i];
	return kept;
}

/* Lists rise by point, both of them. */
static void give_lines(rights_point *points, size_t count, const consent_line *lines, size_t line_count)
{
	for (size_t i = 0, l = 0; i < count; i++) {
		while (l < line_count && lines[l].point < points[i].point.id)
			l++;
		points[i].lines = &lines[l];
		while (l < line_count && lines[l].point == points[i].point.id) {
			l++;
			points[i].line_count++;
		}
	}
}

/* Points with lines, of which none is known yet. */
static hub_status adopt(rights *r, const point *list, size_t found, const consent_line *lines, size_t line_count)
{
	rights_point *merged = arena_array(r->of.arena, r->count + found, sizeof *merged);
	if (!merged)
		return HUB_NOMEM;
	rights_point *fresh = merged + r->count;
	for (size_t i = 0; i < found; i++)
		fresh[i] = (rights_point){ .point = list[i] };
	give_lines(fresh, found, lines, line_count);
	hub_status st = known_fetch(&r->known, fresh, found);
	for (size_t i = 0; st == HUB_OK && i < found; i++)
		st = settle(r, &fresh[i]);
	if (st != HUB_OK)
		return st;
	if (r->count)
		memcpy(merged, r->points, r->count * sizeof *merged);
	qsort(merged, r->count + found, sizeof *merged, by_id);
	r->points = merged;
	r->count += found;
	return HUB_OK;
}

hub_status rights_load_point(rights *r, const point *p)
{
	consent_line *lines;
	size_t line_count;
	if (rights_of(r, p->id))
		return HUB_OK;
	hub_status st = consent_lines(r->of.db, r->of.caller->id, &p->id, 1, r->of.purpose, r->of.now, r->of.arena, &lines, &line_count);
	return st == HUB_OK ? adopt(r, p, 1, lines, line_count) : st;
}

hub_status rights_load(rights *r, const int64_t *points, size_t count)
{
	int64_t *ids = arena_array(r->of.arena, count, sizeof *ids);
	size_t n = ids ? missing(r, points, count, ids) : 0, found, line_count;
	consent_line *lines;
	point *list;
	if (!ids)
		return HUB_NOMEM;
	if (n == 0)
		return HUB_OK;
	hub_status st = point_by_ids(r->of.db, ids, n, r->of.arena, &list, &found);
	if (st == HUB_OK)
		st = consent_lines(r->of.db, r->of.caller->id, ids, n, r->of.purpose, r->of.now, r->of.arena, &lines,
				   &line_count);
	return st == HUB_OK ? adopt(r, list, found, lines, line_count) : st;
}
