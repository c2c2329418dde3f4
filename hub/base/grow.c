#include "base/grow.h"

#include <stdint.h>
#include <string.h>

#include "base/fail.h"

/* 0: it does not fit. */
static size_t bigger(size_t cap, size_t size, size_t first)
{
	size_t more = cap ? cap * 2 : first;
	return cap > SIZE_MAX / 2 || more > SIZE_MAX / size ? 0 : more;
}

void *grow(void *list, size_t count, size_t *cap, size_t size, size_t first)
{
	if (count < *cap)
		return list;
	size_t more = bigger(*cap, size, first);
	void *p = more ? fail_realloc(list, more * size) : NULL;
	if (p)
		*cap = more;
	return p;
}

void *arena_grow(arena *a, const void *list, size_t count, size_t *cap, size_t size, size_t first)
{
	if (count < *cap)
		return (void *)list;
	size_t more = bigger(*cap, size, first);
	void *p = more ? arena_array(a, more, size) : NULL;
	if (!p)
		return NULL;
	if (count)
		memcpy(p, list, count * size);
	*cap = more;
	return p;
}
