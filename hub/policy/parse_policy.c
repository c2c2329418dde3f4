#include "policy/parse.h"

#include <string.h>

static bool is_action(const uid *u)
{
	static const char word[] = "Action";
	size_t n = sizeof word - 1;
	if (u->type.len < n || memcmp(u->type.p + u->type.len - n, word, n) != 0)
		return false;
	return u->type.len == n || u->type.p[u->type.len - n - 1] == ':';
}

/* An entity, or the slot of this variable. */
static bool target(parser *p, const char *slot, scope *s)
{
	const uid **uids = arena_alloc(p->a, sizeof *uids);
	if (!uids) {
		lexer_nomem(&p->l);
		return false;
	}
	s->uids = uids;
	s->count = 1;
	if (p->l.now.kind == TOKEN_SLOT) {
		policy_text t = p->l.now.text;
		if (!slot || t.len != strlen(slot) || memcmp(t.p, slot, t.len) != 0) {
			lexer_fail(&p->l, p->l.now.start, "expected %s%s, found `%.*s`", slot ? slot : "an entity",
				   slot ? " or an entity" : "", t.len > 40 ? 40 : (int)t.len, t.p);
			return false;
		}
		lexer_step(&p->l);
		s->slot = true;
		return true;
	}
	uids[0] = parse_uid(p);
	return uids[0];
}

static bool actions(parser *p, scope *s)
{
	list uids = { 0 };
	unsigned open = 0;
	while (lexer_take(&p->l, "("))
		open++;
	if (!lexer_take(&p->l, "[")) {
		if (!target(p, NULL, s))
			return false;
	} else {
		while (!p->l.bad && !token_is(&p->l, "]")) {
			const uid *u = parse_uid(p);
			if (!u || !list_add(p, &uids, u))
				return false;
			if (!lexer_take(&p->l, ","))
				break;
		}
		s->uids = (const uid **)uids.items;
		s->count = uids.count;
		if (!lexer_expect(&p->l, "]"))
			return false;
	}
	while (open && lexer_expect(&p->l, ")"))
		open--;
	return !p->l.bad;
}

static bool parse_scope(parser *p, const char *var, const char *slot, scope *s)
{
	s->start = p->l.now.start;
	if (!lexer_expect(&p->l, var))
		return false;
	if (lexer_take(&p->l, "==")) {
		s->kind = SCOPE_EQ;
		if (!target(p, slot, s))
			return false;
	} else if (lexer_take(&p->l, "in")) {
		s->kind = SCOPE_IN;
		if (!(slot ? target(p, slot, s) : actions(p, s)))
			return false;
	} else if (slot && lexer_take(&p->l, "is")) {
		s->kind = SCOPE_IS;
		if (!parse_path(p, &s->type))
			return false;
		s->type_hash = text_hash(s->type);
		if (lexer_take(&p->l, "in")) {
			s->kind = SCOPE_IS_IN;
			if (!target(p, slot, s))
				return false;
		}
	}
	s->end = p->l.last_end;
	for (uint32_t i = 0; !slot && i < s->count; i++)
		if (!is_action(s->uids[i])) {
			lexer_fail(&p->l, s->start, "an action's type ends in Action, not `%.*s`",
				   s->uids[i]->type.len > 60 ? 60 : (int)s->uids[i]->type.len, s->uids[i]->type.p);
			return false;
		}
	return true;
}

static bool annotations(parser *p, policy *out)
{
	enum { MOST = 100 };
	list found = { 0 };
	while (lexer_take(&p->l, "@")) {
		if (found.count == MOST) {
			lexer_fail(&p->l, p->l.now.start, "a policy has at most %d annotations", MOST);
			return false;
		}
		token t = p->l.now;
		annotation *a = arena_alloc(p->a, sizeof *a);
		if (!a) {
			lexer_nomem(&p->l);
			return false;
		}
		if (t.kind != TOKEN_NAME) {
			lexer_expect(&p->l, "an annotation's name");
			return false;
		}
		a->name = t.text;
		a->text = policy_text_of("");
		lexer_step(&p->l);
		if (lexer_take(&p->l, "(") && (!parse_string(p, &a->text) || !lexer_expect(&p->l, ")")))
			return false;
		for (uint32_t i = 0; i < found.count; i++)
			if (text_is(((const annotation *)found.items[i])->name, a->name)) {
				lexer_fail(&p->l, t.start, "the annotation @%.*s stands twice",
					   t.text.len > 40 ? 40 : (int)t.text.len, t.text.p);
				return false;
			}
		if (!list_add(p, &found, a))
			return false;
	}
	annotation *copy = arena_array(p->a, found.count, sizeof *copy);
	if (!copy) {
		lexer_nomem(&p->l);
		return false;
	}
	for (uint32_t i = 0; i < found.count; i++)
		copy[i] = *(const annotation *)found.items[i];
	out->annotations = copy;
	out->annotation_count = found.count;
	return true;
}

static bool clauses(parser *p, policy *out)
{
	list found = { 0 };
	while (token_is(&p->l, "when") || token_is(&p->l, "unless")) {
		clause *c = arena_alloc(p->a, sizeof *c);
		if (!c) {
			lexer_nomem(&p->l);
			return false;
		}
		c->unless = token_is(&p->l, "unless");
		c->start = p->l.now.start;
		lexer_step(&p->l);
		if (!lexer_expect(&p->l, "{"))
			return false;
		c->body = parse_expr(p);
		if (!c->body || !lexer_expect(&p->l, "}") || !list_add(p, &found, c))
			return false;
		c->end = p->l.last_end;
	}
	clause *copy = arena_array(p->a, found.count, sizeof *copy);
	if (!copy) {
		lexer_nomem(&p->l);
		return false;
	}
	for (uint32_t i = 0; i < found.count; i++)
		copy[i] = *(const clause *)found.items[i];
	out->clauses = copy;
	out->clause_count = found.count;
	return true;
}

static bool parse_policy(parser *p, policy *out)
{
	out->source = p->source;
	if (!annotations(p, out))
		return false;
	out->start = p->l.now.start;
	for (; p->counted < out->start; p->counted++)
		p->line += p->l.source.text.p[p->counted] == '\n';
	out->line = p->line + 1;
	if (lexer_take(&p->l, "forbid"))
		out->forbid = true;
	else if (!lexer_take(&p->l, "permit"))
		return lexer_expect(&p->l, "permit` or `forbid");
	if (!lexer_expect(&p->l, "(") || !parse_scope(p, "principal", "?principal", &out->principal) ||
	    !lexer_expect(&p->l, ",") || !parse_scope(p, "action", NULL, &out->action) || !lexer_expect(&p->l, ",") ||
	    !parse_scope(p, "resource", "?resource", &out->resource))
		return false;
	lexer_take(&p->l, ",");
	if (!lexer_expect(&p->l, ")") || !clauses(p, out) || !lexer_expect(&p->l, ";"))
		return false;
	out->template = out->principal.slot || out->resource.slot;
	out->end = p->l.last_end;
	return true;
}

hub_status parse_policies(const policy_source *source, uint32_t number, arena *a, list *policies, hub_fault *fault)
{
	parser p = { .a = a, .source = number };
	lexer_start(&p.l, *source, fault);
	while (!p.l.bad && p.l.now.kind != TOKEN_END) {
		policy *next = arena_alloc(a, sizeof *next);
		if (!next)
			lexer_nomem(&p.l);
		if (!next || !parse_policy(&p, next) || !list_add(&p, policies, next))
			break;
	}
	return p.l.bad ? p.l.status : HUB_OK;
}
