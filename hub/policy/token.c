#include "policy/token.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of a Unicode White_Space character at p, or 0. */
static uint32_t space_length(const char *p, const char *end)
{
	static const char *const wide[] = {
		"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
		"\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
		"\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
		"\xe3\x80\x80",
	};
	if (p == end)
		return 0;
	if (*p == ' ' || (*p >= '\t' && *p <= '\r'))
		return 1;
	for (size_t i = 0; (unsigned char)*p >= 0xc2 && i < sizeof wide / sizeof *wide; i++) {
		size_t n = strlen(wide[i]);
		if ((size_t)(end - p) >= n && memcmp(p, wide[i], n) == 0)
			return (uint32_t)n;
	}
	return 0;
}

void source_position(policy_source s, uint32_t at, unsigned *ret_line, unsigned *ret_column)
{
	unsigned line = 1, column = 1;
	for (uint32_t i = 0; i < at && i < s.text.len; i++) {
		column++;
		if (s.text.p[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)s.text.p[i] & 0xc0) == 0x80) {
			column--;
		}
	}
	*ret_line = line;
	*ret_column = column;
}

static void fail_sticky(lexer *l, hub_status st)
{
	l->bad = true;
	l->status = st;
	l->now = l->next = (token){ TOKEN_END, { "", 0 }, l->now.start, l->now.start };
}

void lexer_fail(lexer *l, uint32_t at, const char *fmt, ...)
{
	if (l->bad)
		return;
	char text[192];
	unsigned line, column;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	source_position(l->source, at, &line, &column);
	hub_fault_set(l->fault, "policy.syntax", "policies", "%.*s:%u:%u: %s", (int)l->source.name.len,
		      l->source.name.p, line, column, text);
	fail_sticky(l, HUB_REJECT);
}

void lexer_nomem(lexer *l)
{
	if (!l->bad)
		fail_sticky(l, HUB_NOMEM);
}

static void skip_blank(lexer *l)
{
	const char *p = l->source.text.p, *end = p + l->source.text.len;
	for (;;) {
		uint32_t n = space_length(p + l->at, end);
		if (!n && l->at + 1 < l->source.text.len && p[l->at] == '/' && p[l->at + 1] == '/')
			while (l->at + n < l->source.text.len && p[l->at + n] != '\n' && p[l->at + n] != '\r')
				n++;
		if (!n)
			return;
		l->at += n;
	}
}

static uint32_t string_length(lexer *l)
{
	const char *p = l->source.text.p;
	uint32_t at = l->at + 1, len = (uint32_t)l->source.text.len;
	while (at < len && p[at] != '"') {
		if (p[at] == '\\' && at + 1 < len && p[at + 1] != '\n')
			at++;
		else if (p[at] == '\\')
			break;
		at++;
	}
	if (at >= len || p[at] != '"') {
		lexer_fail(l, l->at, "this string does not end; close it with \"");
		return 0;
	}
	return at + 1 - l->at;
}

static uint32_t sign_length(const char *p, size_t left)
{
	static const char *const pairs[] = { "::", "==", "!=", "<=", ">=", "&&", "||" };
	for (size_t i = 0; left >= 2 && i < sizeof pairs / sizeof *pairs; i++)
		if (memcmp(p, pairs[i], 2) == 0)
			return 2;
	return *p && strchr("@.,;:(){}[]<>+-*/%!=?", *p) ? 1 : 0;
}

static token read_token(lexer *l)
{
	skip_blank(l);
	const char *p = l->source.text.p + l->at;
	size_t left = l->source.text.len - l->at;
	token t = { TOKEN_END, { p, 0 }, l->at, l->at };
	uint32_t n = 0;
	if (l->bad || !left)
		return t;
	if (is_name_start(*p) || (*p == '?' && left > 1 && is_name_start(p[1]))) {
		t.kind = *p == '?' ? TOKEN_SLOT : TOKEN_NAME;
		for (n = 1; n < left && (is_name_start(p[n]) || is_digit(p[n])); n++)
			;
	} else if (is_digit(*p)) {
		t.kind = TOKEN_NUMBER;
		while (n < left && is_digit(p[n]))
			n++;
	} else if (*p == '"') {
		t.kind = TOKEN_STRING;
		n = string_length(l);
	} else {
		t.kind = TOKEN_SIGN;
		n = sign_length(p, left);
		if (!n)
			lexer_fail(l, l->at, "the byte 0x%02x starts no word of the language", (unsigned char)*p);
	}
	if (l->bad)
		return (token){ TOKEN_END, { p, 0 }, l->at, l->at };
	t.text = t.kind == TOKEN_STRING ? (policy_text){ p + 1, n - 2 } : (policy_text){ p, n };
	l->at += n;
	t.end = l->at;
	return t;
}

void lexer_start(lexer *l, policy_source source, hub_fault *fault)
{
	*l = (lexer){ .source = source, .fault = fault };
	if (source.text.len > UINT32_MAX / 2) {
		l->source.text.len = 0;
		lexer_fail(l, 0, "a source holds at most 2 GiB");
		return;
	}
	l->now = read_token(l);
	l->next = read_token(l);
}

void lexer_step(lexer *l)
{
	l->last_end = l->now.end;
	l->now = l->next;
	l->next = read_token(l);
}

static bool is_text(const token *t, const char *text)
{
	return (t->kind == TOKEN_SIGN || t->kind == TOKEN_NAME) && strlen(text) == t->text.len &&
	       memcmp(t->text.p, text, t->text.len) == 0;
}

bool token_is(const lexer *l, const char *text)
{
	return is_text(&l->now, text);
}

bool next_is(const lexer *l, const char *text)
{
	return is_text(&l->next, text);
}

bool lexer_take(lexer *l, const char *text)
{
	bool there = token_is(l, text);
	if (there)
		lexer_step(l);
	return there;
}

bool lexer_expect(lexer *l, const char *text)
{
	if (lexer_take(l, text))
		return true;
	int seen = l->now.text.len > 40 ? 40 : (int)l->now.text.len;
	if (l->now.kind == TOKEN_END)
		lexer_fail(l, l->now.start, "expected `%s`, the text ends here", text);
	else
		lexer_fail(l, l->now.start, "expected `%s`, found `%.*s`", text, seen, l->now.text.p);
	return false;
}

bool word_is_reserved(policy_text word)
{
	static const char *const words[] = { "true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == word.len && memcmp(words[i], word.p, word.len) == 0)
			return true;
	return false;
}
