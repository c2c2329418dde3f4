/*
 * Heap calls that a test can make fail: `fail_after(k)` lets k allocations through and fails the
 * next one, once. Off (never failing) unless a test switched it on; one thread at a time.
 */
#ifndef BASE_FAIL_H
#define BASE_FAIL_H

#include <stdbool.h>
#include <stddef.h>

void fail_after(long k); /* k < 0: off */
bool fail_was_hit(void); /* since the last fail_after */

void *fail_malloc(size_t size);
void *fail_calloc(size_t count, size_t size);
void *fail_realloc(void *p, size_t size);
char *fail_strdup(const char *text);

#endif
