/*
 * What the second wall costs: the same reads of the registry behind it, as a utility that supplies every home and as one
 * home, and as the core itself; turn about, so that both meet the same load.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/bench_psql.h"
#include "store/consent.h"
#include "store/party.h"
#include "store/point.h"

enum { HOMES = 5000, PAGE = 100, ROUNDS = 2000 };

typedef struct run {
	store *db;
	arena memory;
	int64_t utility, homes[HOMES], points[HOMES];
	int64_t page[PAGE];
	size_t turn;
} run;

static hub_status add_home(run *r, size_t i, hub_fault *fault)
{
	char code[16];
	snprintf(code, sizeof code, "home-%zu", i);
	hub_status st = party_put(r->db, &(party) { .code = code, .name_zh = "", .name_en = "", .kind = "household" },
				  &r->homes[i], NULL, fault);
	const point_party parties[] = { { .role = "supplier", .party = r->utility },
					{ .role = "occupant", .party = r->homes[i] } };
	const point p = { .code = code,
			  .commodity = "water",
			  .name_zh = "",
			  .name_en = "",
			  .zone = "Asia/Shanghai",
			  .interval = 900,
			  .parties = parties,
			  .party_count = 2 };
	return st == HUB_OK ? point_put(r->db, &p, &r->points[i], NULL, fault) : st;
}

static hub_status fill(run *r, hub_fault *fault)
{
	hub_status st = store_begin(r->db);
	if (st == HUB_OK)
		st = party_put(r->db, &(party) { .code = "water", .name_zh = "", .name_en = "", .kind = "utility" },
			       &r->utility, NULL, fault);
	for (size_t i = 0; st == HUB_OK && i < HOMES; i++)
		st = add_home(r, i, fault);
	return st == HUB_OK ? store_commit(r->db) : st;
}

/* Each reads so many rows and no fewer. */
static hub_status read_page(run *r)
{
	point *list;
	size_t count = 0;
	for (size_t i = 0; i < PAGE; i++)
		r->page[i] = r->points[(r->turn * PAGE + i) % HOMES];
	hub_status st = point_by_ids(r->db, r->page, PAGE, &r->memory, &list, &count);
	return st == HUB_OK && count != PAGE ? HUB_MISSING : st;
}

static hub_status read_own(run *r)
{
	point *list;
	size_t count = 0;
	hub_status st = point_by_ids(r->db, &r->points[r->turn % HOMES], 1, &r->memory, &list, &count);
	return st == HUB_OK && count != 1 ? HUB_MISSING : st;
}

static hub_status read_party(run *r)
{
	party p;
	return party_by_id(r->db, r->homes[r->turn % HOMES], &r->memory, &p);
}

static hub_status read_nothing(run *r)
{
	(void)r;
	return HUB_OK;
}

/* µs of `what` done as this party (0: the core); at: it is asked as whom, which is timed too if nothing is read. */
static hub_status timed(run *r, int64_t as, hub_status (*what)(run *), int64_t *took)
{
	bool only = what == read_nothing;
	int64_t begun = clock_monotonic();
	hub_status st = store_as(r->db, as, false);
	if (!only)
		begun = clock_monotonic();
	if (st == HUB_OK)
		st = what(r);
	if (st == HUB_OK && only)
		st = store_as(r->db, 0, false);
	*took += clock_monotonic() - begun;
	arena_reset(&r->memory);
	return st;
}

static hub_status compare(bench *b, run *r, const char *name, bool own, hub_status (*what)(run *))
{
	int64_t behind = 0, before = 0;
	hub_status st = HUB_OK;
	for (r->turn = 0; st == HUB_OK && r->turn < ROUNDS; r->turn++) {
		st = timed(r, own ? r->homes[r->turn % HOMES] : r->utility, what, &behind);
		if (st == HUB_OK)
			st = timed(r, 0, what, &before);
	}
	if (st == HUB_OK)
		bench_report(b, name, (double)behind / ROUNDS, "us", "the same as the core itself, without the wall",
			     (double)before / ROUNDS);
	return st;
}

hub_status bench_wall(bench *b, hub_fault *fault)
{
	static run r;
	const char *conninfo;
	r = (run) { 0 };
	arena_init(&r.memory, 0);
	hub_status st = bench_database(b, &conninfo, fault);
	if (st == HUB_OK)
		st = store_open(conninfo, &r.db, fault);
	if (st == HUB_OK)
		st = fill(&r, fault);
	/* As a database is that has been there for a minute. */
	if (st == HUB_OK)
		st = bench_psql(conninfo, (const char *const[]) { "set client_min_messages to error", "analyze", NULL }, fault);
	if (st == HUB_OK)
		st = compare(b, &r, "wall-page", false, read_page);
	if (st == HUB_OK)
		st = compare(b, &r, "wall-point", true, read_own);
	if (st == HUB_OK)
		st = compare(b, &r, "wall-party", true, read_party);
	if (st == HUB_OK)
		st = compare(b, &r, "wall-change", true, read_nothing);
	store_close(r.db);
	arena_fini(&r.memory);
	return st;
}
