#include "policy/value.h"

#include <stdlib.h>
#include <string.h>

const value value_true = { .kind = POLICY_BOOL, .boolean = true };
const value value_false = { .kind = POLICY_BOOL };

static inline uint64_t mix(uint64_t h, uint64_t w)
{
	h = (h ^ w) * 0x9fb21c651e98df25u;
	return h ^ h >> 32;
}

uint64_t text_hash(policy_text t)
{
	uint64_t h = mix(0x27220a95fe5d1e65u, t.len), w;
	const char *p = t.p;
	size_t n = t.len;
	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&w, p, 8);
		h = mix(h, w);
	}
	if (n) {
		w = 0;
		memcpy(&w, p, n);
		h = mix(h, w);
	}
	return h;
}

uid uid_of(policy_uid u)
{
	uint64_t type = text_hash(u.type);
	return (uid){ u.type, u.id, type, mix(type, text_hash(u.id)) };
}

const uid *uid_copy(arena *a, policy_uid u)
{
	uid *copy = arena_alloc(a, sizeof *copy);
	u.type.p = arena_strndup(a, u.type.p, u.type.len);
	u.id.p = arena_strndup(a, u.id.p, u.id.len);
	if (!copy || !u.type.p || !u.id.p)
		return NULL;
	*copy = uid_of(u);
	return copy;
}

uint64_t value_hash(const value *v)
{
	switch ((policy_kind)v->kind) {
	case POLICY_STRING:
	case POLICY_SET:
	case POLICY_RECORD:
		return v->hash;
	case POLICY_ENTITY:
		return mix(v->entity->hash, POLICY_ENTITY);
	case POLICY_BOOL:
		return mix(v->boolean, POLICY_BOOL);
	case POLICY_IP: {
		uint64_t half[2];
		memcpy(half, v->ip, 16);
		return mix(mix(mix(half[0], half[1]), v->prefix), POLICY_IP + v->v6);
	}
	case POLICY_LONG:
	case POLICY_DECIMAL:
	case POLICY_DATETIME:
	case POLICY_DURATION:
		break;
	}
	return mix((uint64_t)v->number, v->kind);
}

static int text_order(policy_text a, policy_text b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len ? memcmp(a.p, b.p, a.len) : 0;
}

static int number_order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int value_order(const value *a, const value *b);

static int set_order(const value *a, const value *b)
{
	int c = number_order((int64_t)a->set.count, (int64_t)b->set.count);
	for (size_t i = 0; !c && i < a->set.count; i++)
		c = value_order(a->set.items[i], b->set.items[i]);
	return c;
}

static int record_order(const value *a, const value *b)
{
	int c = number_order((int64_t)a->record.count, (int64_t)b->record.count);
	for (size_t i = 0; !c && i < a->record.count; i++) {
		c = text_order(a->record.attrs[i].name, b->record.attrs[i].name);
		if (!c)
			c = value_order(a->record.attrs[i].value, b->record.attrs[i].value);
	}
	return c;
}

/* A total order, by hash first; which order it is means nothing to anyone. */
static int value_order(const value *a, const value *b)
{
	uint64_t ha = value_hash(a), hb = value_hash(b);
	if (a == b)
		return 0;
	if (ha != hb)
		return ha < hb ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	switch ((policy_kind)a->kind) {
	case POLICY_BOOL:
		return a->boolean - b->boolean;
	case POLICY_STRING:
		return text_order(a->text, b->text);
	case POLICY_ENTITY: {
		int c = text_order(a->entity->type, b->entity->type);
		return c ? c : text_order(a->entity->id, b->entity->id);
	}
	case POLICY_SET:
		return set_order(a, b);
	case POLICY_RECORD:
		return record_order(a, b);
	case POLICY_IP: {
		int c = a->v6 - b->v6;
		c = c ? c : a->prefix - b->prefix;
		return c ? c : memcmp(a->ip, b->ip, sizeof a->ip);
	}
	case POLICY_LONG:
	case POLICY_DECIMAL:
	case POLICY_DATETIME:
	case POLICY_DURATION:
		break;
	}
	return number_order(a->number, b->number);
}

bool value_is_deep(const value *a, const value *b)
{
	if (a->kind == POLICY_BOOL)
		return a->boolean == b->boolean;
	if (a->kind == POLICY_SET || a->kind == POLICY_RECORD || a->kind == POLICY_IP)
		return value_order(a, b) == 0;
	return a->number == b->number;
}

static int by_value(const void *a, const void *b)
{
	return value_order(*(const value *const *)a, *(const value *const *)b);
}

value *value_set(arena *a, const value **items, size_t count)
{
	value *v = arena_alloc(a, sizeof *v);
	if (!v)
		return NULL;
	if (count > 1)
		qsort(items, count, sizeof *items, by_value);
	size_t n = 0;
	for (size_t i = 0; i < count; i++)
		if (!n || !value_is(items[n - 1], items[i]))
			items[n++] = items[i];
	uint64_t h = mix(POLICY_SET, n);
	for (size_t i = 0; i < n; i++)
		h = mix(h, value_hash(items[i]));
	*v = (value){ .kind = POLICY_SET, .hash = h, .set = { items, n } };
	return v;
}

static int by_name(const void *a, const void *b)
{
	const attr *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return text_order(x->name, y->name);
}

value *value_record(arena *a, attr *attrs, size_t count, bool *ret_unique)
{
	value *v = arena_alloc(a, sizeof *v);
	if (!v)
		return NULL;
	if (count > 1)
		qsort(attrs, count, sizeof *attrs, by_name);
	*ret_unique = true;
	uint64_t h = mix(POLICY_RECORD, count);
	for (size_t i = 0; i < count; i++) {
		if (i && text_is(attrs[i - 1].name, attrs[i].name))
			*ret_unique = false;
		h = mix(mix(h, attrs[i].hash), value_hash(attrs[i].value));
	}
	*v = (value){ .kind = POLICY_RECORD, .hash = h, .record = { attrs, count } };
	return v;
}

value *value_number(arena *a, policy_kind kind, int64_t number)
{
	value *v = arena_alloc(a, sizeof *v);
	if (v)
		*v = (value){ .kind = (uint8_t)kind, .number = number };
	return v;
}

value *value_text(arena *a, policy_text t)
{
	value *v = arena_alloc(a, sizeof *v);
	if (!v)
		return NULL;
	*v = (value){ .kind = POLICY_STRING, .hash = text_hash(t), .text = t };
	if (t.len)
		memcpy(v->head, t.p, t.len < VALUE_HEAD ? t.len : VALUE_HEAD);
	return v;
}

value *value_entity(arena *a, const uid *u)
{
	value *v = arena_alloc(a, sizeof *v);
	if (v)
		*v = (value){ .kind = POLICY_ENTITY, .entity = u };
	return v;
}

const value *record_find(const value *record, policy_text name, uint64_t hash)
{
	const attr *attrs = record->record.attrs;
	size_t lo = 0, hi = record->record.count;
	while (hi - lo > 8) {
		size_t mid = lo + (hi - lo) / 2;
		if (attrs[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid + 1;
	}
	for (size_t n = record->record.count; lo < n && attrs[lo].hash <= hash; lo++)
		if (attrs[lo].hash == hash && text_is(attrs[lo].name, name))
			return attrs[lo].value;
	return NULL;
}

bool set_has(const value *set, const value *item)
{
	size_t lo = 0, hi = set->set.count;
	if (hi <= 8) {
		for (; lo < hi; lo++)
			if (value_is(set->set.items[lo], item))
				return true;
		return false;
	}
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = value_order(set->set.items[mid], item);
		if (!c)
			return true;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}
