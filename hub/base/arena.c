#include "base/arena.h"

#include "base/fail.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	arena_block *next;
	size_t size, used; /* of data; used <= size */
	_Alignas(max_align_t) unsigned char data[];
};

enum { BLOCK_MIN = 16 * 1024, ALIGN = _Alignof(max_align_t) };

void arena_init(arena *a, size_t limit)
{
	*a = (arena){ .limit = limit };
}

void arena_fini(arena *a)
{
	while (a->head) {
		arena_block *next = a->head->next;
		free(a->head);
		a->head = next;
	}
	a->used = a->total = 0;
}

void arena_reset(arena *a)
{
	arena_block *keep = a->head;
	for (arena_block *b = a->head; b; b = b->next)
		if (b->size > keep->size)
			keep = b;
	while (a->head) {
		arena_block *next = a->head->next;
		if (a->head != keep)
			free(a->head);
		a->head = next;
	}
	a->used = 0;
	a->total = keep ? sizeof *keep + keep->size : 0;
	if (keep) {
		keep->next = NULL;
		keep->used = 0;
	}
	a->head = keep;
}

static arena_block *block_add(arena *a, size_t size)
{
	size_t want = a->head ? a->head->size * 2 : BLOCK_MIN;
	if (want > 4u * 1024 * 1024)
		want = 4u * 1024 * 1024;
	if (want < size)
		want = size;
	if (want > SIZE_MAX - sizeof(arena_block))
		return NULL;
	if (a->limit && a->total + sizeof(arena_block) + want > a->limit) {
		want = size;
		if (a->limit < a->total + sizeof(arena_block) ||
		    want > a->limit - a->total - sizeof(arena_block))
			return NULL;
	}
	arena_block *b = fail_malloc(sizeof *b + want);
	if (!b)
		return NULL;
	b->size = want;
	b->used = 0;
	b->next = a->head;
	a->head = b;
	a->total += sizeof *b + want;
	return b;
}

static void *take(arena *a, size_t size)
{
	if (size > SIZE_MAX - ALIGN)
		return NULL;
	size_t need = (size + ALIGN - 1) / ALIGN * ALIGN;
	arena_block *b = a->head;
	if (!b || b->size - b->used < need)
		b = block_add(a, need);
	if (!b)
		return NULL;
	void *p = b->data + b->used;
	b->used += need;
	a->used += need;
	return p;
}

void *arena_alloc(arena *a, size_t size)
{
	void *p = take(a, size);
	if (p)
		memset(p, 0, size);
	return p;
}

void *arena_room(arena *a, size_t count, size_t size)
{
	return size && count > SIZE_MAX / size ? NULL : take(a, count * size);
}

void *arena_array(arena *a, size_t count, size_t size)
{
	return size && count > SIZE_MAX / size ? NULL : arena_alloc(a, count * size);
}

void *arena_memdup(arena *a, const void *bytes, size_t len)
{
	void *p = take(a, len);
	if (p && len)
		memcpy(p, bytes, len);
	return p;
}

char *arena_strndup(arena *a, const char *text, size_t len)
{
	char *p = len == SIZE_MAX ? NULL : arena_alloc(a, len + 1);
	if (p && len)
		memcpy(p, text, len);
	return p;
}

char *arena_strdup(arena *a, const char *text)
{
	return arena_strndup(a, text, text ? strlen(text) : 0);
}

char *arena_printf(arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	char *p = len < 0 ? NULL : arena_alloc(a, (size_t)len + 1);
	if (p)
		vsnprintf(p, (size_t)len + 1, fmt, again);
	va_end(again);
	return p;
}
