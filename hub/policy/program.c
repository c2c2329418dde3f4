#include "policy/program.h"

#include <string.h>

/* Paths beyond these are looked up at every use; it bounds both the search here and each decision's table. */
enum { PATHS_MAX = 256 };

typedef struct compiler {
	program *g;
	parser *p;
	uint32_t stack, most;
} compiler;

static bool emit(compiler *c, op_code code, uint32_t n, const void *p, const node *origin, int pushes)
{
	program *g = c->g;
	if (g->count == g->cap) {
		uint32_t cap = g->cap ? g->cap * 2 : 64;
		op *ops = arena_array(c->p->a, cap, sizeof *ops);
		const node **origins = arena_array(c->p->a, cap, sizeof *origins);
		if (!ops || !origins) {
			lexer_nomem(&c->p->l);
			return false;
		}
		if (g->count) {
			memcpy(ops, g->ops, g->count * sizeof *ops);
			memcpy(origins, g->origins, g->count * sizeof *origins);
		}
		g->ops = ops;
		g->origins = origins;
		g->cap = cap;
	}
	g->ops[g->count] = (op){ (uint8_t)code, n, p };
	g->origins[g->count++] = origin;
	c->stack = (uint32_t)((int)c->stack + pushes);
	if (c->stack > c->most)
		c->most = c->stack;
	return true;
}

static const key *key_of(compiler *c, policy_text name)
{
	key *k = arena_alloc(c->p->a, sizeof *k);
	if (!k) {
		lexer_nomem(&c->p->l);
		return NULL;
	}
	*k = (key){ name, text_hash(name) };
	return k;
}

static const path *path_of(compiler *c, node_var var, policy_text name)
{
	uint64_t hash = text_hash(name);
	for (uint32_t i = 0; i < c->g->paths.count; i++) {
		const path *known = c->g->paths.items[i];
		if (known->var == var && known->key.hash == hash && text_is(known->key.name, name))
			return known;
	}
	path *own = arena_alloc(c->p->a, sizeof *own);
	if (!own) {
		lexer_nomem(&c->p->l);
		return NULL;
	}
	*own = (path){ var, c->g->path_count, { name, hash } };
	if (!list_add(c->p, &c->g->paths, own))
		return NULL;
	c->g->path_count++;
	return own;
}

static bool yields_bool(const node *n)
{
	switch ((node_kind)n->kind) {
	case NODE_CONST:
		return n->constant->kind == POLICY_BOOL;
	case NODE_CALL:
		return n->function->result == POLICY_BOOL;
	case NODE_AND:
	case NODE_OR:
	case NODE_NOT:
	case NODE_EQ:
	case NODE_NE:
	case NODE_LT:
	case NODE_LE:
	case NODE_GT:
	case NODE_GE:
	case NODE_IN:
	case NODE_CONTAINS:
	case NODE_CONTAINS_ALL:
	case NODE_CONTAINS_ANY:
	case NODE_IS_EMPTY:
	case NODE_HAS_TAG:
	case NODE_HAS:
	case NODE_LIKE:
	case NODE_IS:
		return true;
	default:
		return false;
	}
}

static bool compile(compiler *c, const node *n);

static bool compile_bool(compiler *c, const node *n)
{
	return compile(c, n) && (yields_bool(n) || emit(c, OP_BOOL, 0, NULL, n, 0));
}

static bool compile_chain(compiler *c, const node *n)
{
	op_code code = n->kind == NODE_AND ? OP_AND : OP_OR;
	uint32_t first = c->g->count;
	for (uint32_t i = 0; i + 1 < n->count; i++)
		if (!compile(c, n->items[i]) || !emit(c, code, UINT32_MAX, n, n->items[i], -1))
			return false;
	if (!compile_bool(c, n->items[n->count - 1]))
		return false;
	for (uint32_t i = first; i < c->g->count; i++)
		if (c->g->ops[i].n == UINT32_MAX && c->g->ops[i].p == n)
			c->g->ops[i].n = c->g->count;
	return true;
}

static bool compile_if(compiler *c, const node *n)
{
	if (!compile(c, n->items[0]))
		return false;
	uint32_t branch = c->g->count;
	if (!emit(c, OP_IF, 0, NULL, n->items[0], -1) || !compile(c, n->items[1]))
		return false;
	uint32_t jump = c->g->count;
	if (!emit(c, OP_JUMP, 0, NULL, n, -1))
		return false;
	c->g->ops[branch].n = c->g->count;
	if (!compile(c, n->items[2]))
		return false;
	c->g->ops[jump].n = c->g->count;
	return true;
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

/* Ops of kinds whose operands are simply pushed first. */
static const struct simple { uint8_t code; int8_t pushes; } simple_ops[] = {
	[NODE_NOT] = { OP_NOT, 0 },
	[NODE_NEG] = { OP_NEG, 0 },
	[NODE_EQ] = { OP_EQ, -1 },
	[NODE_NE] = { OP_NE, -1 },
	[NODE_LT] = { OP_LT, -1 },
	[NODE_LE] = { OP_LE, -1 },
	[NODE_GT] = { OP_GT, -1 },
	[NODE_GE] = { OP_GE, -1 },
	[NODE_ADD] = { OP_ADD, -1 },
	[NODE_SUB] = { OP_SUB, -1 },
	[NODE_MUL] = { OP_MUL, -1 },
	[NODE_IN] = { OP_IN, -1 },
	[NODE_CONTAINS] = { OP_CONTAINS, -1 },
	[NODE_CONTAINS_ALL] = { OP_CONTAINS_ALL, -1 },
	[NODE_CONTAINS_ANY] = { OP_CONTAINS_ANY, -1 },
	[NODE_IS_EMPTY] = { OP_IS_EMPTY, 0 },
	[NODE_HAS_TAG] = { OP_HAS_TAG, -1 },
	[NODE_GET_TAG] = { OP_GET_TAG, -1 },
};

static bool compile_named(compiler *c, const node *n)
{
	if (n->kind == NODE_ATTR && n->items[0]->kind == NODE_VAR && c->g->path_count < PATHS_MAX) {
		const path *own = path_of(c, (node_var)n->items[0]->var, n->name);
		return own && emit(c, OP_PATH, 0, own, n, 1);
	}
	const key *k = key_of(c, n->name);
	op_code code = n->kind == NODE_ATTR ? OP_ATTR : n->kind == NODE_HAS ? OP_HAS : OP_IS;
	return k && compile(c, n->items[0]) && emit(c, code, 0, k, n, 0);
}

static bool compile(compiler *c, const node *n)
{
	const value *folded;
	switch ((node_kind)n->kind) {
	case NODE_CONST:
		return emit(c, OP_CONST, 0, n->constant, n, 1);
	case NODE_VAR:
		return emit(c, OP_VAR, n->var, NULL, n, 1);
	case NODE_IF:
		return compile_if(c, n);
	case NODE_AND:
	case NODE_OR:
		return compile_chain(c, n);
	case NODE_ATTR:
	case NODE_HAS:
	case NODE_IS:
		return compile_named(c, n);
	default:
		break;
	}
	if ((folded = fold(c, n)))
		return emit(c, OP_CONST, 0, folded, n, 1);
	for (uint32_t i = 0; i < n->count; i++)
		if (!compile(c, n->items[i]))
			return false;
	switch ((node_kind)n->kind) {
	case NODE_LIKE:
		return emit(c, OP_LIKE, 0, n, n, 0);
	case NODE_SET:
		return emit(c, OP_SET, n->count, NULL, n, 1 - (int)n->count);
	case NODE_RECORD:
		return emit(c, OP_RECORD, n->count, n, n, 1 - (int)n->count);
	case NODE_CALL:
		return emit(c, OP_CALL, n->count, n->function, n, 1 - (int)n->count);
	default:
		return emit(c, (op_code)simple_ops[n->kind].code, 0, NULL, n, simple_ops[n->kind].pushes);
	}
}

/* A jump to a jump of its own kind goes straight on. */
static void thread_jumps(program *g, uint32_t from)
{
	for (uint32_t i = g->count; i-- > from;) {
		op *o = &g->ops[i];
		if (o->code != OP_AND && o->code != OP_OR && o->code != OP_JUMP)
			continue;
		const op *to = &g->ops[o->n];
		if (to->code == OP_JUMP || (to->code == o->code && o->code != OP_JUMP))
			o->n = to->n;
	}
}

bool program_add(program *g, parser *p, policy *own)
{
	compiler c = { .g = g, .p = p };
	uint32_t first = g->count;
	own->code = first;
	for (uint32_t i = 0; i < own->clause_count; i++) {
		const clause *k = &own->clauses[i];
		bool last = i + 1 == own->clause_count;
		bool ok = k->unless ? compile(&c, k->body) && emit(&c, OP_NOT, 0, NULL, k->body, 0) :
			  last ? compile_bool(&c, k->body) : compile(&c, k->body);
		if (!ok || (!last && !emit(&c, OP_AND, UINT32_MAX, own, k->body, -1)))
			return false;
	}
	for (uint32_t i = first; i < g->count; i++)
		if (g->ops[i].n == UINT32_MAX && g->ops[i].p == own)
			g->ops[i].n = g->count;
	if (!own->clause_count && !emit(&c, OP_CONST, 0, &value_true, NULL, 1))
		return false;
	if (!emit(&c, OP_END, 0, NULL, NULL, 0))
		return false;
	thread_jumps(g, first);
	own->stack = c.most;
	return true;
}
