/*
 * Values as programs see them: immutable, hashed once, sets sorted without repeats and records
 * sorted by name, so that equality and membership never walk twice. All of it lives in an arena.
 */
#ifndef POLICY_VALUE_H
#define POLICY_VALUE_H

#include "base/buf.h"
#include "policy/policy.h"

enum { VALUE_DEPTH = 200 }; /* deepest nesting of sets and records that is read */

typedef struct uid {
	policy_text type, id;
	uint64_t type_hash, hash;
} uid;

typedef struct value value;

typedef struct attr {
	uint64_t hash; /* of name */
	policy_text name;
	const value *value;
} attr;

enum { VALUE_HEAD = 16 };

struct value {
	uint8_t kind; /* policy_kind */
	uint8_t prefix;
	bool v6;
	uint64_t hash;    /* STRING, SET and RECORD only; value_hash for the others */
	uint64_t head[2]; /* STRING: the first VALUE_HEAD bytes, then zeros; tells short texts apart without a jump */
	union {
		bool boolean;
		int64_t number;
		policy_text text;
		const uid *entity;
		struct { const value *const *items; size_t count; } set;
		struct { const attr *attrs; size_t count; } record;
		uint8_t ip[16];
	};
};

extern const value value_true, value_false;

uint64_t text_hash(policy_text t);

/* Names are short; a call to memcmp costs more than two loads that overlap. */
static inline bool bytes_are(const char *a, const char *b, size_t n)
{
	uint64_t x[2], y[2];
	if (n < 8) {
		uint64_t differ = 0;
		for (size_t i = 0; i < n; i++)
			differ |= (uint64_t)(a[i] ^ b[i]);
		return !differ;
	}
	if (n > 16)
		return __builtin_memcmp(a, b, n) == 0;
	__builtin_memcpy(&x[0], a, 8);
	__builtin_memcpy(&y[0], b, 8);
	__builtin_memcpy(&x[1], a + n - 8, 8);
	__builtin_memcpy(&y[1], b + n - 8, 8);
	return x[0] == y[0] && x[1] == y[1];
}

static inline bool text_is(policy_text a, policy_text b)
{
	return a.len == b.len && (a.p == b.p || bytes_are(a.p, b.p, a.len));
}

uid uid_of(policy_uid u); /* borrows the texts */
const uid *uid_copy(arena *a, policy_uid u); /* NULL: out of memory */
static inline bool uid_is(const uid *a, const uid *b)
{
	return a == b || (a->hash == b->hash && text_is(a->id, b->id) && text_is(a->type, b->type));
}

uint64_t value_hash(const value *v);
bool value_is_deep(const value *a, const value *b); /* of the same kind */
static inline bool value_is(const value *a, const value *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind)
		return false;
	if (a->kind == POLICY_STRING) {
		bool same = !((a->head[0] ^ b->head[0]) | (a->head[1] ^ b->head[1]) | (a->text.len ^ b->text.len));
		return a->text.len <= VALUE_HEAD ? same : same && text_is(a->text, b->text);
	}
	if (a->kind == POLICY_ENTITY)
		return uid_is(a->entity, b->entity);
	return value_is_deep(a, b);
}

/* Sorts items and drops repeats in place. */
value *value_set(arena *a, const value **items, size_t count);
/* Sorts attrs in place. False in *ret_unique: a name occurs twice. */
value *value_record(arena *a, attr *attrs, size_t count, bool *ret_unique);
value *value_number(arena *a, policy_kind kind, int64_t number);
value *value_text(arena *a, policy_text t); /* borrows t */
value *value_entity(arena *a, const uid *u);

const value *record_find(const value *record, policy_text name, uint64_t hash);
bool set_has(const value *set, const value *item);

/* A deep copy. HUB_REJECT: nested deeper than VALUE_DEPTH, or a record names an attribute twice. */
hub_status value_import(arena *a, const policy_value *v, const value **ret, hub_fault *fault);
hub_status value_import_attrs(arena *a, const policy_attr *attrs, size_t count, const value **ret, hub_fault *fault);

/* As Cedar would write it; long ones are cut after about `limit` bytes. */
void value_print(const value *v, size_t limit, buf *out);
void text_print(policy_text t, buf *out); /* quoted and escaped */
void uid_print(const uid *u, buf *out);

/* "long", "string", "set", … as error texts name types. */
const char *value_kind_name(uint8_t kind);

#endif
