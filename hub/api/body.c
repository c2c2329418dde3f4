#include "api/body.h"

#include <string.h>

#include "base/clock.h"

void body_fault(body *b, const char *field, const char *rule)
{
	if (b->status == HUB_OK)
		b->status = request_refuse(b->r, 400, "body.member", field, "'%.64s' %s", field, rule);
}

static bool among(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names != NULL;
}

void body_open(body *b, request *r, const char *const *names)
{
	const char *name;
	json_t *value;
	*b = (body) { .r = r };
	b->status = request_object(r, &b->root);
	json_object_foreach (b->root, name, value)
		if (!among(names, name))
			body_fault(b, name, "is no member here; see GET /v1/openapi.json");
}

void body_close(body *b)
{
	json_decref(b->root);
	b->root = NULL;
}

static const char *clean_text(body *b, const char *name, const json_t *v, size_t max)
{
	const char *text = json_string_value(v);
	if (!text || json_string_length(v) > max) {
		body_fault(b, name, "is missing, no string, or too long");
		return "";
	}
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			body_fault(b, name, "holds a control character");
			return "";
		}
	const char *kept = arena_strdup(b->r->arena, text);
	if (!kept)
		b->status = HUB_NOMEM;
	return kept ? kept : "";
}

const char *body_text(body *b, const char *name, bool needed, size_t max)
{
	const json_t *v = json_object_get(b->root, name);
	if (b->status != HUB_OK || (!v && !needed))
		return "";
	return clean_text(b, name, v, max);
}

const char *const *body_texts(body *b, const char *name, size_t max_count, size_t *ret_count)
{
	const json_t *v = json_object_get(b->root, name), *item;
	size_t i;
	*ret_count = 0;
	if (b->status != HUB_OK || !v)
		return NULL;
	if (!json_is_array(v) || json_array_size(v) > max_count) {
		body_fault(b, name, "is no array, or too long");
		return NULL;
	}
	const char **list = arena_array(b->r->arena, json_array_size(v), sizeof *list);
	if (!list) {
		b->status = HUB_NOMEM;
		return NULL;
	}
	json_array_foreach (v, i, item)
		list[i] = clean_text(b, name, item, 64);
	*ret_count = b->status == HUB_OK ? json_array_size(v) : 0;
	return list;
}

hub_time body_time(body *b, const char *name)
{
	const json_t *v = json_object_get(b->root, name);
	hub_time t = 0;
	if (b->status != HUB_OK || !v || json_is_null(v))
		return 0;
	if (!json_is_string(v) || !clock_parse(json_string_value(v), json_string_length(v), &t))
		body_fault(b, name, "is no time such as 2026-11-20T00:00:00Z");
	return t;
}

bool body_truth(body *b, const char *name)
{
	const json_t *v = json_object_get(b->root, name);
	if (b->status == HUB_OK && v && !json_is_boolean(v))
		body_fault(b, name, "is neither true nor false");
	return json_is_true(v);
}

const json_t *body_object(body *b, const char *name)
{
	const json_t *v = json_object_get(b->root, name);
	if (b->status != HUB_OK || !v)
		return NULL;
	if (!json_is_object(v))
		body_fault(b, name, "is no object");
	return v;
}
