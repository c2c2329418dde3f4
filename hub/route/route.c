#include "route/route.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* One segment, up to '/' or the end. */
static size_t segment(const char *p)
{
	return strcspn(p, "/");
}

static bool takes_rest(const char *template, size_t len)
{
	return len > 2 && template[len - 2] == '*';
}

static bool path_matches(const char *template, const char *path, arena *a, const char *values[ROUTE_VALUES])
{
	size_t n = 0;
	while (*template == '/' && *path == '/') {
		size_t t = segment(++template), p = segment(++path);
		if (takes_rest(template, t))
			p = strlen(path);
		if (*template == '{' && p > 0 && n < ROUTE_VALUES) {
			if (!(values[n++] = arena_strndup(a, path, p)))
				return false;
		} else if (t != p || memcmp(template, path, t)) {
			return false;
		}
		template += t;
		path += p;
	}
	return !*template && !*path;
}

static void allow(char *text, const char *method)
{
	size_t n = strlen(text);
	snprintf(text + n, ROUTE_ALLOW - n, "%s%s", n ? ", " : "", method);
}

/* How much of a template is written out: the more, the more it is meant. */
static size_t weight(const char *template)
{
	return 2 * strcspn(template, "{") + !strchr(template, '*');
}

const route *route_find(const char *method, const char *path, arena *a, const char *ret_values[ROUTE_VALUES],
			char ret_allow[ROUTE_ALLOW])
{
	const char *best = NULL;
	const route *found = NULL;
	ret_allow[0] = 0;
	for (size_t i = 0; i < ROUTE_COUNT; i++) {
		const char *values[ROUTE_VALUES] = { 0 };
		const route *r = &routes[i];
		if (!path_matches(r->path, path, a, values) || (best && weight(r->path) < weight(best)))
			continue;
		if (!best || strcmp(best, r->path)) {
			best = r->path;
			found = NULL;
			ret_allow[0] = 0;
		}
		allow(ret_allow, r->method);
		if (!strcmp(r->method, method)) {
			found = r;
			memcpy(ret_values, values, sizeof values);
		}
	}
	return found;
}

bool route_consumes(const route *r, const char *content_type)
{
	size_t n = strcspn(content_type, "; \t");
	for (const char *const *p = r->consumes; p && *p; p++)
		if (strlen(*p) == n && !strncasecmp(*p, content_type, n))
			return true;
	return false;
}
