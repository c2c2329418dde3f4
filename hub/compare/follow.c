#include "compare/show.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "compare/peers.h"

enum { PAGE = 4096 };

/* The homes that counted in a round, as they were. */
typedef struct frozen {
	compare_home *homes;
	size_t count, cap;
	const char *names[256], *heatings[256];
	size_t name_count, heating_count;
} frozen;

static uint8_t code_of(const char **list, size_t *count, const char *text, arena *a)
{
	size_t i = 0;
	while (i < *count && strcmp(list[i], text))
		i++;
	if (i == *count && i < 255)
		list[(*count)++] = arena_strdup(a, text);
	return (uint8_t)i;
}

static hub_status take(frozen *f, const comparison_home *h, arena *a)
{
	compare_home *more = grow(f->homes, f->count, &f->cap, sizeof *more, PAGE);
	if (!more)
		return HUB_NOMEM;
	f->homes = more;
	compare_home *to = &f->homes[f->count++];
	*to = (compare_home) { .id = h->account,
			       .x = h->x,
			       .y = h->y,
			       .area = (uint32_t)h->area,
			       .occupied = true,
			       .dwelling = code_of(f->names, &f->name_count, h->dwelling, a),
			       .heating = code_of(f->heatings, &f->heating_count, h->heating, a) };
	for (int c = 0; c < COMPARISON_USES; c++)
		to->use[c] = h->known[c] ? h->use[c] : COMPARE_UNKNOWN;
	return HUB_OK;
}

static hub_status load(store *db, int32_t cycle, int32_t round, frozen *f, arena *names)
{
	int64_t after = 0;
	size_t count = 1;
	hub_status st = HUB_OK;
	while (st == HUB_OK && count) {
		arena a;
		comparison_home *list;
		arena_init(&a, 0);
		st = comparison_homes(db, cycle, round, after, PAGE, &a, &list, &count);
		for (size_t i = 0; st == HUB_OK && i < count; i++) {
			st = take(f, &list[i], names);
			after = list[i].account;
		}
		arena_fini(&a);
	}
	return st;
}

static int by_account(const void *key, const void *element)
{
	int64_t x = *(const int64_t *)key, y = ((const compare_home *)element)->id;
	return (x > y) - (x < y);
}

static hub_status write(const frozen *f, const compare_city *city, size_t at, const comparison *row, compare_scratch *s,
			buf *out)
{
	compare_result got[COMPARE_COMMODITIES];
	int64_t ids[COMPARE_PEERS_MAX];
	size_t count = 0;
	int c = compare_commodity(row->commodity);
	hub_status st = c < 0 ? HUB_FAILED : compare_home_results(city, at, s, got);
	if (st == HUB_OK)
		st = compare_home_peers(city, at, (unsigned)c, s, ids, &count);
	if (st != HUB_OK)
		return st;
	bool same = got[c].peers == (uint32_t)row->peers && got[c].median == row->median &&
		    got[c].efficient == row->efficient && got[c].rank == (uint32_t)row->rank;
	buf_printf(out, "{\"commodity\":\"%s\",\"round\":%d,\"homes\":%zu,\"same\":%s,\"peers\":[", row->commodity,
		   row->round, f->count, same ? "true" : "false");
	for (size_t i = 0; i < count; i++) {
		char text[DECIMAL_TEXT];
		const compare_home *h = bsearch(&ids[i], f->homes, f->count, sizeof *h, by_account);
		buf_printf(out, "%s{\"account\":%lld,\"use\":\"%s\"}", i ? "," : "", (long long)ids[i],
			   decimal_text(decimal_trim(decimal_of(h->use[c], 9)), text));
	}
	buf_text(out, "]}\n");
	return HUB_OK;
}

static hub_status follow(store *db, const billing_account *account, const comparison *row, compare_scratch *s, arena *a,
			 buf *out)
{
	frozen f = { .homes = NULL };
	compare_city *city = NULL;
	hub_status st = load(db, row->cycle, row->round, &f, a);
	if (st == HUB_OK)
		st = compare_city_new(f.homes, f.count, &city);
	const compare_home *me =
	    st == HUB_OK && f.count ? bsearch(&account->id, f.homes, f.count, sizeof *me, by_account) : NULL;
	if (st == HUB_OK)
		st = me ? write(&f, city, (size_t)(me - f.homes), row, s, out) : HUB_FAILED;
	compare_city_free(city);
	free(f.homes);
	return st;
}

hub_status compare_follow(store *db, const billing_account *account, int32_t cycle, arena *a, buf *out)
{
	comparison *list;
	size_t count = 0;
	hub_status st = cycle ? HUB_OK : comparison_newest(db, account->id, &cycle);
	if (st == HUB_OK)
		st = comparison_list(db, &account->id, 1, cycle, a, &list, &count);
	compare_scratch *s = compare_scratch_new();
	if (st == HUB_OK && !s)
		st = HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (!*list[i].reason)
			st = follow(db, account, &list[i], s, a, out);
	compare_scratch_free(s);
	return st;
}
