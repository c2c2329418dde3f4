/*
 * Lists that double. Each call gives the list with room for one more element than `count`: the same one while `*cap`
 * has room, else a bigger one with the elements in it and *cap anew. NULL: no memory; list and *cap stay as they were.
 */
#ifndef BASE_GROW_H
#define BASE_GROW_H

#include "base/arena.h"

/* On the heap. first: how many at the beginning, at least 1; size: of an element, not 0. What is new is not zeroed. */
void *grow(void *list, size_t count, size_t *cap, size_t size, size_t first);
/* In an arena, where the smaller one stays until the reset. What is new is zero. */
void *arena_grow(arena *a, const void *list, size_t count, size_t *cap, size_t size, size_t first);

#endif
