#include "portal.h"

#include <stdio.h>
#include <string.h>

#include "base/embed.h"

extern const hub_embedded portal_plain[], portal_packed[];
extern const size_t portal_plain_count;

static const struct {
	const char *ending, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
};

/* Its place in both tables, portal_plain_count if there is none. */
static size_t find(const char *path)
{
	const char *name = !strcmp(path, "/") ? "index.html" : path + 1;
	size_t i = 0;
	while (i < portal_plain_count && strcmp(portal_plain[i].name, name))
		i++;
	return i;
}

bool portal_has(const char *path)
{
	return find(path) < portal_plain_count;
}

static const char *type_of(const char *name)
{
	const char *ending = strrchr(name, '.');
	for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++)
		if (!strcmp(ending, types[i].ending))
			return types[i].type;
	return "application/octet-stream";
}

/* Tells versions apart; an attacker gains nothing by two files of one tag. */
static void tag_of(const hub_embedded *file, bool packed, char ret[32])
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < file->len; i++)
		h = (h ^ (uint8_t)file->bytes[i]) * UINT64_C(1099511628211);
	snprintf(ret, 32, "\"%016llx%s\"", (unsigned long long)h, packed ? "z" : "");
}

hub_status portal_reply(const char *path, const char *accept_encoding, const char *if_none_match, arena *a,
			wire_reply *ret)
{
	char tag[32];
	size_t i = find(path), n = 0;
	if (i == portal_plain_count)
		return HUB_MISSING;
	bool packed = strstr(accept_encoding, "gzip") != NULL;
	const hub_embedded *file = packed ? &portal_packed[i] : &portal_plain[i];
	wire_field *fields = arena_array(a, 4, sizeof *fields);
	tag_of(file, packed, tag);
	const char *etag = arena_strdup(a, tag);
	if (!fields || !etag)
		return HUB_NOMEM;
	fields[n++] = (wire_field){ "etag", etag };
	fields[n++] = (wire_field){ "cache-control", "no-cache" };
	fields[n++] = (wire_field){ "vary", "accept-encoding" };
	if (packed)
		fields[n++] = (wire_field){ "content-encoding", "gzip" };
	bool known = strstr(if_none_match, etag) != NULL;
	*ret = (wire_reply){ .status = known ? 304 : 200, .content_type = known ? "" : type_of(portal_plain[i].name), .headers = fields,
			     .header_count = n, .continuation = "", .body = (const uint8_t *)file->bytes,
			     .body_len = known ? 0 : file->len };
	return HUB_OK;
}
