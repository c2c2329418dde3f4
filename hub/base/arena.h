/*
 * Memory of one batch: allocate freely, free nothing, reset once. Not shared between threads.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

typedef struct arena_block arena_block;

typedef struct arena {
	arena_block *head;  /* block being filled; NULL before the first allocation */
	size_t used, total; /* bytes handed out since the reset; bytes held from the heap */
	size_t limit;       /* 0: none; else total never passes it */
} arena;

/* Embedded; needs no memory. limit: most bytes it may hold, 0 for no bound. */
void arena_init(arena *a, size_t limit);
void arena_fini(arena *a);

/* Forgets all allocations and keeps one block, the largest, for the next batch. */
void arena_reset(arena *a);

/* Zeroed, aligned for any type; NULL when memory or the limit is reached. size 0 gives a pointer. */
void *arena_alloc(arena *a, size_t size);
/* The same, not zeroed: for what is written over whole at once. */
void *arena_room(arena *a, size_t count, size_t size);
/* count × size, NULL also when the product overflows. */
void *arena_array(arena *a, size_t count, size_t size);
/* Copies, NUL-terminated. NULL text gives "". */
char *arena_strdup(arena *a, const char *text);
char *arena_strndup(arena *a, const char *text, size_t len);
void *arena_memdup(arena *a, const void *bytes, size_t len);
char *arena_printf(arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
