#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

static long countdown = -1;
static bool hit;

void fail_after(long k)
{
	countdown = k;
	hit = false;
}

bool fail_was_hit(void)
{
	return hit;
}

static bool fails(void)
{
	if (countdown < 0)
		return false;
	hit = countdown == 0;
	countdown--;
	return hit;
}

void *fail_malloc(size_t size)
{
	return fails() ? NULL : malloc(size);
}

void *fail_calloc(size_t count, size_t size)
{
	return fails() ? NULL : calloc(count, size);
}

void *fail_realloc(void *p, size_t size)
{
	return fails() ? NULL : realloc(p, size);
}

char *fail_strdup(const char *text)
{
	return fails() ? NULL : strdup(text);
}
