/* What the store's tests share: one cluster a binary, an empty migrated database a test. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/device.h"
#include "store/migrate.h"
#include "store/party.h"
#include "support/pg.h"

static pg *cluster;
static const char *conninfo; /* of the newest database */
static store *db;
static arena mem;
static hub_fault fault;

#define OK(call)                                                                                         \
	do {                                                                                             \
		fault = (hub_fault){ 0 };                                                                \
		hub_status ok_ = (call);                                                                 \
		if (ok_ != HUB_OK)                                                                       \
			fail_msg("%s: %s %s", #call, hub_status_name(ok_), fault.message);               \
	} while (0)

__attribute__((unused)) static store *another(void)
{
	store *more = NULL;
	OK(store_open(conninfo, &more, &fault));
	return more;
}

static int fresh(void **state)
{
	(void)state;
	conninfo = pg_database(cluster);
	OK(store_open(conninfo, &db, &fault));
	OK(store_migrate(db, NULL, &fault));
	arena_init(&mem, 0);
	return 0;
}

static int done(void **state)
{
	(void)state;
	store_close(db);
	arena_fini(&mem);
	return 0;
}

static int start_cluster(void **state)
{
	(void)state;
	cluster = pg_start();
	return 0;
}

static int stop_cluster(void **state)
{
	(void)state;
	pg_stop(cluster);
	return 0;
}

#define store_test(f) cmocka_unit_test_setup_teardown(f, fresh, done)

__attribute__((unused)) static int64_t make_party(const char *code)
{
	int64_t id;
	OK(party_put(db, &(party){ .code = code, .kind = "utility" }, &id, NULL, &fault));
	return id;
}

__attribute__((unused)) static int64_t make_point(const char *code)
{
	int64_t id;
	point p = { .code = code, .commodity = "electricity", .zone = "Asia/Shanghai", .interval = 900 };
	OK(point_put(db, &p, &id, NULL, &fault));
	return id;
}

#endif
