#include "policy/program.h"

#include <string.h>

/* Paths beyond these are looked up at every use; it bounds the search here and each decision's registers. */
enum { PATHS_MAX = 256 };

typedef struct compiler {
	program *g;
	parser *p;
	uint32_t used; /* temporaries */
} compiler;

/* Jumps to a place not known yet, chained through their `to`. */
typedef struct label {
	uint32_t last; /* op + 1; 0: none */
} label;

static op *emit(compiler *c, op_code code, const node *origin)
{
	program *g = c->g;
	if (g->count == g->cap) {
		uint32_t cap = g->cap ? g->cap * 2 : 64;
		op *ops = arena_array(c->p->a, cap, sizeof *ops);
		const node **origins = arena_array(c->p->a, cap, sizeof *origins);
		if (!ops || !origins) {
			lexer_nomem(&c->p->l);
			return NULL;
		}
		if (g->count) {
			memcpy(ops, g->ops, g->count * sizeof *ops);
			memcpy(origins, g->origins, g->count * sizeof *origins);
		}
		g->ops = ops;
		g->origins = origins;
		g->cap = cap;
	}
	op *o = &g->ops[g->count];
	*o = (op){ .code = (uint8_t)code };
	g->origins[g->count++] = origin;
	return o;
}

static void jump_to(compiler *c, op *o, label *l)
{
	o->to = l->last;
	l->last = (uint32_t)(o - c->g->ops) + 1;
}

static bool jump(compiler *c, label *l)
{
	op *o = emit(c, OP_JUMP, NULL);
	if (!o)
		return false;
	o->sense = true;
	jump_to(c, o, l);
	return true;
}

/* The label is here. */
static void land(compiler *c, label *l)
{
	while (l->last) {
		op *o = &c->g->ops[l->last - 1];
		l->last = o->to;
		o->to = c->g->count;
	}
}

static const key *key_of(compiler *c, policy_text name)
{
	key *k = arena_alloc(c->p->a, sizeof *k);
	if (!k)
		lexer_nomem(&c->p->l);
	else
		*k = (key){ name, text_hash(name) };
	return k;
}

/* The register of a variable's attribute; false in *ret_found: there are too many already. */
static bool path_of(compiler *c, node_var var, policy_text name, place_of *ret, bool *ret_found)
{
	uint64_t hash = text_hash(name);
	*ret_found = true;
	for (uint32_t i = 0; i < c->g->paths.count; i++) {
		const path *known = c->g->paths.items[i];
		*ret = (place_of){ NULL, REGISTER_PATHS + i };
		if (known->var == var && known->key.hash == hash && text_is(known->key.name, name))
			return true;
	}
	*ret = (place_of){ NULL, REGISTER_PATHS + c->g->paths.count };
	*ret_found = c->g->paths.count < PATHS_MAX;
	if (!*ret_found)
		return true;
	path *own = arena_alloc(c->p->a, sizeof *own);
	if (!own) {
		lexer_nomem(&c->p->l);
		return false;
	}
	*own = (path){ var, { name, hash } };
	return list_add(c->p, &c->g->paths, own);
}

/* Temporaries are numbered after the paths, whose count is known only at the end: program_seal moves them. */
enum { TEMPORARY = 1 << 29 };

static operand temporary(compiler *c)
{
	if (++c->used > c->g->temporaries)
		c->g->temporaries = c->used;
	return TEMPORARY + c->used - 1;
}

static bool all_constant(const node *n)
{
	for (uint32_t i = 0; i < n->count; i++)
		if (n->items[i]->kind != NODE_CONST)
			return false;
	return true;
}

/* A set of constants, or a call on constants that succeeds, is a constant. NULL: it is not. */
static const value *fold(compiler *c, const node *n)
{
	if ((n->kind != NODE_SET && n->kind != NODE_CALL) || !all_constant(n))
		return NULL;
	const value **items = arena_array(c->p->a, n->count, sizeof *items);
	if (!items)
		return NULL;
	for (uint32_t i = 0; i < n->count; i++)
		items[i] = n->items[i]->constant;
	if (n->kind == NODE_SET)
		return value_set(c->p->a, items, n->count);
	const char *why;
	if (n->count != n->function->argc)
		return NULL;
	for (uint32_t i = 0; i < n->count; i++)
		if (items[i]->kind != n->function->args[i])
			return NULL;
	return n->function->call(c->p->a, items, &why);
}

static bool compile_value(compiler *c, const node *n, place_of *ret);
static bool compile_test(compiler *c, const node *n, bool sense, label *l);

/* Ops whose operands are one or two values. */
static const struct simple { uint8_t code; bool test; } simple_ops[] = {
	[NODE_EQ] = { OP_EQ, true },
	[NODE_NE] = { OP_EQ, true },
	[NODE_LT] = { OP_LT, true },
	[NODE_LE] = { OP_LE, true },
	[NODE_GT] = { OP_GT, true },
	[NODE_GE] = { OP_GE, true },
	[NODE_IN] = { OP_IN, true },
	[NODE_CONTAINS] = { OP_CONTAINS, true },
	[NODE_CONTAINS_ALL] = { OP_CONTAINS_ALL, true },
	[NODE_CONTAINS_ANY] = { OP_CONTAINS_ANY, true },
	[NODE_IS_EMPTY] = { OP_IS_EMPTY, true },
	[NODE_HAS_TAG] = { OP_HAS_TAG, true },
	[NODE_HAS] = { OP_HAS, true },
	[NODE_LIKE] = { OP_LIKE, true },
	[NODE_IS] = { OP_IS, true },
	[NODE_ATTR] = { OP_ATTR, false },
	[NODE_NEG] = { OP_NEG, false },
	[NODE_ADD] = { OP_ADD, false },
	[NODE_SUB] = { OP_SUB, false },
	[NODE_MUL] = { OP_MUL, false },
	[NODE_GET_TAG] = { OP_GET_TAG, false },
	[NODE_CALL] = { OP_CALL, false },
};

static bool is_test(const node *n)
{
	return n->kind == NODE_AND || n->kind == NODE_OR || n->kind == NODE_NOT || simple_ops[n->kind].test;
}

static bool copy(compiler *c, place_of from, operand to, const node *origin)
{
	op *o = emit(c, OP_COPY, origin);
	if (!o)
		return false;
	o->k = from.k;
	o->b = from.r;
	o->to = to;
	return true;
}

/* Into a register, for an op's first operand; constants seldom stand there. */
static bool compile_register(compiler *c, const node *n, operand *ret)
{
	place_of from;
	if (!compile_value(c, n, &from))
		return false;
	*ret = from.r;
	if (!from.k)
		return true;
	*ret = temporary(c);
	return copy(c, from, *ret, n);
}

/* One or two operands, and what else the op needs. */
static op *compile_simple(compiler *c, const node *n)
{
	operand a;
	place_of b = { 0 };
	uint32_t used = c->used;
	const void *p = n;
	if (!compile_register(c, n->items[0], &a) || (n->count == 2 && !compile_value(c, n->items[1], &b)))
		return NULL;
	if ((n->kind == NODE_HAS || n->kind == NODE_IS || n->kind == NODE_ATTR) && !(p = key_of(c, n->name)))
		return NULL;
	c->used = used;
	op *o = emit(c, (op_code)simple_ops[n->kind].code, n);
	if (!o)
		return NULL;
	o->a = a;
	o->b = b.r;
	o->k = b.k;
	o->p = p;
	return o;
}

/* AND jumps away at the first false, OR at the first true. */
static bool compile_chain(compiler *c, const node *n, bool sense, label *l)
{
	bool away = n->kind == NODE_OR;
	label rest = { 0 };
	for (uint32_t i = 0; i + 1 < n->count; i++)
		if (!compile_test(c, n->items[i], away, away == sense ? l : &rest))
			return false;
	if (!compile_test(c, n->items[n->count - 1], sense, l))
		return false;
	land(c, &rest);
	return true;
}

/* Code that jumps to l if n's truth is sense, and goes on if not. */
static bool compile_test(compiler *c, const node *n, bool sense, label *l)
{
	if (n->kind == NODE_AND || n->kind == NODE_OR)
		return compile_chain(c, n, sense, l);
	if (n->kind == NODE_NOT)
		return compile_test(c, n->items[0], !sense, l);
	op *o;
	if (simple_ops[n->kind].test) {
		o = compile_simple(c, n);
	} else {
		operand v;
		uint32_t used = c->used;
		if (!compile_register(c, n, &v))
			return false;
		c->used = used;
		o = emit(c, OP_TRUE, n);
		if (o)
			o->a = v;
	}
	if (!o)
		return false;
	o->sense = sense != (n->kind == NODE_NE);
	jump_to(c, o, l);
	return true;
}

static bool compile_if(compiler *c, const node *n, operand to)
{
	label otherwise = { 0 }, end = { 0 };
	place_of v;
	uint32_t used = c->used;
	if (!compile_test(c, n->items[0], false, &otherwise) || !compile_value(c, n->items[1], &v) ||
	    !copy(c, v, to, n->items[1]) || !jump(c, &end))
		return false;
	c->used = used;
	land(c, &otherwise);
	if (!compile_value(c, n->items[2], &v) || !copy(c, v, to, n->items[2]))
		return false;
	c->used = used;
	land(c, &end);
	return true;
}

static bool compile_boolean(compiler *c, const node *n, operand to)
{
	label no = { 0 }, end = { 0 };
	if (!compile_test(c, n, false, &no) || !copy(c, (place_of){ &value_true, 0 }, to, n) || !jump(c, &end))
		return false;
	land(c, &no);
	if (!copy(c, (place_of){ &value_false, 0 }, to, n))
		return false;
	land(c, &end);
	return true;
}

static bool compile_many(compiler *c, const node *n, operand to)
{
	many *m = arena_alloc(c->p->a, sizeof *m + n->count * sizeof *m->items);
	if (!m) {
		lexer_nomem(&c->p->l);
		return false;
	}
	m->node = n;
	m->count = n->count;
	for (uint32_t i = 0; i < n->count; i++)
		if (!compile_value(c, n->items[i], &m->items[i]))
			return false;
	op *o = emit(c, n->kind == NODE_SET ? OP_SET : n->kind == NODE_RECORD ? OP_RECORD : OP_CALL, n);
	if (!o)
		return false;
	o->p = m;
	o->to = to;
	return true;
}

static bool compile_value(compiler *c, const node *n, place_of *ret)
{
	if (n->kind == NODE_CONST || n->kind == NODE_VAR) {
		*ret = n->kind == NODE_CONST ? (place_of){ n->constant, 0 } : (place_of){ NULL, n->var };
		return true;
	}
	bool found = false;
	if (n->kind == NODE_ATTR && n->items[0]->kind == NODE_VAR &&
	    !path_of(c, (node_var)n->items[0]->var, n->name, ret, &found))
		return false;
	const value *folded = found ? NULL : fold(c, n);
	if (folded)
		*ret = (place_of){ folded, 0 };
	if (found || folded)
		return true;
	operand to = temporary(c);
	uint32_t used = c->used;
	bool ok;
	if (n->kind == NODE_IF) {
		ok = compile_if(c, n, to);
	} else if (is_test(n)) {
		ok = compile_boolean(c, n, to);
	} else if (n->kind == NODE_SET || n->kind == NODE_RECORD || n->kind == NODE_CALL) {
		ok = compile_many(c, n, to);
	} else {
		op *o = compile_simple(c, n);
		ok = o;
		if (o)
			o->to = to;
	}
	c->used = used;
	*ret = (place_of){ NULL, to };
	return ok;
}

static bool finish(compiler *c, place_of v)
{
	op *o = emit(c, OP_RETURN, NULL);
	if (!o)
		return false;
	o->k = v.k;
	o->b = v.r;
	return true;
}

/* A jump to a jump goes straight on. */
static void thread_jumps(program *g, uint32_t from)
{
	for (uint32_t i = g->count; i-- > from;) {
		op *o = &g->ops[i];
		if (o->code >= OP_JUMP && o->code <= OP_IS && g->ops[o->to].code == OP_JUMP)
			o->to = g->ops[o->to].to;
	}
}

bool program_add(program *g, parser *p, policy *own)
{
	compiler c = { .g = g, .p = p };
	label no = { 0 };
	uint32_t yes;
	own->code = g->count;
	for (uint32_t i = 0; i < own->clause_count; i++)
		if (!compile_test(&c, own->clauses[i].body, own->clauses[i].unless, &no))
			return false;
	yes = g->count;
	if (!finish(&c, (place_of){ &value_true, 0 }))
		return false;
	land(&c, &no);
	if (!finish(&c, (place_of){ &value_false, 0 }))
		return false;
	thread_jumps(g, own->code);
	op *o = yes > own->code ? &g->ops[yes - 1] : NULL;
	if (o && o->code > OP_JUMP && o->code <= OP_IS)
		o->last = o->to == yes + 1;
	return true;
}

bool program_add_value(program *g, parser *p, const node *n, uint32_t *ret_code)
{
	compiler c = { .g = g, .p = p };
	place_of v;
	*ret_code = g->count;
	return compile_value(&c, n, &v) && finish(&c, v);
}

static void seal_operand(const program *g, operand *o)
{
	if (*o >= TEMPORARY)
		*o += REGISTER_PATHS + g->paths.count - TEMPORARY;
}

void program_seal(program *g)
{
	for (uint32_t i = 0; i < g->count; i++) {
		op *o = &g->ops[i];
		seal_operand(g, &o->a);
		seal_operand(g, &o->b);
		if (o->code <= OP_IS)
			continue;
		seal_operand(g, &o->to);
		many *m = (many *)(o->code >= OP_SET ? o->p : NULL);
		for (uint32_t k = 0; m && k < m->count; k++)
			seal_operand(g, &m->items[k].r);
	}
}

/* The outcome of such a test is the same wherever it stands. */
static bool is_sharable(const program *g, const op *o)
{
	operand end = REGISTER_PATHS + g->paths.count;
	return o->code >= OP_TRUE && o->code <= OP_IS && o->code != OP_LIKE && o->a < end && (o->k || o->b < end);
}

static bool has_key(const op *o)
{
	return o->code == OP_HAS || o->code == OP_IS;
}

static uint64_t test_hash(const op *o)
{
	uint64_t h = (uint64_t)o->code << 56 ^ (uint64_t)o->a << 28 ^ (o->k ? value_hash(o->k) : o->b);
	if (has_key(o))
		h ^= ((const key *)o->p)->hash;
	return h * UINT64_C(0x9e3779b97f4a7c15);
}

static bool is_same_test(const op *x, const op *y)
{
	if (x->code != y->code || x->a != y->a || !x->k != !y->k || !(x->k ? value_is(x->k, y->k) : x->b == y->b))
		return false;
	const key *p = x->p, *q = y->p;
	return !has_key(x) || (p->hash == q->hash && text_is(p->name, q->name));
}

bool program_share(program *g, arena *a)
{
	size_t size = 16;
	while (size < 2 * (size_t)g->count)
		size *= 2;
	op **slots = arena_array(a, size, sizeof *slots);
	if (!slots)
		return false;
	for (uint32_t i = 0; i < g->count; i++) {
		op *o = &g->ops[i];
		if (!is_sharable(g, o))
			continue;
		size_t at = test_hash(o) >> 32 & (size - 1);
		while (slots[at] && !is_same_test(slots[at], o))
			at = (at + 1) & (size - 1);
		if (!slots[at])
			slots[at] = o;
		else if (!slots[at]->shared)
			slots[at]->shared = ++g->shared;
		o->shared = slots[at]->shared;
	}
	return true;
}
