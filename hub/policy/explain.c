#include "policy/operate.h"

#include <stdio.h>
#include <string.h>

/* Policies out of scope that are named one by one; the rest are counted. */
enum { OUT_OF_SCOPE_SHOWN = 20, VALUE_SHOWN = 120 };

typedef struct explainer {
	run *r;
	buf *out;
	const policy *policy;
	hub_status status;
} explainer;

/* An expression's value, with a program of its own. NULL: it erred, and why is in r->error. */
static const value *evaluate(explainer *e, const node *n)
{
	program g = { 0 };
	parser p = { .a = e->r->a };
	const policy_set *set = e->r->set;
	uint32_t code;
	p.l.source = set->sources[e->policy->source];
	if (!program_add_value(&g, &p, n, &code)) {
		e->status = HUB_NOMEM;
		return NULL;
	}
	program_seal(&g);
	/* In place and put back, since values may be the variables of the run itself. */
	run saved = *e->r;
	e->r->policy = e->policy;
	e->r->error = NULL;
	hub_status st = run_with(e->r, &g);
	const value *v = st == HUB_OK ? run_ops(e->r, code) : NULL;
	if (st != HUB_OK || e->r->nomem)
		e->status = HUB_NOMEM;
	saved.error = e->r->error;
	*e->r = saved;
	return v;
}

static void put_source(explainer *e, uint32_t start, uint32_t end)
{
	const policy_source *s = &e->r->set->sources[e->policy->source];
	bool space = false;
	for (uint32_t i = start; i < end && i - start < 300; i++) {
		char c = s->text.p[i];
		bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
		if (!blank || !space)
			buf_u8(e->out, blank ? ' ' : (uint8_t)c);
		space = blank;
	}
	if (end - start > 300)
		buf_text(e->out, " …");
}

static bool is_path(const node *n)
{
	while (n->kind == NODE_ATTR)
		n = n->items[0];
	return n->kind == NODE_VAR;
}

/* The variables and attributes of a condition and what they were. */
static void put_values(explainer *e, const node *n)
{
	if (n->kind == NODE_VAR || (n->kind == NODE_ATTR && is_path(n))) {
		if (n->kind == NODE_VAR && n->var == VAR_CONTEXT)
			return;
		const value *v = evaluate(e, n);
		buf_text(e->out, "        ");
		put_source(e, n->start, n->end);
		buf_text(e->out, v ? " is " : " is missing");
		if (v)
			value_print(v, VALUE_SHOWN, e->out);
		buf_text(e->out, "\n");
		return;
	}
	for (uint32_t i = 0; i < n->count && e->status == HUB_OK; i++)
		put_values(e, n->items[i]);
}

/* The smallest part of n that gave it this truth. */
static const node *decisive(explainer *e, const node *n, bool truth)
{
	while (e->status == HUB_OK) {
		if (n->kind == NODE_NOT) {
			n = n->items[0];
			truth = !truth;
			continue;
		}
		/* A false conjunction has a first false part, a true disjunction a first true one. */
		if (!(n->kind == NODE_AND && !truth) && !(n->kind == NODE_OR && truth))
			return n;
		const node *part = NULL;
		for (uint32_t i = 0; i < n->count && !part; i++) {
			const value *v = evaluate(e, n->items[i]);
			if (v && v->kind == POLICY_BOOL && v->boolean == truth)
				part = n->items[i];
		}
		if (!part)
			return n;
		n = part;
	}
	return n;
}

static void put_place(explainer *e, const char *what)
{
	const policy_source *s = &e->r->set->sources[e->policy->source];
	buf_printf(e->out, "  %.*s:%u: %s ", (int)s->name.len, s->name.p, e->policy->line,
		   e->policy->forbid ? "forbid" : "permit");
	buf_put(e->out, e->policy->name.p, e->policy->name.len);
	for (uint32_t i = 0; i < e->policy->annotation_count; i++)
		if (text_is(e->policy->annotations[i].name, policy_text_of("id"))) {
			buf_text(e->out, " @id ");
			text_print(e->policy->annotations[i].text, e->out);
		}
	buf_printf(e->out, " %s\n", what);
}

static void put_condition(explainer *e, const node *n, bool truth)
{
	const node *part = decisive(e, n, truth);
	const value *v = evaluate(e, part);
	unsigned line, column;
	source_position(e->r->set->sources[e->policy->source], part->start, &line, &column);
	buf_printf(e->out, "      line %u: ", line);
	put_source(e, part->start, part->end);
	buf_text(e->out, v ? " is " : " errs");
	if (v)
		value_print(v, VALUE_SHOWN, e->out);
	buf_text(e->out, "\n");
	put_values(e, part);
}

/* Which clause made the policy false, or all of them where it held. */
static void put_clauses(explainer *e, bool held)
{
	for (uint32_t i = 0; i < e->policy->clause_count && e->status == HUB_OK; i++) {
		const clause *c = &e->policy->clauses[i];
		const value *v = evaluate(e, c->body);
		bool met = v && v->kind == POLICY_BOOL && v->boolean != c->unless;
		if (held || !met)
			put_condition(e, c->body, held ? !c->unless : c->unless);
		if (!held && !met)
			return;
	}
	if (!e->policy->clause_count)
		buf_text(e->out, "      it has no condition; its scope matches\n");
}

static const char *scope_miss(const run *r, const scope *s, int var)
{
	static const char *const names[] = { "principal", "action", "resource" };
	const uid *u = r->vars[var].entity;
	bool typed = s->kind == SCOPE_IS || s->kind == SCOPE_IS_IN, met = s->kind == SCOPE_ANY || s->kind == SCOPE_IS;
	for (uint32_t i = 0; i < s->count; i++)
		met |= uid_is(u, s->uids[i]) || (s->kind != SCOPE_EQ && lineage_has(&r->lines[var], s->uids[i]));
	if (typed)
		met &= u->type_hash == s->type_hash && text_is(u->type, s->type);
	return met ? NULL : names[var];
}

static void put_out_of_scope(explainer *e, const uint64_t *bits)
{
	const policy_set *set = e->r->set;
	size_t out = 0;
	for (size_t i = 0; i < set->count; i++) {
		if (bits[i / 64] >> i % 64 & 1)
			continue;
		e->policy = set->policies[i];
		const scope *scopes[] = { &e->policy->principal, &e->policy->action, &e->policy->resource };
		const char *name = NULL;
		uint32_t start = 0, end = 0;
		for (int v = 0; v < 3 && !name; v++) {
			name = scope_miss(e->r, scopes[v], v);
			start = scopes[v]->start;
			end = scopes[v]->end;
		}
		if (++out > OUT_OF_SCOPE_SHOWN)
			continue;
		put_place(e, "is out of scope:");
		buf_text(e->out, "      ");
		put_source(e, start, end);
		buf_text(e->out, " does not match\n");
	}
	if (out > OUT_OF_SCOPE_SHOWN)
		buf_printf(e->out, "  %zu more are out of scope\n", out - OUT_OF_SCOPE_SHOWN);
}

static void put_policy(explainer *e, uint32_t at)
{
	e->policy = e->r->set->policies[at];
	run_result held = run_policy(e->r, e->policy);
	put_place(e, held == RUN_TRUE ? "holds" : held == RUN_FALSE ? "does not hold" : "erred and does not count");
	if (held == RUN_ERROR)
		buf_printf(e->out, "      %s\n", e->r->error ? e->r->error : "out of memory");
	else
		put_clauses(e, held == RUN_TRUE);
}

static void put_verdict(explainer *e, const policy_decision *d)
{
	static const char *const verbs[] = { "principal", "action", "resource" };
	const char *why = d->allow ? "a permit holds and no forbid does" :
			  d->reason_count ? "a forbid holds" : "no permit holds";
	buf_printf(e->out, "%s: %s\n", d->allow ? "allow" : "deny", why);
	for (int i = 0; i < 3; i++) {
		buf_printf(e->out, "  %s ", verbs[i]);
		uid_print(e->r->vars[i].entity, e->out);
		buf_text(e->out, e->r->found[i] ? "\n" : " (no such entity)\n");
	}
}

static bool is_reason(const policy_decision *d, uint32_t at)
{
	for (size_t i = 0; i < d->reason_count; i++)
		if (d->reasons[i] == at)
			return true;
	return false;
}

static hub_status explain(run *r, const uid *const uids[3], const policy_decision *d, buf *out)
{
	explainer e = { .r = r, .out = out };
	const scope_index *x = &r->set->index;
	uint64_t *bits = arena_array(r->a, 2 * x->words, sizeof *bits);
	if (!bits)
		return HUB_NOMEM;
	index_match(x, uids, r->lines, bits + x->words, bits);
	put_verdict(&e, d);
	for (size_t i = 0; i < d->reason_count; i++)
		put_policy(&e, d->reasons[i]);
	for (uint32_t i = 0; i < r->set->count; i++)
		if ((bits[i / 64] >> i % 64 & 1) && !is_reason(d, i))
			put_policy(&e, i);
	put_out_of_scope(&e, bits);
	return r->nomem ? HUB_NOMEM : e.status;
}

hub_status policy_explain(const policy_set *set, const policy_entities *entities, const policy_entities *extra,
			  const policy_request *request, arena *a, const char **ret_text)
{
	policy_decision d;
	run r;
	buf out = { 0 };
	uid uids[3] = { uid_of(request->principal), uid_of(request->action), uid_of(request->resource) };
	const uid *const named[3] = { &uids[0], &uids[1], &uids[2] };
	hub_status st = policy_decide(set, entities, extra, request, a, &d);
	if (st == HUB_OK)
		st = run_start(&r, set, entities, extra, request, uids, a);
	if (st == HUB_OK)
		st = explain(&r, named, &d, &out);
	const char *text = st == HUB_OK && !out.bad ? arena_strndup(a, buf_cstr(&out), out.len) : NULL;
	if (st == HUB_OK && !text)
		st = HUB_NOMEM;
	if (st == HUB_OK)
		*ret_text = text;
	buf_fini(&out);
	return st;
}
