#include "compare/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "compare/homes.h"

enum { ROWS = 2048 };

/* Rows on their way to the store, so many at a time. */
typedef struct out {
	comparison_home homes[ROWS];
	comparison results[ROWS];
	int64_t parted[ROWS];
	size_t home_count, result_count, parted_count;
} out;

/* Puts those on the plane that are not; the first home with a place sets the plane's latitude, in whole degrees. */
static void place(run *r)
{
	for (size_t i = 0; i < r->count; i++) {
		run_home *h = &r->homes[i];
		if (h->reason || !h->placed)
			continue;
		if (!r->cycle.placed) {
			r->cycle.placed = true;
			r->cycle.lat = h->lat / 10000000 * 10000000;
		}
		compare_plane(r->cycle.lat, h->lon, h->lat, &h->x, &h->y);
	}
}

static hub_status make_city(const run *r, compare_city **ret)
{
	compare_home *homes = fail_calloc(r->count + 1, sizeof *homes);
	if (!homes)
		return HUB_NOMEM;
	for (size_t i = 0; i < r->count; i++) {
		const run_home *h = &r->homes[i];
		homes[i] = (compare_home) { .id = h->account,
					    .x = h->x,
					    .y = h->y,
					    .area = h->area,
					    .dwelling = h->dwelling_code,
					    .heating = h->heating_code,
					    .occupied = !h->reason,
					    .opted_out = h->reason != NULL };
		for (int c = 0; c < COMPARISON_USES; c++)
			homes[i].use[c] = h->use[c].known ? h->use[c].own : COMPARE_UNKNOWN;
	}
	hub_status st = compare_city_new(homes, r->count, ret);
	free(homes);
	return st;
}

static const run_home *home_of(const run *r, int64_t account)
{
	size_t low = 0, high = r->count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (r->homes[mid].account < account)
			low = mid + 1;
		else
			high = mid;
	}
	return &r->homes[low];
}

/* Metres to the farthest peer. */
static hub_status reach(const run *r, const compare_city *city, size_t at, int c, compare_scratch *s, int32_t *ret)
{
	int64_t ids[COMPARE_PEERS_MAX];
	size_t count;
	hub_status st = compare_home_peers(city, at, (unsigned)c, s, ids, &count);
	if (st != HUB_OK || !count)
		return st;
	const run_home *me = &r->homes[at], *far = home_of(r, ids[count - 1]);
	*ret = (int32_t)ceil(hypot((double)far->x - me->x, (double)far->y - me->y));
	return HUB_OK;
}

static comparison result_of(const run *r, const run_home *h, int c, const compare_result *stands)
{
	const home_use *u = &h->use[c];
	comparison row = { .account = h->account,
			   .cycle = r->order->cycle,
			   .round = r->cycle.round,
			   .revision = h->revision,
			   .commodity = compare_commodities[c],
			   .days = (int32_t)(u->covered / (INT64_C(86400000000) / 100)) };
	row.reason = h->reason ? h->reason : u->reason ? u->reason : stands->peers ? "" : "peers";
	if (h->reason || !u->known) {
		row.days = 0;
		return row;
	}
	row.own = u->own;
	row.factor = u->factor;
	if (!*row.reason) {
		row.peers = (int16_t)stands->peers;
		row.rank = (int16_t)stands->rank;
		row.median = stands->median;
		row.efficient = stands->efficient;
	}
	return decimal_to_value(decimal_trim(u->amount), &row.amount) == HUB_OK ? row : (comparison) { .account = 0 };
}

static hub_status flush(const run *r, out *o)
{
	hub_status st = o->parted_count
			    ? comparison_home_part(r->db, r->order->cycle, r->cycle.round, o->parted, o->parted_count)
			    : HUB_OK;
	if (st == HUB_OK && o->home_count)
		st = comparison_home_add(r->db, o->homes, o->home_count);
	if (st == HUB_OK && o->result_count)
		st = comparison_put(r->db, o->results, o->result_count);
	o->parted_count = o->home_count = o->result_count = 0;
	return st;
}

static void write_home(const run *r, const run_home *h, out *o)
{
	bool leaves = h->stored && (h->parted || h->changed);
	if (leaves)
		o->parted[o->parted_count++] = h->account;
	if (h->reason || !h->changed)
		return;
	comparison_home *row = &o->homes[o->home_count++];
	*row = (comparison_home) { .account = h->account,
				   .cycle = r->order->cycle,
				   .joined = r->cycle.round,
				   .revision = h->revision,
				   .premise = h->premise,
				   .dwelling = h->dwelling,
				   .heating = h->heating,
				   .area = (int32_t)h->area,
				   .occupants = h->occupants,
				   .x = h->x,
				   .y = h->y };
	for (int c = 0; c < COMPARISON_USES; c++) {
		row->known[c] = h->use[c].known;
		row->use[c] = h->use[c].known ? h->use[c].own : 0;
	}
}

/* The answers of a home that are wanted, and the reasons that are new. */
static hub_status answer(const run *r, const compare_city *city, size_t at, compare_scratch *s, out *o,
			 compare_tally *t)
{
	const run_home *h = &r->homes[at];
	compare_result stands[COMPARE_COMMODITIES] = { 0 };
	bool any = false;
	for (int c = 0; c < COMPARISON_USES; c++) {
		any |= h->use[c].wanted;
		t->there += h->use[c].answered;
	}
	hub_status st = any && !h->reason ? compare_home_results(city, at, s, stands) : HUB_OK;
	for (int c = 0; st == HUB_OK && c < COMPARISON_USES; c++) {
		if (!h->use[c].wanted)
			continue;
		comparison row = result_of(r, h, c, &stands[c]);
		t->answers += row.account && !*row.reason;
		t->without += !row.account || *row.reason;
		if (!row.account || (*row.reason && h->use[c].before && !strcmp(row.reason, h->use[c].before)))
			continue;
		if (!*row.reason)
			st = reach(r, city, at, c, s, &row.within);
		o->results[o->result_count++] = row;
	}
	return st;
}

static hub_status write_all(run *r, const compare_city *city, compare_tally *t)
{
	compare_scratch *s = compare_scratch_new();
	out *o = fail_malloc(sizeof *o);
	bool news = false;
	hub_status st = s && o ? HUB_OK : HUB_NOMEM;
	if (o)
		o->parted_count = o->home_count = o->result_count = 0;
	r->cycle.round++;
	for (size_t i = 0; st == HUB_OK && i < r->count; i++) {
		write_home(r, &r->homes[i], o);
		st = answer(r, city, i, s, o, t);
		news |= o->parted_count || o->home_count || o->result_count;
		if (st == HUB_OK && (i + 1 == r->count || o->home_count == ROWS || o->parted_count == ROWS ||
				     o->result_count > ROWS - COMPARISON_USES))
			st = flush(r, o);
	}
	r->cycle.round -= !news;
	if (st == HUB_OK && news)
		st = comparison_cycle_set(r->db, &r->cycle);
	compare_scratch_free(s);
	free(o);
	return st;
}

static hub_status run_it(run *r, const compare_order *order, compare_tally *t, hub_fault *fault)
{
	compare_city *city = NULL;
	hub_status st = run_open(r, order, fault);
	if (st == HUB_OK)
		st = run_gather(r, fault);
	if (st == HUB_OK) {
		place(r);
		st = make_city(r, &city);
	}
	if (st == HUB_OK)
		st = write_all(r, city, t);
	compare_city_free(city);
	t->homes = r->count;
	t->round = r->cycle.round;
	return st;
}

hub_status compare_run(store *db, const compare_order *order, compare_tally *ret, hub_fault *fault)
{
	run r = { .db = db };
	*ret = (compare_tally) { 0 };
	hub_status st = store_begin(db);
	if (st != HUB_OK)
		return st;
	st = run_it(&r, order, ret, fault);
	run_close(&r);
	if (st == HUB_OK)
		return store_commit(db);
	store_rollback(db);
	return st;
}
