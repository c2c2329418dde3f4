#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "intake/replay.h"
#include "model/quantity.h"
#include "store/announcement.h"
#include "store/device.h"
#include "store/message.h"
#include "store/migrate.h"
#include "store/party.h"
#include "store/receipt.h"
#include "store/series.h"
#include "support/pg.h"

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static pg *cluster;

/* A database with a grid company whose meter 0001 measures point E1, and a water company with 7001 at W1. */
typedef struct world {
	store *db;
	inforce *policies;
	intake *in;
	intake_worker *worker;
	arena memory;
	int64_t grid, water, e1, w1;
	hub_time now;
	uint64_t epoch, next;
} world;

static void must(hub_status st, const hub_fault *fault)
{
	if (st != HUB_OK)
		fail_msg("%s: %s", hub_status_name(st), fault->message);
}

static int64_t add_party(store *db, const char *code)
{
	hub_fault fault = { 0 };
	party p = { .code = code, .name_zh = "", .name_en = code, .kind = "utility" };
	int64_t id = 0;
	must(party_put(db, &p, &id, NULL, &fault), &fault);
	return id;
}

static int64_t add_meter(store *db, int64_t owner, const char *meter, const char *code, const char *commodity)
{
	hub_fault fault = { 0 };
	const point_party operator = { .role = "operator", .party = owner };
	point p = { .code = code, .commodity = commodity, .name_zh = "", .name_en = "", .zone = "Asia/Shanghai",
		    .interval = 3600, .parties = &operator, .party_count = 1 };
	device d = { .party = owner, .meter = meter, .maker = "", .model = "", .multiplier = { 1, 0 },
		     .modulus = { 1000000, 0 } };
	int64_t id = 0, device_id = 0, installation_id;
	bool changed;
	must(point_put(db, &p, &id, NULL, &fault), &fault);
	must(device_put(db, &d, &device_id, &changed, &fault), &fault);
	installation i = { .device = device_id, .channel = "", .point = id, .valid_from = clock_now() - 1000 * DAY };
	must(device_install(db, &i, &installation_id, &changed, &fault), &fault);
	return id;
}

static void world_open(world *w)
{
	bool changed;
	hub_fault fault = { 0 };
	memset(w, 0, sizeof *w);
	must(store_open(pg_database(cluster), &w->db, &fault), &fault);
	must(store_migrate(w->db, NULL, &fault), &fault);
	w->grid = add_party(w->db, "grid");
	w->water = add_party(w->db, "water");
	w->e1 = add_meter(w->db, w->grid, "0001", "E1", "electricity");
	w->w1 = add_meter(w->db, w->water, "7001", "W1", "water");
	must(inforce_new(&w->policies), &fault);
	must(inforce_load(w->policies, "policies", "transition", &changed, &fault), &fault);
	assert_int_equal(intake_new(&judge_rules_default, w->policies, &w->in), HUB_OK);
	assert_int_equal(intake_worker_new(w->in, w->db, &w->worker), HUB_OK);
	arena_init(&w->memory, 0);
	w->now = clock_now() / HOUR * HOUR;
	w->epoch = 1;
	w->next = 1;
}

static void world_close(world *w)
{
	intake_worker_free(w->worker);
	intake_free(w->in);
	inforce_free(w->policies);
	arena_fini(&w->memory);
	store_close(w->db);
}

static record reading_of(const world *w, const char *meter, hub_kind kind, int64_t digits, hub_time time)
{
	return (record){ .peer = "test", .received = w->now,
			 .body = { .type = HUB_RECORD_READING, .raw = (const uint8_t *)"raw", .raw_len = 3,
				   .reading = { meter, "", "active_energy_import", "kWh", kind, 0, { digits, 2 },
						kind == HUB_INTERVAL ? time - HOUR : 0, time } } };
}

static batch batch_of(const world *w, record *records, size_t count)
{
	batch b = { .id = { "i1", w->epoch, w->next }, .trace = trace_new(), .records = records, .count = count };
	for (size_t i = 0; i < count && records[i].body.type == HUB_RECORD_READING; i++)
		b.digest[i % 32] ^= (uint8_t)(records[i].body.reading.value.digits * 31 + records[i].body.reading.time);
	return b;
}

static batch_answer run(world *w, const batch *b, hub_status want)
{
	intake_source source = { .party = w->grid, .numbered = true };
	batch_answer answer = { 0 };
	hub_status st = intake_run(w->worker, &source, b, &w->memory, &answer, NULL);
	if (st != want)
		fail_msg("%s: %s", hub_status_name(st), answer.message ? answer.message : "");
	if (st == HUB_OK)
		w->next = b->id.first + b->count > w->next ? b->id.first + b->count : w->next;
	return answer;
}

static size_t stored_rows(world *w, uint64_t receipt_id, series_item **ret)
{
	size_t count = 0, next;
	assert_int_equal(series_of_receipt(w->db, receipt_id, 0, 1000, &w->memory, ret, &count, &next), HUB_OK);
	return count;
}

static void each_bad_reading_has_its_code_and_its_neighbours_are_stored(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	record cases[] = {
		reading_of(&w, "0001", HUB_REGISTER, 100, w.now - 2 * HOUR), reading_of(&w, "9999", HUB_REGISTER, 1, w.now),
		reading_of(&w, "7001", HUB_REGISTER, 1, w.now),              reading_of(&w, "0001", HUB_REGISTER, 1, w.now),
		reading_of(&w, "0001", HUB_REGISTER, 1, w.now + 6 * MINUTE), reading_of(&w, "0001", HUB_REGISTER, 1, 1),
		reading_of(&w, "0001", HUB_REGISTER, 1, w.now),              reading_of(&w, "0001", HUB_STATE, 1, w.now),
		reading_of(&w, "0001", HUB_REGISTER, 1, w.now),              reading_of(&w, "0001", HUB_REGISTER, 1, 0),
		reading_of(&w, "0001", HUB_REGISTER, 1, w.now - 1050 * DAY), reading_of(&w, "0001", HUB_REGISTER, 200, w.now),
	};
	cases[3].body.reading.unit = "m3";
	cases[6].body.reading.quantity = "nonsense";
	cases[7].body.reading.value.scale = 0;
	cases[8].body.reading.quantity = "water_volume";
	cases[8].body.reading.unit = "m3";
	static const char *const codes[] = { NULL, "reading.unknown_meter", "reading.wrong_party", "reading.unit",
					     "reading.future", "reading.ancient", "reading.unknown_quantity", "reading.kind",
					     "reading.commodity", "reading.no_time", "reading.not_installed", NULL };
	enum { COUNT = sizeof cases / sizeof cases[0] };
	batch b = batch_of(&w, cases, COUNT);
	batch_answer a = run(&w, &b, HUB_OK);
	assert_int_equal(a.stored, 2);
	assert_int_equal(a.quarantined, COUNT - 2);
	assert_int_equal(a.duplicates, 0);
	quarantine *q;
	size_t n;
	quarantine_filter filter = { .receipt = a.receipt };
	assert_int_equal(quarantine_list(w.db, &filter, 0, 100, &w.memory, &q, &n), HUB_OK);
	assert_int_equal(n, COUNT - 2);
	for (size_t i = 0; i < n; i++) {
		const char *want = codes[q[i].sequence - 1];
		if (!want || strcmp(want, q[i].code))
			fail_msg("record %d: %s, %s", (int)q[i].sequence, q[i].code, q[i].message);
		quarantine full;
		record r;
		assert_int_equal(quarantine_get(w.db, q[i].id, false, &w.memory, &full), HUB_OK);
		assert_int_equal(full.raw_len, 3);
		assert_memory_equal(full.raw, "raw", 3);
		assert_int_equal(record_unpack(full.record, full.record_len, &w.memory, &r), HUB_OK);
		assert_string_equal(r.body.reading.meter, cases[q[i].sequence - 1].body.reading.meter);
	}
	series_item *rows;
	assert_int_equal(stored_rows(&w, a.receipt, &rows), 2);
	assert_int_equal(rows[0].row.point, w.e1);
	assert_int_equal(rows[0].row.value.digits, 100);
	assert_int_equal(rows[1].row.value.digits, 200);
	world_close(&w);
}

static void a_repeated_batch_is_answered_as_the_first_time(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	record r[] = { reading_of(&w, "0001", HUB_REGISTER, 100, w.now), reading_of(&w, "9999", HUB_REGISTER, 1, w.now) };
	batch b = batch_of(&w, r, 2);
	batch_answer first = run(&w, &b, HUB_OK), again = run(&w, &b, HUB_OK);
	assert_int_equal(again.receipt, first.receipt);
	assert_int_equal(again.stored, 1);
	assert_int_equal(again.quarantined, 1);
	uint64_t open;
	assert_int_equal(quarantine_count(w.db, &open), HUB_OK);
	assert_int_equal(open, 1);
	b.digest[0] ^= 1;
	batch_answer other = run(&w, &b, HUB_CONFLICT);
	assert_non_null(strstr(other.message, "other content"));
	world_close(&w);
}

/* After a restart the journal cuts its batches elsewhere. */
static void a_batch_cut_differently_stores_the_rest(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	record r[6];
	for (int i = 0; i < 6; i++)
		r[i] = reading_of(&w, "0001", HUB_REGISTER, 100 + i, w.now - (6 - i) * HOUR);
	batch b = batch_of(&w, r, 4);
	assert_int_equal(run(&w, &b, HUB_OK).stored, 4);
	b = batch_of(&w, r + 2, 4);
	b.id.first = 3;
	batch_answer a = run(&w, &b, HUB_OK);
	assert_int_equal(a.stored, 2);
	receipt rec;
	assert_int_equal(receipt_by_id(w.db, a.receipt, &w.memory, &rec), HUB_OK);
	assert_int_equal(rec.first, 5);
	assert_int_equal(rec.count, 2);
	b.id.first = 8;
	assert_non_null(strstr(run(&w, &b, HUB_CONFLICT).message, "lost"));
	b.count = 0;
	run(&w, &b, HUB_REJECT);
	world_close(&w);
}

static void the_same_value_is_a_duplicate_and_another_a_version(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	record r[] = { reading_of(&w, "0001", HUB_INTERVAL, 100, w.now), reading_of(&w, "0001", HUB_INTERVAL, 100, w.now) };
	batch b = batch_of(&w, r, 2);
	batch_answer a = run(&w, &b, HUB_OK);
	assert_int_equal(a.stored, 1);
	assert_int_equal(a.duplicates, 1);
	r[0].body.reading.value.digits = 101;
	b = batch_of(&w, r, 1);
	a = run(&w, &b, HUB_OK);
	assert_int_equal(a.stored, 1);
	series_item *rows;
	assert_int_equal(stored_rows(&w, a.receipt, &rows), 1);
	assert_int_equal(rows[0].version, 1);
	world_close(&w);
}

static uint32_t flags_at(world *w, hub_time time)
{
	series_item *items;
	size_t n;
	hub_fault fault;
	series_cursor cursor = { "" };
	series_query q = { .points = &w->e1, .point_count = 1,
			   .quantity = quantity_find("active_energy_import")->number, .from = time, .to = time + 1,
			   .step = SERIES_RAW, .limit = 10 };
	assert_int_equal(series_read(w->db, &q, &cursor, &w->memory, &items, &n, &fault), HUB_OK);
	assert_int_equal(n, 1);
	assert_int_equal(items[0].reason_count, __builtin_popcount(items[0].row.flags));
	if (items[0].reason_count)
		assert_non_null(strstr(items[0].reasons[0], "before it was"));
	return items[0].row.flags;
}

/* Within a batch, across batches, between older rows, and out of order. */
static void a_register_is_held_against_the_one_before(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	record r[] = { reading_of(&w, "0001", HUB_REGISTER, 1000, w.now - 9 * HOUR),
		       reading_of(&w, "0001", HUB_REGISTER, 900, w.now - 7 * HOUR),
		       reading_of(&w, "0001", HUB_REGISTER, 3000, w.now - 5 * HOUR) };
	batch b = batch_of(&w, r, 3);
	run(&w, &b, HUB_OK);
	assert_int_equal(flags_at(&w, w.now - 9 * HOUR), 0);
	assert_int_equal(flags_at(&w, w.now - 7 * HOUR), HUB_DECREASE);
	assert_int_equal(flags_at(&w, w.now - 5 * HOUR), 0);
	record between[] = { reading_of(&w, "0001", HUB_REGISTER, 2999, w.now - 4 * HOUR),
			     reading_of(&w, "0001", HUB_REGISTER, 950, w.now - 8 * HOUR),
			     reading_of(&w, "0001", HUB_REGISTER, 950, w.now - 6 * HOUR) };
	b = batch_of(&w, between, 3);
	run(&w, &b, HUB_OK);
	assert_int_equal(flags_at(&w, w.now - 8 * HOUR), HUB_DECREASE);
	assert_int_equal(flags_at(&w, w.now - 6 * HOUR), 0);
	assert_int_equal(flags_at(&w, w.now - 4 * HOUR), HUB_DECREASE);
	record top[] = { reading_of(&w, "0001", HUB_REGISTER, 99999900, w.now - 3 * HOUR),
			 reading_of(&w, "0001", HUB_REGISTER, 100, w.now - 2 * HOUR) };
	b = batch_of(&w, top, 2);
	run(&w, &b, HUB_OK);
	assert_int_equal(flags_at(&w, w.now - 2 * HOUR), HUB_ROLLOVER);
	world_close(&w);
}

/* A future standing is refused and so is no measure for what comes after. */
static void a_refused_register_is_no_measure(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	record r[] = { reading_of(&w, "0001", HUB_REGISTER, 900000, w.now - 2000 * DAY),
		       reading_of(&w, "0001", HUB_REGISTER, 1000, w.now - HOUR) };
	batch b = batch_of(&w, r, 2);
	batch_answer a = run(&w, &b, HUB_OK);
	assert_int_equal(a.quarantined, 1);
	assert_int_equal(flags_at(&w, w.now - HOUR), 0);
	world_close(&w);
}

static void an_event_told_twice_is_stored_once(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	static const hub_setting details[] = { { "phase", "A" } };
	record r[2] = { { .peer = "", .received = w.now } };
	r[0].body = (hub_record){ .type = HUB_RECORD_EVENT, .event = { "0001", "", "power_lost", w.now, false, details, 1 } };
	r[1] = r[0];
	batch b = batch_of(&w, r, 2);
	batch_answer a = run(&w, &b, HUB_OK);
	assert_int_equal(a.stored, 1);
	assert_int_equal(a.duplicates, 1);
	message *m;
	size_t n;
	assert_int_equal(message_of_receipt(w.db, a.receipt, &w.memory, &m, &n), HUB_OK);
	assert_int_equal(n, 1);
	assert_int_equal(m[0].point, w.e1);
	assert_non_null(strstr(m[0].body, "power_lost"));
	world_close(&w);
}

static void an_adapters_refusal_is_kept_with_its_original(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	record r = { .peer = "file", .received = w.now, .fault = { "csv.columns", "row", "row 7 has 3 columns, 4 expected" } };
	r.body = (hub_record){ .type = HUB_RECORD_FAULT, .raw = (const uint8_t *)"a,b,c", .raw_len = 5 };
	batch b = batch_of(&w, &r, 1);
	batch_answer a = run(&w, &b, HUB_OK);
	assert_int_equal(a.quarantined, 1);
	uint64_t backlog;
	hub_time oldest;
	assert_int_equal(announcement_backlog(w.db, &backlog, &oldest), HUB_OK);
	assert_int_equal(backlog, 0);
	world_close(&w);
}

static void what_was_stored_is_announced(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	record r = reading_of(&w, "0001", HUB_REGISTER, 100, w.now);
	batch b = batch_of(&w, &r, 1);
	run(&w, &b, HUB_OK);
	b = batch_of(&w, &r, 1);
	assert_int_equal(run(&w, &b, HUB_OK).duplicates, 1);
	uint64_t backlog;
	hub_time oldest;
	assert_int_equal(announcement_backlog(w.db, &backlog, &oldest), HUB_OK);
	assert_int_equal(backlog, 1);
	world_close(&w);
}

static uint64_t refused_entry(world *w, const char *meter)
{
	record r = reading_of(w, meter, HUB_REGISTER, 100, w->now);
	batch b = batch_of(w, &r, 1);
	batch_answer a = run(w, &b, HUB_OK);
	assert_int_equal(a.quarantined, 1);
	quarantine *q;
	size_t n;
	quarantine_filter filter = { .receipt = a.receipt };
	assert_int_equal(quarantine_list(w->db, &filter, 0, 100, &w->memory, &q, &n), HUB_OK);
	return q[0].id;
}

static void a_replay_stores_once_the_cause_is_gone(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	uint64_t id = refused_entry(&w, "0002");
	batch_answer a = { 0 };
	hub_fault fault = { 0 };
	assert_int_equal(intake_replay(w.worker, w.db, id, NULL, &w.memory, &a, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "reading.unknown_meter");
	int64_t e2 = add_meter(w.db, w.grid, "0002", "E2", "electricity");
	must(intake_replay(w.worker, w.db, id, NULL, &w.memory, &a, &fault), &fault);
	assert_int_equal(a.stored, 1);
	series_item *rows;
	assert_int_equal(stored_rows(&w, a.receipt, &rows), 1);
	assert_int_equal(rows[0].row.point, e2);
	quarantine q;
	assert_int_equal(quarantine_get(w.db, id, false, &w.memory, &q), HUB_OK);
	assert_int_equal(q.state, QUARANTINE_REPLAYED);
	assert_int_equal(q.replay, a.receipt);
	assert_int_equal(intake_replay(w.worker, w.db, id, NULL, &w.memory, &a, &fault), HUB_CONFLICT);
	assert_int_equal(intake_replay(w.worker, w.db, id + 1000, NULL, &w.memory, &a, &fault), HUB_MISSING);
	world_close(&w);
}

static void a_full_batch_is_stored(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	record *r = arena_array(&w.memory, BATCH_RECORDS_MAX, sizeof *r);
	for (int i = 0; i < BATCH_RECORDS_MAX; i++)
		r[i] = reading_of(&w, "0001", HUB_REGISTER, i, w.now - (BATCH_RECORDS_MAX - i) * MINUTE / 10);
	batch b = batch_of(&w, r, BATCH_RECORDS_MAX);
	assert_int_equal(run(&w, &b, HUB_OK).stored, BATCH_RECORDS_MAX);
	world_close(&w);
}

/* The database goes away in the middle: the batch is sent again and stored once. */
static void a_lost_connection_loses_and_doubles_nothing(void **state)
{
	(void)state;
	world w;
	world_open(&w);
	record r = reading_of(&w, "0001", HUB_REGISTER, 100, w.now);
	batch b = batch_of(&w, &r, 1);
	pg_halt(cluster, SIGKILL);
	run(&w, &b, HUB_AGAIN);
	pg_resume(cluster);
	hub_status st;
	while ((st = store_ready(w.db)) == HUB_AGAIN)
		;
	assert_int_equal(st, HUB_OK);
	assert_int_equal(run(&w, &b, HUB_OK).stored, 1);
	assert_int_equal(run(&w, &b, HUB_OK).stored, 1);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bad_reading_has_its_code_and_its_neighbours_are_stored),
		cmocka_unit_test(a_repeated_batch_is_answered_as_the_first_time),
		cmocka_unit_test(a_batch_cut_differently_stores_the_rest),
		cmocka_unit_test(the_same_value_is_a_duplicate_and_another_a_version),
		cmocka_unit_test(a_register_is_held_against_the_one_before),
		cmocka_unit_test(a_refused_register_is_no_measure),
		cmocka_unit_test(an_event_told_twice_is_stored_once),
		cmocka_unit_test(an_adapters_refusal_is_kept_with_its_original),
		cmocka_unit_test(what_was_stored_is_announced),
		cmocka_unit_test(a_replay_stores_once_the_cause_is_gone),
		cmocka_unit_test(a_full_batch_is_stored),
		cmocka_unit_test(a_lost_connection_loses_and_doubles_nothing),
	};
	cluster = pg_start();
	if (!cluster)
		return 77;
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	pg_stop(cluster);
	return rc;
}
