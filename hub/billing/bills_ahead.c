#include "billing/bills_ahead.h"

#include <stdlib.h>
#include <string.h>

enum { WANTS_MAX = 64, AT_ONCE = 64 };

/* What several parts of a page read alike: one statement reads it for all of their points. */
typedef struct want {
	bills_need need;
	int64_t *points;
	size_t count;
} want;

struct bills_ahead {
	want wants[WANTS_MAX];
	size_t want_count;
	struct bills_held {
		const bills_need *need;
		series_amounts *list;
		size_t count;
	} held[WANTS_MAX * 2];
	size_t held_count;
};

static bool same(const bills_need *x, const bills_need *y)
{
	return x->quantity == y->quantity && x->step == y->step && x->zone == y->zone && x->from == y->from && x->to == y->to;
}

hub_status bills_ahead_new(bills *b, arena *a)
{
	b->ahead = arena_alloc(a, sizeof *b->ahead);
	if (b->ahead) {
		b->ahead->want_count = b->ahead->held_count = 0;
		return HUB_OK;
	}
	return HUB_NOMEM;
}

/* A part whose like there is no room for is read by itself, later. */
hub_status bills_ahead_want(bills *b, const bills_need *need, int64_t place, size_t room, arena *a)
{
	struct bills_ahead *k = b->ahead;
	size_t i = 0;
	while (i < k->want_count && !same(&k->wants[i].need, need))
		i++;
	if (i == WANTS_MAX)
		return HUB_OK;
	if (i == k->want_count) {
		k->wants[i] = (want){ .need = *need, .points = arena_array(a, room, sizeof(int64_t)) };
		if (!k->wants[i].points)
			return HUB_NOMEM;
		k->want_count++;
	}
	if (k->wants[i].count < room)
		k->wants[i].points[k->wants[i].count++] = place;
	return HUB_OK;
}

static int by_id(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return (a > b) - (a < b);
}

hub_status bills_ahead_read(bills *b, arena *a)
{
	struct bills_ahead *k = b->ahead;
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < k->want_count; i++) {
		want *w = &k->wants[i];
		size_t n = 0;
		qsort(w->points, w->count, sizeof *w->points, by_id);
		for (size_t j = 0; j < w->count; j++)
			if (!n || w->points[n - 1] != w->points[j])
				w->points[n++] = w->points[j];
		for (size_t from = 0; st == HUB_OK && from < n && k->held_count < sizeof k->held / sizeof *k->held; from += AT_ONCE) {
			const series_query q = { .points = w->points + from, .point_count = n - from < AT_ONCE ? n - from : AT_ONCE,
						 .quantity = w->need.quantity, .from = w->need.from, .to = w->need.to, .step = w->need.step,
						 .zone = w->need.zone };
			struct bills_held *h = &k->held[k->held_count++];
			h->need = &w->need;
			st = series_read_amounts(b->db, &q, a, &h->list, &h->count);
		}
	}
	return st;
}

bool bills_ahead_find(const bills *b, const bills_need *need, int64_t place, const series_amounts **ret, size_t *ret_count)
{
	for (size_t i = 0; b->ahead && i < b->ahead->held_count; i++) {
		const struct bills_held *h = &b->ahead->held[i];
		if (!same(h->need, need))
			continue;
		size_t low = 0, high = h->count, n = 0;
		while (low < high) {
			size_t mid = (low + high) / 2;
			if (h->list[mid].point < place)
				low = mid + 1;
			else
				high = mid;
		}
		while (low + n < h->count && h->list[low + n].point == place)
			n++;
		if (n) {
			*ret = &h->list[low];
			*ret_count = n;
			return true;
		}
	}
	return false;
}
