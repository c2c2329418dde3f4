#include "policy/parse.h"

#include <string.h>

node *parse_node(parser *p, node_kind kind, uint32_t start, const node *const *items, uint32_t count)
{
	node *n = arena_alloc(p->a, sizeof *n);
	const node **copy = count ? arena_memdup(p->a, items, count * sizeof *items) : NULL;
	if (!n || (count && !copy)) {
		lexer_nomem(&p->l);
		return NULL;
	}
	unsigned depth = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (!copy[i])
			return NULL;
		if (copy[i]->depth > depth)
			depth = copy[i]->depth;
	}
	if (depth + 1 > AST_DEPTH) {
		lexer_fail(&p->l, start, "expressions nest at most %d deep; split the policy", AST_DEPTH);
		return NULL;
	}
	n->kind = (uint8_t)kind;
	n->depth = (uint16_t)(depth + 1);
	n->start = start;
	n->end = p->l.last_end;
	n->items = copy;
	n->count = count;
	return n;
}

static node *constant(parser *p, uint32_t start, const value *v)
{
	if (!v)
		lexer_nomem(&p->l);
	node *n = v ? parse_node(p, NODE_CONST, start, NULL, 0) : NULL;
	if (n)
		n->constant = v;
	return n;
}

/* Digits as a number up to 2^63, which only a minus sign may use whole. */
static bool digits(parser *p, const token *t, uint64_t most, uint64_t *ret)
{
	uint64_t v = 0;
	for (size_t i = 0; i < t->text.len; i++) {
		unsigned d = (unsigned)(t->text.p[i] - '0');
		if (v > (most - d) / 10) {
			lexer_fail(&p->l, t->start, "a long lies between -9223372036854775808 and 9223372036854775807");
			return false;
		}
		v = v * 10 + d;
	}
	*ret = v;
	return true;
}

static bool expr_list(parser *p, const char *close, list *items)
{
	while (!p->l.bad && !token_is(&p->l, close)) {
		const node *n = parse_expr(p);
		if (!n || !list_add(p, items, n))
			return false;
		if (!lexer_take(&p->l, ","))
			break;
	}
	return lexer_expect(&p->l, close);
}

static bool record_key(parser *p, policy_text *ret)
{
	token t = p->l.now;
	if (t.kind == TOKEN_STRING)
		return parse_string(p, ret);
	if (t.kind != TOKEN_NAME) {
		lexer_expect(&p->l, "an attribute's name");
		return false;
	}
	if (word_is_reserved(t.text)) {
		lexer_fail(&p->l, t.start, "`%.*s` is reserved; write it as a string", (int)t.text.len, t.text.p);
		return false;
	}
	lexer_step(&p->l);
	*ret = t.text;
	return true;
}

/* Sorted to find repeats, so that a hostile record costs n log n. */
static bool names_differ(parser *p, const list *names)
{
	attr *sorted = arena_array(p->a, names->count, sizeof *sorted);
	bool unique = false;
	for (uint32_t i = 0; sorted && i < names->count; i++) {
		policy_text name = *(const policy_text *)names->items[i];
		sorted[i] = (attr){ text_hash(name), name, &value_true };
	}
	if (!sorted || !value_record(p->a, sorted, names->count, &unique))
		lexer_nomem(&p->l);
	else if (!unique)
		lexer_fail(&p->l, p->l.now.start, "the record ending here names an attribute twice");
	return unique;
}

static node *record(parser *p)
{
	uint32_t start = p->l.now.start;
	list items = { 0 }, names = { 0 };
	lexer_step(&p->l);
	while (!p->l.bad && !token_is(&p->l, "}")) {
		policy_text *name = arena_alloc(p->a, sizeof *name);
		if (!name) {
			lexer_nomem(&p->l);
			return NULL;
		}
		if (!record_key(p, name) || !lexer_expect(&p->l, ":"))
			return NULL;
		const node *n = parse_expr(p);
		if (!n || !list_add(p, &items, n) || !list_add(p, &names, name))
			return NULL;
		if (!lexer_take(&p->l, ","))
			break;
	}
	if (!lexer_expect(&p->l, "}") || !names_differ(p, &names))
		return NULL;
	node *n = parse_node(p, NODE_RECORD, start, (const node *const *)items.items, items.count);
	policy_text *copy = n ? arena_array(p->a, names.count, sizeof *copy) : NULL;
	if (!copy) {
		lexer_nomem(&p->l);
		return NULL;
	}
	for (uint32_t i = 0; i < names.count; i++)
		copy[i] = *(const policy_text *)names.items[i];
	n->names = copy;
	return n;
}

static node *call(parser *p, uint32_t start, policy_text name, list *args, bool method)
{
	static const struct { const char *name; node_kind kind; uint32_t argc; } builtins[] = {
		{ "contains", NODE_CONTAINS, 2 },        { "containsAll", NODE_CONTAINS_ALL, 2 },
		{ "containsAny", NODE_CONTAINS_ANY, 2 }, { "isEmpty", NODE_IS_EMPTY, 1 },
		{ "hasTag", NODE_HAS_TAG, 2 },           { "getTag", NODE_GET_TAG, 2 },
	};
	const ext_function *f = ext_find(name);
	node_kind kind = NODE_CALL;
	uint32_t argc = f ? f->argc : 0;
	bool is_method = f && f->method;
	for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
		if (strlen(builtins[i].name) == name.len && memcmp(builtins[i].name, name.p, name.len) == 0) {
			kind = builtins[i].kind;
			argc = builtins[i].argc;
			is_method = true;
		}
	int len = name.len > 60 ? 60 : (int)name.len;
	if (!argc || is_method != method) {
		lexer_fail(&p->l, start, "there is no %s `%.*s`%s", method ? "method" : "function", len, name.p,
			   !argc ? "" : is_method ? "; it is a method, write x.name(…)" : "; it is a function");
		return NULL;
	}
	/* As the language has it: a wrong number of arguments is refused here only for the built-in methods;
	   a call of an extension function errs when it is evaluated. */
	if (kind != NODE_CALL && args->count != argc) {
		lexer_fail(&p->l, start, "`%.*s` takes %u argument(s), not %u", len, name.p, argc - method,
			   args->count - method);
		return NULL;
	}
	node *n = parse_node(p, kind, start, (const node *const *)args->items, args->count);
	if (n && kind == NODE_CALL)
		n->function = f;
	return n;
}

/* A variable, an entity, or a function's call. */
static node *named(parser *p)
{
	static const char *const vars[] = { "principal", "action", "resource", "context" };
	uint32_t start = p->l.now.start;
	for (unsigned i = 0; i < sizeof vars / sizeof *vars; i++)
		if (token_is(&p->l, vars[i]) && !next_is(&p->l, "::")) {
			lexer_step(&p->l);
			node *n = parse_node(p, NODE_VAR, start, NULL, 0);
			if (n)
				n->var = (uint8_t)i;
			return n;
		}
	policy_uid u;
	if (!parse_path(p, &u.type))
		return NULL;
	if (lexer_take(&p->l, "(")) {
		list args = { 0 };
		return expr_list(p, ")", &args) ? call(p, start, u.type, &args, false) : NULL;
	}
	if (!lexer_take(&p->l, "::")) {
		lexer_fail(&p->l, start, "`%.*s` is no variable; write principal, action, resource, context or a string",
			   u.type.len > 60 ? 60 : (int)u.type.len, u.type.p);
		return NULL;
	}
	if (!parse_string(p, &u.id))
		return NULL;
	uid *copy = arena_alloc(p->a, sizeof *copy);
	if (copy)
		*copy = uid_of(u);
	return constant(p, start, copy ? value_entity(p->a, copy) : NULL);
}

static const node *primary(parser *p)
{
	token t = p->l.now;
	uint64_t number;
	policy_text text;
	switch (t.kind) {
	case TOKEN_NUMBER:
		if (!digits(p, &t, INT64_MAX, &number))
			return NULL;
		lexer_step(&p->l);
		return constant(p, t.start, value_number(p->a, POLICY_LONG, (int64_t)number));
	case TOKEN_STRING:
		return parse_string(p, &text) ? constant(p, t.start, value_text(p->a, text)) : NULL;
	case TOKEN_SLOT:
		lexer_fail(&p->l, t.start, "a template's slot stands only in the scope of a policy");
		return NULL;
	case TOKEN_NAME:
		if ((token_is(&p->l, "true") || token_is(&p->l, "false")) && !next_is(&p->l, "::")) {
			bool yes = token_is(&p->l, "true");
			lexer_step(&p->l);
			return constant(p, t.start, yes ? &value_true : &value_false);
		}
		return named(p);
	case TOKEN_SIGN:
	case TOKEN_END:
		break;
	}
	if (lexer_take(&p->l, "(")) {
		const node *n = parse_expr(p);
		return n && lexer_expect(&p->l, ")") ? n : NULL;
	}
	if (lexer_take(&p->l, "[")) {
		list items = { 0 };
		return expr_list(p, "]", &items) ?
			parse_node(p, NODE_SET, t.start, (const node *const *)items.items, items.count) : NULL;
	}
	if (token_is(&p->l, "{"))
		return record(p);
	lexer_expect(&p->l, "an expression");
	return NULL;
}

static const node *field(parser *p, const node *n)
{
	token t = p->l.now;
	if (t.kind != TOKEN_NAME || word_is_reserved(t.text)) {
		lexer_fail(&p->l, t.start, "expected an attribute's name; write other names as [\"…\"]");
		return NULL;
	}
	lexer_step(&p->l);
	if (lexer_take(&p->l, "(")) {
		list args = { 0 };
		if (!list_add(p, &args, n) || !expr_list(p, ")", &args))
			return NULL;
		return call(p, n->start, t.text, &args, true);
	}
	node *access = parse_node(p, NODE_ATTR, n->start, &n, 1);
	if (access)
		access->name = t.text;
	return access;
}

static const node *member(parser *p)
{
	const node *n = primary(p);
	while (n && !p->l.bad) {
		if (lexer_take(&p->l, ".")) {
			n = field(p, n);
		} else if (lexer_take(&p->l, "[")) {
			policy_text name;
			if (!parse_string(p, &name) || !lexer_expect(&p->l, "]"))
				return NULL;
			node *access = parse_node(p, NODE_ATTR, n->start, &n, 1);
			if (access)
				access->name = name;
			n = access;
		} else if (token_is(&p->l, "(")) {
			lexer_fail(&p->l, p->l.now.start, "only functions and methods can be called");
			return NULL;
		} else {
			break;
		}
	}
	return n;
}

static const node *unary(parser *p)
{
	token t = p->l.now;
	bool not = token_is(&p->l, "!");
	unsigned count = 0;
	const char *sign = not ? "!" : "-";
	while (lexer_take(&p->l, sign))
		if (++count > 4) {
			lexer_fail(&p->l, t.start, "at most four `%s` in a row", sign);
			return NULL;
		}
	token number = p->l.now;
	uint64_t v;
	const node *n;
	/* A minus before bare digits belongs to the number, or the smallest long could not be written. */
	if (count && !not && number.kind == TOKEN_NUMBER && !next_is(&p->l, ".") && !next_is(&p->l, "[")) {
		if (!digits(p, &number, (uint64_t)INT64_MAX + 1, &v))
			return NULL;
		lexer_step(&p->l);
		n = constant(p, number.start - 1, value_number(p->a, POLICY_LONG, (int64_t)-v));
		count--;
	} else {
		n = member(p);
	}
	for (; n && count; count--)
		n = parse_node(p, not ? NODE_NOT : NODE_NEG, t.start, &n, 1);
	return n;
}

static const node *product(parser *p)
{
	const node *n = unary(p);
	while (n && token_is(&p->l, "*")) {
		lexer_step(&p->l);
		const node *items[] = { n, unary(p) };
		n = items[1] ? parse_node(p, NODE_MUL, n->start, items, 2) : NULL;
	}
	if (n && (token_is(&p->l, "/") || token_is(&p->l, "%"))) {
		lexer_fail(&p->l, p->l.now.start, "the language has no division");
		return NULL;
	}
	return n;
}

static const node *sum(parser *p)
{
	const node *n = product(p);
	while (n && (token_is(&p->l, "+") || token_is(&p->l, "-"))) {
		node_kind kind = token_is(&p->l, "+") ? NODE_ADD : NODE_SUB;
		lexer_step(&p->l);
		const node *items[] = { n, product(p) };
		n = items[1] ? parse_node(p, kind, n->start, items, 2) : NULL;
	}
	return n;
}

static node *named_node(parser *p, node_kind kind, const node *of, policy_text name)
{
	node *n = parse_node(p, kind, of->start, &of, 1);
	if (n)
		n->name = name;
	return n;
}

/* `e has a.b.c` means `e has a && e.a has b && e.a.b has c`. */
static const node *has(parser *p, const node *of)
{
	list tests = { 0 };
	policy_text name;
	if (p->l.now.kind == TOKEN_STRING)
		return parse_string(p, &name) ? named_node(p, NODE_HAS, of, name) : NULL;
	do {
		token t = p->l.now;
		if (t.kind != TOKEN_NAME || word_is_reserved(t.text)) {
			lexer_fail(&p->l, t.start, "expected an attribute's name or a string after `has`");
			return NULL;
		}
		lexer_step(&p->l);
		const node *test = named_node(p, NODE_HAS, of, t.text);
		if (!test || !list_add(p, &tests, test))
			return NULL;
		if (token_is(&p->l, "."))
			of = named_node(p, NODE_ATTR, of, t.text);
	} while (of && lexer_take(&p->l, "."));
	if (!of || token_is(&p->l, "(") || token_is(&p->l, "[")) {
		lexer_expect(&p->l, "an attribute's path");
		return NULL;
	}
	return tests.count == 1 ? tests.items[0] :
		parse_node(p, NODE_AND, of->start, (const node *const *)tests.items, tests.count);
}

static const node *like(parser *p, const node *of)
{
	token t = p->l.now;
	policy_text pattern;
	bool *stars;
	if (t.kind != TOKEN_STRING) {
		lexer_expect(&p->l, "a pattern in double quotes");
		return NULL;
	}
	if (!token_unescape(&p->l, &t, p->a, &pattern, &stars))
		return NULL;
	lexer_step(&p->l);
	node *n = named_node(p, NODE_LIKE, of, pattern);
	if (n)
		n->stars = stars;
	return n;
}

static const node *is(parser *p, const node *of)
{
	policy_text type;
	if (!parse_path(p, &type))
		return NULL;
	const node *test = named_node(p, NODE_IS, of, type);
	if (!test || !lexer_take(&p->l, "in"))
		return test;
	const node *items[] = { of, sum(p) };
	const node *both[] = { test, items[1] ? parse_node(p, NODE_IN, of->start, items, 2) : NULL };
	return both[1] ? parse_node(p, NODE_AND, of->start, both, 2) : NULL;
}

static const node *relation(parser *p)
{
	static const struct { const char *sign; node_kind kind; } signs[] = {
		{ "==", NODE_EQ }, { "!=", NODE_NE }, { "<", NODE_LT },   { "<=", NODE_LE },
		{ ">", NODE_GT },  { ">=", NODE_GE }, { "in", NODE_IN },
	};
	const node *n = sum(p);
	if (!n)
		return NULL;
	if (lexer_take(&p->l, "has")) {
		n = has(p, n);
	} else if (lexer_take(&p->l, "like")) {
		n = like(p, n);
	} else if (lexer_take(&p->l, "is")) {
		n = is(p, n);
	} else {
		for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
			if (!lexer_take(&p->l, signs[i].sign))
				continue;
			const node *items[] = { n, sum(p) };
			n = items[1] ? parse_node(p, signs[i].kind, n->start, items, 2) : NULL;
			break;
		}
	}
	static const char *const more[] = { "==", "!=", "<", "<=", ">", ">=", "in", "has", "like", "is", "=" };
	for (size_t i = 0; n && i < sizeof more / sizeof *more; i++)
		if (token_is(&p->l, more[i])) {
			lexer_fail(&p->l, p->l.now.start, "`%s` does not chain; put parentheses", more[i]);
			return NULL;
		}
	return n;
}

static const node *chain(parser *p, const char *sign, node_kind kind, const node *(*operand)(parser *))
{
	const node *n = operand(p);
	if (!n || !token_is(&p->l, sign))
		return n;
	list items = { 0 };
	if (!list_add(p, &items, n))
		return NULL;
	while (lexer_take(&p->l, sign)) {
		const node *next = operand(p);
		if (!next || !list_add(p, &items, next))
			return NULL;
	}
	return parse_node(p, kind, n->start, (const node *const *)items.items, items.count);
}

static const node *conjunction(parser *p)
{
	return chain(p, "&&", NODE_AND, relation);
}

static const node *choice(parser *p)
{
	uint32_t start = p->l.now.start;
	const node *items[3] = { 0 };
	lexer_step(&p->l);
	items[0] = parse_expr(p);
	if (items[0] && lexer_expect(&p->l, "then"))
		items[1] = parse_expr(p);
	if (items[1] && lexer_expect(&p->l, "else"))
		items[2] = parse_expr(p);
	return items[2] ? parse_node(p, NODE_IF, start, items, 3) : NULL;
}

const node *parse_expr(parser *p)
{
	if (p->depth >= AST_DEPTH) {
		lexer_fail(&p->l, p->l.now.start, "expressions nest at most %d deep; split the policy", AST_DEPTH);
		return NULL;
	}
	p->depth++;
	const node *n = token_is(&p->l, "if") && !next_is(&p->l, "::") ? choice(p) : chain(p, "||", NODE_OR, conjunction);
	p->depth--;
	return n;
}
