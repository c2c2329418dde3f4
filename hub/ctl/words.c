#include "ctl/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/json.h"
#include "model/quantity.h"
#include "store/party.h"
#include "store/point.h"

enum { WORDS_MAX = 256 };

static hub_status missing(hub_fault *fault, const char *code, const char *what, const char *name, const char *remedy)
{
	hub_fault_set(fault, code, what, "there is no %s '%.64s'; %s", what, name, remedy);
	return HUB_MISSING;
}

hub_status word_party(store *db, const char *code, arena *a, int64_t *ret, hub_fault *fault)
{
	party p;
	hub_status st = party_by_code(db, code, a, &p);
	if (st == HUB_OK)
		*ret = p.id;
	return st == HUB_MISSING ? missing(fault, "party.unknown", "party", code, "hubctl party list shows them") : st;
}

hub_status word_point(store *db, const char *code, arena *a, int64_t *ret, hub_fault *fault)
{
	point p;
	hub_status st = point_by_code(db, code, a, &p);
	if (st == HUB_OK)
		*ret = p.id;
	return st == HUB_MISSING ? missing(fault, "point.unknown", "point", code, "hubctl point list shows them") : st;
}

hub_status word_quantity(const char *name, uint16_t *ret, hub_fault *fault)
{
	const quantity *q = quantity_find(name);
	if (!q)
		return hub_fault_set(fault, "quantity.unknown", "quantity", "'%.64s' is not in schemas/quantities.json", name);
	*ret = q->number;
	return HUB_OK;
}

hub_status word_time(const char *text, hub_time fallback, hub_time *ret, hub_fault *fault)
{
	char full[64];
	hub_time t = fallback;
	if (text) {
		snprintf(full, sizeof full, "%.40s%s", text, strchr(text, 'T') ? "" : "T00:00:00Z");
		if (!clock_parse(full, strlen(full), &t))
			return hub_fault_set(fault, "word.time", "time",
					     "'%.40s' is no time such as 2026-11-20 or 2026-11-20T08:00:00+08:00", text);
	}
	*ret = t;
	return HUB_OK;
}

hub_status word_value(const char *text, hub_value fallback, hub_value *ret, hub_fault *fault)
{
	hub_value v = fallback;
	if (text && hub_value_parse(text, strlen(text), &v) != HUB_OK)
		return hub_fault_set(fault, "word.value", "value", "'%.40s' is no decimal number", text);
	*ret = v;
	return HUB_OK;
}

hub_status word_number(const char *text, uint64_t fallback, uint64_t *ret, hub_fault *fault)
{
	char *end;
	errno = 0;
	uint64_t n = text ? strtoull(text, &end, 10) : fallback;
	if (text && (*end || end == text || errno || text[0] == '-'))
		return hub_fault_set(fault, "word.number", "number", "'%.40s' is no whole number", text);
	*ret = n;
	return HUB_OK;
}

static const char *file_text(const char *path, arena *a)
{
	FILE *f = fopen(path, "rb");
	buf b = { 0 };
	char piece[4096];
	size_t n;
	while (f && (n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_put(&b, piece, n);
	bool bad = !f || ferror(f) || b.bad;
	if (f)
		fclose(f);
	if (b.len && b.bytes[b.len - 1] == '\n')
		b.len--;
	const char *text = bad ? NULL : arena_strndup(a, (const char *)b.bytes, b.len);
	buf_fini(&b);
	return text;
}

hub_status word_list(int *argc, char **argv, const char *name, arena *a, const char ***ret, size_t *ret_count)
{
	const char **list = arena_array(a, WORDS_MAX, sizeof *list), *text;
	size_t n = 0;
	int bad = 0;
	if (!list)
		return HUB_NOMEM;
	while (n < WORDS_MAX && (text = ctl_take(argc, argv, name, 1, &bad)))
		list[n++] = text;
	if (bad)
		return HUB_REJECT;
	*ret = list;
	*ret_count = n;
	return HUB_OK;
}

hub_status word_pairs(int *argc, char **argv, const char *name, arena *a, hub_setting **ret, size_t *ret_count,
		      hub_fault *fault)
{
	const char **words;
	size_t count;
	hub_status st = word_list(argc, argv, name, a, &words, &count);
	hub_setting *pairs = st == HUB_OK ? arena_array(a, count, sizeof *pairs) : NULL;
	if (!pairs)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t i = 0; i < count; i++) {
		const char *equals = strchr(words[i], '=');
		if (!equals || equals == words[i])
			return hub_fault_set(fault, "word.pair", name, "--%s takes key=value, not '%.64s'", name, words[i]);
		pairs[i].key = arena_strndup(a, words[i], (size_t)(equals - words[i]));
		pairs[i].value = equals[1] == '@' ? file_text(equals + 2, a) : equals + 1;
		if (!pairs[i].value)
			return hub_fault_set(fault, "word.file", name, "the file of '%.128s' cannot be read", words[i]);
		if (!pairs[i].key)
			return HUB_NOMEM;
	}
	*ret = pairs;
	*ret_count = count;
	return HUB_OK;
}

hub_status word_object(const hub_setting *pairs, size_t count, arena *a, const char **ret)
{
	buf b = { 0 };
	buf_u8(&b, '{');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_u8(&b, ',');
		json_write_text(&b, pairs[i].key);
		buf_u8(&b, ':');
		json_write_text(&b, pairs[i].value);
	}
	buf_u8(&b, '}');
	const char *text = b.bad ? NULL : arena_strdup(a, buf_cstr(&b));
	buf_fini(&b);
	if (!text)
		return HUB_NOMEM;
	*ret = text;
	return HUB_OK;
}
