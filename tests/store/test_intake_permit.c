/* What a party may send is decided at the intake: refused rows say why, and nothing valid beside them is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "consent/grant.h"
#include "intake/replay.h"
#include "store/device.h"
#include "store/migrate.h"
#include "store/party.h"
#include "store/quarantine.h"
#include "support/pg.h"

#define HOUR INT64_C(3600000000)

static pg *cluster;

/*
 * In the transition: a collector (role meter) reads a home's meter that the grid company supplies; a cloud (role
 * third_party) reads a home's appliance, and lights of its own company's.
 */
typedef struct world {
	store *db;
	inforce *policies;
	intake *in;
	intake_worker *worker;
	arena memory;
	int64_t grid, collector, home, cloud, appliance;
	uint64_t next;
	hub_time now;
} world;

static void must(hub_status st, const hub_fault *fault)
{
	if (st != HUB_OK)
		fail_msg("%s: %s", hub_status_name(st), fault->message);
}

static int64_t add_party(store *db, const char *code, const char *kind, const char *role)
{
	hub_fault fault = { 0 };
	party p = { .code = code, .name_zh = "", .name_en = code, .kind = kind, .roles = &role, .role_count = role != NULL };
	int64_t id = 0;
	must(party_put(db, &p, &id, NULL, &fault), &fault);
	return id;
}

static int64_t put_point(store *db, const char *code, const point_party *parties, size_t count)
{
	hub_fault fault = { 0 };
	int64_t id = 0;
	const point p = { .code = code, .commodity = "electricity", .name_zh = "", .name_en = "", .zone = "UTC",
			  .interval = 3600, .parties = parties, .party_count = count };
	must(point_put(db, &p, &id, NULL, &fault), &fault);
	return id;
}

static int64_t add_meter(store *db, int64_t owner, const char *meter, const char *code, const point_party *parties, size_t count)
{
	hub_fault fault = { 0 };
	device d = { .party = owner, .meter = meter, .maker = "", .model = "", .multiplier = { 1, 0 } };
	int64_t id = put_point(db, code, parties, count), device_id = 0, installation_id;
	bool changed;
	must(device_put(db, &d, &device_id, &changed, &fault), &fault);
	installation i = { .device = device_id, .channel = "", .point = id, .valid_from = clock_now() - 1000 * HOUR };
	must(device_install(db, &i, &installation_id, &changed, &fault), &fault);
	return id;
}

static void world_open(world *w)
{
	bool changed;
	hub_fault fault = { 0 };
	*w = (world){ .next = 1, .now = clock_now() / HOUR * HOUR };
	arena_init(&w->memory, 0);
	must(store_open(pg_database(cluster), &w->db, &fault), &fault);
	must(store_migrate(w->db, NULL, &fault), &fault);
	w->grid = add_party(w->db, "grid", "grid", NULL);
	w->collector = add_party(w->db, "collector", "service", "meter");
	w->home = add_party(w->db, "home", "household", "resident");
	w->cloud = add_party(w->db, "cloud", "service", "third_party");
	const point_party of_home[] = { { .role = "supplier", .party = w->grid }, { .role = "occupant", .party = w->home } };
	const point_party of_appliance[] = { { .role = "occupant", .party = w->home }, { .role = "reader", .party = w->cloud } };
	const point_party of_lights[] = { { .role = "owner", .party = w->cloud } };
	add_meter(w->db, w->grid, "g1", "E1", of_home, 2);
	add_meter(w->db, w->collector, "c1", "E2", of_home, 2);
	w->appliance = add_meter(w->db, w->cloud, "a1", "A1", of_appliance, 2);
	add_meter(w->db, w->cloud, "l1", "L1", of_lights, 1);
	must(inforce_new(&w->policies), &fault);
	must(inforce_load(w->policies, "policies", "transition", &changed, &fault), &fault);
	assert_int_equal(intake_new(&judge_rules_default, w->policies, &w->in), HUB_OK);
	assert_int_equal(intake_worker_new(w->in, w->db, &w->worker), HUB_OK);
}

static void world_close(world *w)
{
	intake_worker_free(w->worker);
	intake_free(w->in);
	inforce_free(w->policies);
	arena_fini(&w->memory);
	store_close(w->db);
}

/* A reading of each meter, all of them of this hour; codes of what was refused, NULL where it was stored. */
static batch_answer send(world *w, int64_t sender, const char *source, const char *const *meters, size_t count,
			 const hub_fault **ret)
{
	record r[4];
	intake_outcome outcomes[4] = { 0 };
	batch_answer answer = { 0 };
	const intake_source from = { .party = sender, .numbered = true };
	for (size_t i = 0; i < count; i++)
		r[i] = (record){ .peer = "", .received = w->now,
				 .body = { .type = HUB_RECORD_READING, .raw = (const uint8_t *)"raw", .raw_len = 3,
					   .reading = { meters[i], "", "active_energy_import", "kWh", HUB_INTERVAL, 0,
							{ (int64_t)w->next, 2 }, w->now - HOUR, w->now } } };
	const batch b = { .id = { source, w->next, 1 }, .trace = trace_new(), .records = r, .count = count };
	w->next++;
	assert_int_equal(intake_run(w->worker, &from, &b, &w->memory, &answer, outcomes), HUB_OK);
	for (size_t i = 0; i < count; i++)
		ret[i] = outcomes[i].fault;
	return answer;
}

static const hub_fault *send_one(world *w, int64_t sender, const char *source, const char *meter)
{
	const hub_fault *fault;
	send(w, sender, source, &meter, 1, &fault);
	return fault;
}

static uint64_t grant(world *w)
{
	hub_fault fault = { 0 };
	consent c;
	bool repeated;
	const grant_wish wish = { .point = w->appliance, .grantor = "home", .grantee = "cloud", .purpose = "advice",
				  .by = "operator" };
	must(grant_make(w->db, &wish, clock_now(), &w->memory, &c, &repeated, &fault), &fault);
	return c.id;
}

static void a_meter_that_is_not_attached_sends_nothing_in_the_transition(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	const hub_fault *f = send_one(&w, w.collector, "api", "c1");
	assert_non_null(f);
	assert_string_equal(f->code, "reading.denied");
	assert_non_null(strstr(f->message, "transition.device transition.cedar:"));
	assert_non_null(strstr(f->message, "'collector'"));
	assert_null(send_one(&w, w.collector, "line", "c1"));
	assert_null(send_one(&w, w.grid, "api", "g1"));
	world_close(&w);
}

static void without_a_consent_a_third_partys_row_is_refused_and_its_neighbour_stored(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	static const char *const meters[] = { "a1", "l1" };
	const hub_fault *f[2];
	batch_answer a = send(&w, w.cloud, "api", meters, 2, f);
	assert_non_null(f[0]);
	assert_string_equal(f[0]->code, "reading.denied");
	assert_non_null(strstr(f[0]->message, "no policy lets 'cloud'"));
	assert_null(f[1]);
	assert_int_equal(a.stored, 1);
	assert_int_equal(a.quarantined, 1);
	world_close(&w);
}

static void a_consent_counts_from_the_next_batch_and_so_does_its_withdrawal(void **state)
{
	(void)state;
	world w;
	bool changed;
	world_open(&w);
	assert_non_null(send_one(&w, w.cloud, "api", "a1"));
	uint64_t id = grant(&w);
	assert_null(send_one(&w, w.cloud, "api", "a1"));
	assert_int_equal(consent_withdraw(w.db, id, "home", &changed), HUB_OK);
	assert_non_null(send_one(&w, w.cloud, "api", "a1"));
	world_close(&w);
}

static void what_was_refused_is_replayed_once_it_is_permitted(void **state)
{
	(void)state;
	world w;
	batch_answer a = { 0 };
	hub_fault fault = { 0 };
	quarantine *list;
	size_t count;
	world_open(&w);
	send_one(&w, w.cloud, "api", "a1");
	assert_int_equal(quarantine_list(w.db, &(quarantine_filter){ .party = w.cloud }, 0, 10, &w.memory, &list, &count), HUB_OK);
	assert_int_equal(count, 1);
	assert_string_equal(list[0].code, "reading.denied");
	assert_int_equal(intake_replay(w.worker, w.db, list[0].id, NULL, &w.memory, &a, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "reading.denied");
	grant(&w);
	must(intake_replay(w.worker, w.db, list[0].id, NULL, &w.memory, &a, &fault), &fault);
	assert_int_equal(a.stored, 1);
	world_close(&w);
}

/* What is remembered with a binding ends with the role, the party's roles, and the policies that it rests on. */
static void what_is_remembered_ends_with_what_it_rests_on(void **state)
{
	(void)state;
	world w;
	bool changed;
	hub_fault fault = { 0 };
	world_open(&w);
	assert_null(send_one(&w, w.grid, "api", "g1"));
	assert_null(send_one(&w, w.grid, "api", "g1"));
	const point_party ended[] = { { .role = "supplier", .party = w.grid, .valid_to = clock_now() - 1 } };
	put_point(w.db, "E1", ended, 1);
	assert_non_null(send_one(&w, w.grid, "api", "g1"));
	add_party(w.db, "grid", "grid", "grid"); /* its role's own rule permits it everywhere */
	assert_null(send_one(&w, w.grid, "api", "g1"));
	assert_null(send_one(&w, w.collector, "line", "c1"));
	add_party(w.db, "collector", "service", "estate");
	assert_non_null(send_one(&w, w.collector, "line", "c1"));
	assert_non_null(send_one(&w, w.cloud, "api", "a1"));
	assert_null(send_one(&w, w.cloud, "api", "l1"));
	must(inforce_load(w.policies, "policies", "grid-led", &changed, &fault), &fault);
	assert_non_null(send_one(&w, w.cloud, "api", "l1"));
	world_close(&w);
}

static void without_policies_nothing_is_permitted(void **state)
{
	(void)state;
	world w;
	intake *in = NULL;
	world_open(&w);
	intake_worker_free(w.worker);
	assert_int_equal(intake_new(&judge_rules_default, NULL, &in), HUB_OK);
	assert_int_equal(intake_worker_new(in, w.db, &w.worker), HUB_OK);
	const hub_fault *f = send_one(&w, w.grid, "api", "g1");
	assert_non_null(f);
	assert_string_equal(f->code, "reading.denied");
	intake_worker_free(w.worker);
	w.worker = NULL;
	intake_free(in);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_meter_that_is_not_attached_sends_nothing_in_the_transition),
		cmocka_unit_test(without_a_consent_a_third_partys_row_is_refused_and_its_neighbour_stored),
		cmocka_unit_test(a_consent_counts_from_the_next_batch_and_so_does_its_withdrawal),
		cmocka_unit_test(what_was_refused_is_replayed_once_it_is_permitted),
		cmocka_unit_test(what_is_remembered_ends_with_what_it_rests_on),
		cmocka_unit_test(without_policies_nothing_is_permitted),
	};
	cluster = pg_start();
	if (!cluster)
		return 77;
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	pg_stop(cluster);
	return rc;
}
