#include "api/route.h"

#include <string.h>

/* One segment, up to '/' or the end. */
static size_t segment(const char *p)
{
	return strcspn(p, "/");
}

static bool path_matches(const char *template, const char *path, arena *a, const char *values[ROUTE_VALUES])
{
	size_t n = 0;
	while (*template == '/' && *path == '/') {
		size_t t = segment(++template), p = segment(++path);
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

const route *route_find(const route *table, const char *method, const char *path, arena *a,
			const char *ret_values[ROUTE_VALUES], bool *ret_known)
{
	*ret_known = false;
	for (const route *r = table; r->method; r++) {
		if (!path_matches(r->path, path, a, ret_values))
			continue;
		*ret_known = true;
		if (!strcmp(r->method, method))
			return r;
	}
	return NULL;
}
