#include "policy/parse.h"

#include <string.h>

bool list_add(parser *p, list *l, const void *item)
{
	if (l->count == l->cap) {
		uint32_t cap = l->cap ? l->cap * 2 : 4;
		const void **items = arena_array(p->a, cap, sizeof *items);
		if (!items) {
			lexer_nomem(&p->l);
			return false;
		}
		if (l->count)
			memcpy(items, l->items, l->count * sizeof *items);
		l->items = items;
		l->cap = cap;
	}
	l->items[l->count++] = item;
	return true;
}

bool parse_string(parser *p, policy_text *ret)
{
	if (p->l.now.kind != TOKEN_STRING) {
		lexer_fail(&p->l, p->l.now.start, "expected a string in double quotes");
		return false;
	}
	token t = p->l.now;
	if (!token_unescape(&p->l, &t, p->a, ret, NULL))
		return false;
	lexer_step(&p->l);
	return true;
}

static bool path_word(parser *p, policy_text *ret)
{
	token t = p->l.now;
	if (t.kind != TOKEN_NAME) {
		lexer_expect(&p->l, "a name");
		return false;
	}
	if (word_is_reserved(t.text)) {
		lexer_fail(&p->l, t.start, "`%.*s` is reserved and names nothing", (int)t.text.len, t.text.p);
		return false;
	}
	*ret = t.text;
	lexer_step(&p->l);
	return true;
}

bool parse_path(parser *p, policy_text *ret)
{
	policy_text word;
	size_t start = p->l.now.start;
	if (!path_word(p, &word))
		return false;
	if (!token_is(&p->l, "::") || p->l.next.kind != TOKEN_NAME) {
		*ret = word;
		return true;
	}
	/* What lies between the words is spaces and comments, so the path is never longer than its source. */
	size_t most = p->l.source.text.len - start, len = word.len;
	for (size_t i = 0; i < most && i < 4096; i++)
		if (p->l.source.text.p[start + i] == '"' || p->l.source.text.p[start + i] == ';')
			most = i;
	char *out = arena_alloc(p->a, most + 1);
	if (!out) {
		lexer_nomem(&p->l);
		return false;
	}
	memcpy(out, word.p, len);
	while (token_is(&p->l, "::") && p->l.next.kind == TOKEN_NAME) {
		lexer_step(&p->l);
		if (!path_word(p, &word))
			return false;
		if (len + 2 + word.len > most) {
			lexer_fail(&p->l, p->l.now.start, "this path is too long");
			return false;
		}
		memcpy(out + len, "::", 2);
		memcpy(out + len + 2, word.p, word.len);
		len += 2 + word.len;
	}
	*ret = (policy_text){ out, len };
	return true;
}

const uid *parse_uid(parser *p)
{
	unsigned open = 0;
	while (lexer_take(&p->l, "("))
		open++;
	policy_uid u;
	if (!parse_path(p, &u.type) || !lexer_expect(&p->l, "::") || !parse_string(p, &u.id))
		return NULL;
	while (open && lexer_expect(&p->l, ")"))
		open--;
	if (p->l.bad)
		return NULL;
	uid *copy = arena_alloc(p->a, sizeof *copy);
	if (!copy) {
		lexer_nomem(&p->l);
		return NULL;
	}
	*copy = uid_of(u);
	return copy;
}

hub_status parse_uid_text(policy_text text, arena *a, policy_uid *ret, hub_fault *fault)
{
	parser p = { .a = a };
	policy_source source = { policy_text_of("entity"), text };
	lexer_start(&p.l, source, fault);
	const uid *u = parse_uid(&p);
	if (u && p.l.now.kind != TOKEN_END)
		lexer_fail(&p.l, p.l.now.start, "an entity is written Type::\"id\" and nothing else");
	if (!u || p.l.bad)
		return p.l.status;
	*ret = (policy_uid){ u->type, u->id };
	return HUB_OK;
}
