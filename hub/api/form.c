#include "api/form.h"

#include <string.h>

#include "base/utf8.h"

static int digit(uint8_t c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static bool is_text(const uint8_t *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_char(s + i, len - i);
		if (n == 0 || s[i] == 0)
			return false;
	}
	return true;
}

hub_status form_decode(const uint8_t *text, size_t len, arena *a, const char **ret, hub_fault *fault)
{
	uint8_t *out = arena_alloc(a, len + 1);
	size_t n = 0;
	if (!out)
		return HUB_NOMEM;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = text[i] == '+' ? ' ' : text[i];
		if (c == '%') {
			int high = i + 2 < len ? digit(text[i + 1]) : -1, low = i + 2 < len ? digit(text[i + 2]) : -1;
			if (high < 0 || low < 0)
				return hub_fault_set(fault, "form.escape", "body",
						     "'%%' is followed by two hexadecimal digits");
			c = (uint8_t)(high << 4 | low);
			i += 2;
		}
		out[n++] = c;
	}
	if (!is_text(out, n))
		return hub_fault_set(fault, "form.text", "body", "a form is UTF-8 text without NUL");
	out[n] = 0;
	*ret = (const char *)out;
	return HUB_OK;
}

static hub_status field(const uint8_t *part, size_t len, arena *a, wire_field *ret, hub_fault *fault)
{
	const uint8_t *equals = memchr(part, '=', len);
	size_t name = equals ? (size_t)(equals - part) : len, value = equals ? len - name - 1 : 0;
	hub_status st = form_decode(part, name, a, &ret->name, fault);
	return st == HUB_OK ? form_decode(equals ? equals + 1 : part, value, a, &ret->value, fault) : st;
}

hub_status form_parse(const uint8_t *body, size_t len, arena *a, const wire_field **ret, size_t *ret_count,
		      hub_fault *fault)
{
	size_t count = 0;
	wire_field *fields = arena_array(a, FORM_FIELDS, sizeof *fields);
	if (!fields)
		return HUB_NOMEM;
	if (len > FORM_MAX)
		return hub_fault_set(fault, "form.long", "body", "a form has at most %d bytes", FORM_MAX);
	for (size_t i = 0, n; i < len; i += n + 1) {
		const uint8_t *end = memchr(body + i, '&', len - i);
		n = end ? (size_t)(end - body) - i : len - i;
		if (n == 0)
			continue;
		if (count == FORM_FIELDS)
			return hub_fault_set(fault, "form.long", "body", "a form has at most %d fields", FORM_FIELDS);
		hub_status st = field(body + i, n, a, &fields[count], fault);
		if (st != HUB_OK)
			return st;
		for (size_t k = 0; k < count; k++)
			if (!strcmp(fields[k].name, fields[count].name))
				return hub_fault_set(fault, "form.twice", "body", "'%.64s' is given twice",
						     fields[k].name);
		count++;
	}
	*ret = fields;
	*ret_count = count;
	return HUB_OK;
}

const char *form_value(const wire_field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(fields[i].name, name))
			return fields[i].value;
	return "";
}
