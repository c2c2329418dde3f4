#include "policy/operate.h"

static const value *load_path(run *r, const op *at, operand o)
{
	const path *p = r->code->paths.items[o - REGISTER_PATHS];
	return r->registers[o] = run_get_attr(r, at, r->registers[p->var], &p->key);
}

static inline const value *load(run *r, const op *at, operand o)
{
	const value *v = r->registers[o];
	return __builtin_expect(v != NULL, 1) ? v : load_path(r, at, o);
}

static inline __attribute__((always_inline)) outcome order(run *r, const op *at, const value *a, const value *b)
{
	bool ordered = a->kind == POLICY_LONG || a->kind == POLICY_DATETIME || a->kind == POLICY_DURATION;
	if (__builtin_expect(!ordered || a->kind != b->kind, 0))
		return ordered ? run_not_type(r, at, value_kind_name(a->kind), b) :
				 run_not_type(r, at, "a long, a datetime or a duration", a);
	switch ((op_code)at->code) {
	case OP_LT:
		return a->number < b->number;
	case OP_LE:
		return a->number <= b->number;
	case OP_GT:
		return a->number > b->number;
	default:
		return a->number >= b->number;
	}
}

/* The commonest tests stay in the loop. */
static inline __attribute__((always_inline)) outcome test(run *r, const op *at, const value *a, const value *b)
{
	switch ((op_code)at->code) {
	case OP_TRUE:
		return a->kind == POLICY_BOOL ? (outcome)a->boolean : run_not_type(r, at, "a boolean", a);
	case OP_EQ:
		return (outcome)value_is(a, b);
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
		return order(r, at, a, b);
	default:
		return run_test(r, at, a, b);
	}
}

static const value *make(run *r, const op *at, const value *a, const value *b)
{
	if (at->code < OP_SET)
		return run_value(r, at, a, b);
	const many *m = at->p;
	const value **items = arena_array(r->a, m->count, sizeof *items);
	if (!items)
		return run_nomem(r);
	for (uint32_t i = 0; i < m->count; i++)
		if (!(items[i] = m->items[i].k ? m->items[i].k : load(r, at, m->items[i].r)))
			return NULL;
	return run_many(r, at, items);
}

static inline __attribute__((always_inline)) const value *run_from(run *r, const op *ops, uint32_t from)
{
	uint8_t *outcomes = r->outcomes;
	for (const op *o = ops + from;;) {
		outcome met;
		if (outcomes[o->shared]) {
			met = (outcome)(outcomes[o->shared] - 1);
		} else {
			const value *a = load(r, o, o->a), *b = o->k ? o->k : load(r, o, o->b);
			if (__builtin_expect(!a || !b, 0))
				return NULL;
			if (o->code == OP_RETURN)
				return b;
			if (__builtin_expect(o->code > OP_IS, 0)) {
				if (!(r->registers[o->to] = make(r, o, a, b)))
					return NULL;
				o++;
				continue;
			}
			met = o->code == OP_JUMP ? YES : test(r, o, a, b);
			/* What errs is made again by the next policy, whose error it then is. */
			if (__builtin_expect(met == ERR, 0))
				return NULL;
			if (o->shared)
				outcomes[o->shared] = (uint8_t)(met + 1);
		}
		if (o->last)
			return met == (outcome)o->sense ? &value_false : &value_true;
		o = met == (outcome)o->sense ? ops + o->to : o + 1;
	}
}

const value *run_ops(run *r, uint32_t from)
{
	return run_from(r, r->code->ops, from);
}

static void record_error(run *r, verdict *v, uint32_t at)
{
	if (r->nomem)
		return;
	v->errors[v->error_count] = at;
	v->texts[v->error_count++] = r->error;
}

bool run_candidates(run *r, const uint64_t *bits, verdict *v)
{
	const policy_set *set = r->set;
	const op *ops = set->code.ops;
	for (size_t w = 0; w < set->index.words && !r->nomem; w++)
		for (uint64_t left = bits[w]; left; left &= left - 1) {
			uint32_t at = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
			entry e = set->entries[at];
			r->policy = set->policies[at];
			const value *held = run_from(r, ops, e.code);
			if (__builtin_expect(!held, 0)) {
				record_error(r, v, at);
				continue;
			}
			/* Written always and counted if it holds: whether it does is anyone's guess, a jump's too. */
			v->held[e.forbid][v->counts[e.forbid]] = at;
			v->counts[e.forbid] += held->boolean;
		}
	return !r->nomem;
}

run_result run_policy(run *r, const policy *p)
{
	r->policy = p;
	const value *v = run_ops(r, p->code);
	return !v ? RUN_ERROR : v->boolean ? RUN_TRUE : RUN_FALSE;
}

hub_status run_with(run *r, const program *code)
{
	const value **registers = arena_array(r->a, program_registers(code), sizeof *registers);
	uint8_t *outcomes = arena_array(r->a, code->shared + 1, sizeof *outcomes);
	if (!registers || !outcomes)
		return HUB_NOMEM;
	r->outcomes = outcomes;
	for (int i = 0; i < 4; i++)
		registers[i] = &r->vars[i];
	r->registers = registers;
	r->code = code;
	return HUB_OK;
}

hub_status run_start(run *r, const policy_set *set, const policy_entities *entities, const policy_entities *extra,
		     const policy_request *request, const uid uids[3], arena *a)
{
	static const value empty = { .kind = POLICY_RECORD };
	const value *context = &empty;
	if (request->context) {
		if (request->context->kind != POLICY_RECORD)
			return HUB_REJECT;
		hub_status st = value_import(a, request->context, &context, NULL);
		if (st != HUB_OK)
			return st;
	}
	*r = (run){ .set = set, .entities = entities, .extra = extra, .a = a };
	r->vars[VAR_CONTEXT] = *context;
	for (int i = 0; i < 3; i++) {
		const entity *own = extra ? entities_find(extra, &uids[i]) : NULL;
		r->found[i] = own ? own : entities_find(entities, &uids[i]);
		r->vars[i] = (value){ .kind = POLICY_ENTITY, .entity = &uids[i] };
		if (extra) {
			if (!lineage_of(entities, extra, &uids[i], a, &r->lines[i]))
				return HUB_NOMEM;
		} else if (r->found[i]) {
			r->lines[i] = r->found[i]->ancestors;
		}
	}
	return run_with(r, &set->code);
}
