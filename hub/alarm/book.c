#include "alarm/book.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "store/epoch.h"

enum { BOOK_BYTES = 256 * 1024 * 1024, BOOK_FIRST = 1024, ANY = 1 };

typedef struct page {
	int64_t point; /* 0: free */
	const alarm_rule *rules;
	size_t count;
} page;

struct alarm_book {
	pthread_mutex_t lock; /* over all below */
	int64_t epoch;
	bool empty, known; /* known: empty is of this epoch */
	arena memory;
	page *pages; /* open addressing; used <= size / 2 */
	size_t size, used;
};

hub_status alarm_book_new(alarm_book **ret)
{
	alarm_book *b = fail_calloc(1, sizeof *b);
	if (!b)
		return HUB_NOMEM;
	pthread_mutex_init(&b->lock, NULL);
	arena_init(&b->memory, 0);
	b->epoch = -1;
	*ret = b;
	return HUB_OK;
}

void alarm_book_free(alarm_book *b)
{
	if (!b)
		return;
	arena_fini(&b->memory);
	pthread_mutex_destroy(&b->lock);
	free(b->pages);
	free(b);
}

static void begin_epoch(alarm_book *b, int64_t epoch)
{
	if (b->epoch == epoch && b->memory.used < BOOK_BYTES)
		return;
	arena_reset(&b->memory);
	if (b->pages)
		memset(b->pages, 0, b->size * sizeof *b->pages);
	b->used = 0;
	b->epoch = epoch;
	b->known = false;
}

/* Where it is, or the free place where it would be. size > 0. */
static page *place(page *pages, size_t size, int64_t point)
{
	size_t i = (size_t)((uint64_t)point * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (size - 1);
	while (pages[i].point && pages[i].point != point)
		i = (i + 1) & (size - 1);
	return &pages[i];
}

static hub_status grow(alarm_book *b)
{
	size_t size = b->size ? b->size * 2 : BOOK_FIRST;
	page *pages = fail_calloc(size, sizeof *pages);
	if (!pages)
		return HUB_NOMEM;
	for (size_t i = 0; i < b->size; i++)
		if (b->pages[i].point)
			*place(pages, size, b->pages[i].point) = b->pages[i];
	free(b->pages);
	b->pages = pages;
	b->size = size;
	return HUB_OK;
}

/* A rule as the judge needs it; what people wrote stays in the database. */
static hub_status copy(arena *a, const alarm_rule *from, alarm_rule *to)
{
	*to = *from;
	to->kind = arena_strdup(a, from->kind);
	to->standing = arena_strdup(a, from->standing);
	to->channel = arena_strdup(a, from->channel);
	to->severity = arena_strdup(a, from->severity);
	to->subject = arena_strdup(a, from->subject);
	to->set_by = to->approved_by = "";
	return to->kind && to->standing && to->channel && to->severity && to->subject ? HUB_OK : HUB_NOMEM;
}

static hub_status keep(alarm_book *b, int64_t point, const alarm_rule *rules, size_t count)
{
	if (b->used * 2 >= b->size && grow(b) != HUB_OK)
		return HUB_NOMEM;
	page *p = place(b->pages, b->size, point);
	if (p->point)
		return HUB_OK; /* somebody else was faster */
	alarm_rule *kept = arena_array(&b->memory, count, sizeof *kept);
	hub_status st = kept || !count ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = copy(&b->memory, &rules[i], &kept[i]);
	if (st != HUB_OK)
		return st;
	*p = (page) { point, kept, count };
	b->used++;
	return HUB_OK;
}

/* rules: of all the points, by point. What was loaded under an older epoch is not kept. */
static hub_status keep_all(alarm_book *b, int64_t epoch, const int64_t *points, size_t count, const alarm_rule *rules,
			   size_t rule_count)
{
	hub_status st = HUB_OK;
	pthread_mutex_lock(&b->lock);
	for (size_t i = 0, r = 0, n; st == HUB_OK && b->epoch == epoch && i < count; i++, r += n) {
		while (r < rule_count && rules[r].point < points[i])
			r++;
		for (n = 0; r + n < rule_count && rules[r + n].point == points[i]; n++)
			;
		st = keep(b, points[i], rules + r, n);
	}
	pthread_mutex_unlock(&b->lock);
	return st;
}

typedef struct found {
	alarm_rule *rules;
	size_t count, size;
	int64_t *missing;
	size_t missing_count;
} found;

static hub_status add(found *f, const alarm_rule *rules, size_t count, arena *a)
{
	if (f->count + count > f->size) {
		size_t size = (f->count + count) * 2;
		alarm_rule *longer = arena_array(a, size, sizeof *longer);
		if (!longer)
			return HUB_NOMEM;
		if (f->count)
			memcpy(longer, f->rules, f->count * sizeof *longer);
		f->rules = longer;
		f->size = size;
	}
	for (size_t i = 0; i < count; i++)
		if (copy(a, &rules[i], &f->rules[f->count++]) != HUB_OK)
			return HUB_NOMEM;
	return HUB_OK;
}

static hub_status look(alarm_book *b, int64_t epoch, const int64_t *points, size_t count, arena *a, found *f)
{
	hub_status st = HUB_OK;
	f->missing = arena_array(a, count, sizeof *f->missing);
	if (!f->missing)
		return HUB_NOMEM;
	pthread_mutex_lock(&b->lock);
	begin_epoch(b, epoch);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const page *p = b->size ? place(b->pages, b->size, points[i]) : NULL;
		if (p && p->point)
			st = p->count ? add(f, p->rules, p->count, a) : HUB_OK;
		else
			f->missing[f->missing_count++] = points[i];
	}
	pthread_mutex_unlock(&b->lock);
	return st;
}

static int by_point(const void *a, const void *b)
{
	const alarm_rule *x = a, *y = b;
	if (x->point != y->point)
		return x->point < y->point ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

hub_status alarm_book_at(alarm_book *b, store *db, const int64_t *points, size_t count, arena *a, alarm_rule **ret,
			 size_t *ret_count)
{
	int64_t epoch;
	found f = { 0 };
	alarm_rule *loaded = NULL;
	size_t loaded_count = 0;
	hub_status st = epoch_get(db, "alarm", &epoch);
	if (st == HUB_OK)
		st = look(b, epoch, points, count, a, &f);
	if (st == HUB_OK && f.missing_count)
		st = alarm_rules_at(db, f.missing, f.missing_count, a, &loaded, &loaded_count);
	if (st == HUB_OK && f.missing_count)
		st = keep_all(b, epoch, f.missing, f.missing_count, loaded, loaded_count);
	if (st == HUB_OK && loaded_count) {
		st = add(&f, loaded, loaded_count, a);
		qsort(f.rules, f.count, sizeof *f.rules, by_point);
	}
	*ret = f.rules;
	*ret_count = f.count;
	return st;
}

hub_status alarm_book_empty(alarm_book *b, store *db, bool *ret)
{
	int64_t epoch;
	bool known;
	alarm_rule *rules;
	size_t count = 0;
	arena a;
	hub_status st = epoch_get(db, "alarm", &epoch);
	if (st != HUB_OK)
		return st;
	pthread_mutex_lock(&b->lock);
	begin_epoch(b, epoch);
	known = b->known;
	*ret = b->empty;
	pthread_mutex_unlock(&b->lock);
	if (known)
		return HUB_OK;
	arena_init(&a, 0);
	st = alarm_rule_list(db, 0, 0, 0, ANY, &a, &rules, &count);
	arena_fini(&a);
	pthread_mutex_lock(&b->lock);
	if (st == HUB_OK && b->epoch == epoch) {
		b->empty = !count;
		b->known = true;
	}
	pthread_mutex_unlock(&b->lock);
	*ret = !count;
	return st;
}
