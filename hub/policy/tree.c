#include "policy/tree.h"

#include "policy/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
	const char *text, *p, *end;
	arena *a;
	hub_fault *fault;
	unsigned depth;
	hub_status status;
} reader;

hub_status tree_fault(const char *text, size_t at, hub_fault *fault, const char *code, const char *fmt, ...)
{
	unsigned line = 1, column = 1;
	char why[160];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < at; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	return hub_fault_set(fault, code, "json", "%u:%u: %s", line, column, why);
}

static bool refuse(reader *r, const char *why)
{
	if (r->status == HUB_OK)
		r->status = tree_fault(r->text, (size_t)(r->p - r->text), r->fault, "policy.json", "%s", why);
	return false;
}

static void *take(reader *r, size_t size)
{
	void *p = arena_alloc(r->a, size);
	if (!p && r->status == HUB_OK)
		r->status = HUB_NOMEM;
	return p;
}

static void skip_blank(reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static bool hex4(reader *r, uint32_t *ret)
{
	uint32_t v = 0;
	if (r->end - r->p < 4)
		return refuse(r, "\\u takes four hex digits");
	for (int i = 0; i < 4; i++, r->p++) {
		char c = *r->p;
		uint32_t d = c >= '0' && c <= '9' ? (uint32_t)(c - '0') : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10) :
			     c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10) : 16;
		if (d == 16)
			return refuse(r, "\\u takes four hex digits");
		v = v << 4 | d;
	}
	*ret = v;
	return true;
}

static bool unicode(reader *r, char **out)
{
	uint32_t c, low;
	if (!hex4(r, &c))
		return false;
	if (c >= 0xd800 && c <= 0xdbff) {
		if (r->end - r->p < 2 || r->p[0] != '\\' || r->p[1] != 'u')
			return refuse(r, "half of a surrogate pair");
		r->p += 2;
		if (!hex4(r, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return refuse(r, "half of a surrogate pair");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c >= 0xdc00 && c <= 0xdfff) {
		return refuse(r, "half of a surrogate pair");
	}
	int n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (int i = n - 1; i > 0; i--, c >>= 6)
		(*out)[i] = (char)(0x80 | (c & 0x3f));
	(*out)[0] = (char)(lead[n] | c);
	*out += n;
	return true;
}

/* At the byte after the opening quote; no escape is shorter than what it means. */
static bool read_string(reader *r, policy_text *ret)
{
	const char *close = r->p;
	while (close < r->end && *close != '"')
		close += *close == '\\' && close + 1 < r->end ? 2 : 1;
	if (close >= r->end)
		return refuse(r, "this string does not end");
	char *start = take(r, (size_t)(close - r->p) + 1), *out = start;
	if (!start)
		return false;
	while (r->p < close) {
		char c = *r->p++;
		if ((unsigned char)c < 0x20)
			return refuse(r, "control characters in strings are escaped");
		if (c != '\\') {
			*out++ = c;
			continue;
		}
		static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
		c = *r->p++;
		const char *simple = c ? strchr(from, c) : NULL;
		if (simple)
			*out++ = to[simple - from];
		else if (c != 'u')
			return refuse(r, "unknown escape");
		else if (!unicode(r, &out))
			return false;
	}
	r->p = close + 1;
	*ret = (policy_text){ start, (size_t)(out - start) };
	return true;
}

static bool read_number(reader *r, int64_t *ret)
{
	bool negative = *r->p == '-';
	r->p += negative;
	const char *start = r->p;
	__int128 v = 0;
	for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++)
		v = v > INT64_MAX ? (__int128)INT64_MAX + 2 : v * 10 + (*r->p - '0');
	if (r->p == start || (*start == '0' && r->p - start > 1))
		return refuse(r, "not a number");
	if (r->p < r->end && (*r->p == '.' || *r->p == 'e' || *r->p == 'E'))
		return refuse(r, "numbers are whole; write others as a decimal");
	if (v > (__int128)INT64_MAX + negative)
		return refuse(r, "a long lies between -9223372036854775808 and 9223372036854775807");
	*ret = (int64_t)(negative ? -v : v);
	return true;
}

static bool word(reader *r, const char *text)
{
	size_t n = strlen(text);
	if ((size_t)(r->end - r->p) < n || memcmp(r->p, text, n) != 0)
		return false;
	r->p += n;
	return true;
}

static int by_name(const void *a, const void *b)
{
	const tree *x = *(const tree *const *)a, *y = *(const tree *const *)b;
	return x->name_hash != y->name_hash ? (x->name_hash < y->name_hash ? -1 : 1) :
	       x->name.len != y->name.len ? (x->name.len < y->name.len ? -1 : 1) :
	       x->name.len ? memcmp(x->name.p, y->name.p, x->name.len) : 0;
}

static bool names_differ(reader *r, const tree *object)
{
	if (object->count < 2)
		return true;
	const tree **sorted = take(r, object->count * sizeof *sorted);
	if (!sorted)
		return false;
	size_t n = 0;
	for (const tree *m = object->first; m; m = m->next)
		sorted[n++] = m;
	qsort(sorted, n, sizeof *sorted, by_name);
	for (size_t i = 1; i < n; i++)
		if (text_is(sorted[i - 1]->name, sorted[i]->name))
			return refuse(r, "the object ending here names a member twice");
	return true;
}

static tree *read_value(reader *r);

static bool read_members(reader *r, tree *own, char close)
{
	tree **last = &own->first;
	r->p++;
	skip_blank(r);
	if (r->p < r->end && *r->p == close) {
		r->p++;
		return true;
	}
	for (;;) {
		policy_text name = { 0 };
		skip_blank(r);
		if (close == '}') {
			if (r->p == r->end || *r->p++ != '"' || !read_string(r, &name))
				return refuse(r, "expected a member's name");
			skip_blank(r);
			if (r->p == r->end || *r->p++ != ':')
				return refuse(r, "expected `:`");
		}
		tree *member = read_value(r);
		if (!member)
			return false;
		member->name = name;
		member->name_hash = close == '}' ? text_hash(name) : 0;
		*last = member;
		last = &member->next;
		own->count++;
		skip_blank(r);
		if (r->p < r->end && *r->p == close) {
			r->p++;
			return close == ']' || names_differ(r, own);
		}
		if (r->p == r->end || *r->p++ != ',')
			return refuse(r, close == '}' ? "expected `,` or `}`" : "expected `,` or `]`");
	}
}

static tree *read_value(reader *r)
{
	tree *j = take(r, sizeof *j);
	bool ok = false;
	if (!j)
		return NULL;
	skip_blank(r);
	j->at = (size_t)(r->p - r->text);
	char c = r->p < r->end ? *r->p : '\0';
	if (c == '{' || c == '[') {
		j->kind = c == '{' ? TREE_OBJECT : TREE_ARRAY;
		ok = r->depth++ < TREE_DEPTH ? read_members(r, j, c == '{' ? '}' : ']') : refuse(r, "nested too deep");
		r->depth--;
	} else if (c == '"') {
		j->kind = TREE_STRING;
		r->p++;
		ok = read_string(r, &j->text);
	} else if (c == '-' || (c >= '0' && c <= '9')) {
		j->kind = TREE_INT;
		ok = read_number(r, &j->number);
	} else if (word(r, "true") || word(r, "false")) {
		j->kind = TREE_BOOL;
		j->yes = c == 't';
		ok = true;
	} else if (word(r, "null")) {
		ok = true;
	} else {
		refuse(r, r->p == r->end ? "the text ends here" : "expected a value");
	}
	return ok ? j : NULL;
}

hub_status tree_read(const char *text, size_t len, arena *a, const tree **ret, hub_fault *fault)
{
	reader r = { .text = text, .p = text, .end = text + len, .a = a, .fault = fault };
	const tree *j = read_value(&r);
	skip_blank(&r);
	if (j && r.p != r.end)
		refuse(&r, "the text goes on after its value");
	if (r.status == HUB_OK)
		*ret = j;
	return r.status;
}

const tree *tree_get(const tree *j, const char *name)
{
	size_t n = strlen(name);
	for (const tree *m = j && j->kind == TREE_OBJECT ? j->first : NULL; m; m = m->next)
		if (m->name.len == n && memcmp(m->name.p, name, n) == 0)
			return m;
	return NULL;
}
