#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/bench.h"
#include "ctl/policy_load.h"
#include "intake/intake.h"
#include "model/batch.h"
#include "model/quantity.h"
#include "store/device.h"
#include "store/party.h"
#include "store/yardstick.h"

#define QUARTER INT64_C(900000000)

enum { METERS = 4096, BATCHES = 24, WARM = 2 };

typedef struct run {
	bench *b;
	store *db;
	inforce *policies;
	intake *in;
	intake_worker *worker;
	arena memory;
	int64_t party, points[METERS];
	char meters[METERS][16];
	hub_kind kind;
	hub_time from;
	uint64_t next;
	series_row rows[BATCH_RECORDS_MAX];
} run;

static hub_status add_meters(run *r, hub_fault *fault)
{
	const party p = { .code = "bench", .name_zh = "", .name_en = "", .kind = "grid" };
	hub_status st = store_begin(r->db);
	if (st == HUB_OK)
		st = party_put(r->db, &p, &r->party, NULL, fault);
	for (size_t i = 0; st == HUB_OK && i < METERS; i++) {
		char code[16];
		int64_t id;
		bool changed;
		installation at = { .channel = "", .valid_from = r->from - 1000 * QUARTER };
		snprintf(code, sizeof code, "B%zu", i);
		snprintf(r->meters[i], sizeof r->meters[i], "%012zu", i);
		const point_party supplier = { .role = "supplier", .party = r->party };
		const point pt = { .code = code, .commodity = "electricity", .name_zh = "", .name_en = "",
				   .zone = "Asia/Shanghai", .interval = 900, .parties = &supplier, .party_count = 1 };
		const device d = { .party = r->party, .meter = r->meters[i], .maker = "", .model = "", .multiplier = { 1, 0 },
				   .modulus = { 1000000, 0 } };
		st = point_put(r->db, &pt, &r->points[i], NULL, fault);
		if (st == HUB_OK)
			st = device_put(r->db, &d, &at.device, &changed, fault);
		at.point = r->points[i];
		if (st == HUB_OK)
			st = device_install(r->db, &at, &id, &changed, fault);
	}
	return st == HUB_OK ? store_commit(r->db) : st;
}

/* Two quarters of an hour of every meter, as a concentrator sends them; r->rows is the same for COPY. */
static void make_batch(run *r, size_t n, buf *out)
{
	const batch_id id = { "bench", 1, r->next };
	const trace_id trace = trace_new();
	const quantity *q = quantity_find("active_energy_import");
	buf packed = { 0 };
	buf_clear(out);
	batch_head_pack(out, &id, &trace, BATCH_RECORDS_MAX);
	for (size_t i = 0; i < BATCH_RECORDS_MAX; i++) {
		size_t m = i / 2;
		hub_time time = r->from + (hub_time)(2 * n + i % 2 + 1) * QUARTER;
		record rec = { .peer = "192.0.2.7:502", .received = time,
			       .body = { .type = HUB_RECORD_READING,
					 .reading = { r->meters[m], "", q->name, q->unit, r->kind, 0,
						      { (int64_t)(1000 * n + m), 2 }, 0, time } } };
		rec.body.reading.start = r->kind == HUB_INTERVAL ? time - QUARTER : 0;
		buf_clear(&packed);
		record_pack(&packed, &rec);
		batch_record_pack(out, packed.bytes, packed.len);
		r->rows[i] = (series_row){ r->points[m], q->number, (uint8_t)r->kind, "", rec.body.reading.start, time,
					   rec.body.reading.value, 0 };
	}
	r->next += BATCH_RECORDS_MAX;
	out->bad |= packed.bad;
	buf_fini(&packed);
}

static hub_status store_batch(run *r, const buf *bytes, hub_fault *fault)
{
	const intake_source source = { .party = r->party, .numbered = true };
	batch b;
	batch_answer answer;
	arena_reset(&r->memory);
	hub_status st = batch_unpack(bytes->bytes, bytes->len, &r->memory, &b, fault);
	if (st == HUB_OK)
		st = intake_run(r->worker, &source, &b, &r->memory, &answer, NULL);
	if (st == HUB_OK && answer.stored != BATCH_RECORDS_MAX) {
		hub_fault_set(fault, "bench.intake", "", "%u of %d readings were stored", answer.stored, BATCH_RECORDS_MAX);
		st = HUB_FAILED;
	}
	return st;
}

/* Turn about, so that both meet the same disk and the same load. */
static hub_status measure(run *r, const char *name, hub_kind kind, hub_fault *fault)
{
	int64_t ours = 0, theirs = 0, begun;
	buf bytes = { 0 };
	hub_status st = HUB_OK;
	r->kind = kind;
	for (size_t n = 0; st == HUB_OK && n < BATCHES + WARM; n++) {
		make_batch(r, n, &bytes);
		begun = clock_monotonic();
		st = bytes.bad ? HUB_NOMEM : store_batch(r, &bytes, fault);
		ours += n < WARM ? 0 : clock_monotonic() - begun;
		begun = clock_monotonic();
		if (st == HUB_OK)
			st = yardstick_copy(r->db, r->rows, BATCH_RECORDS_MAX, n);
		theirs += n < WARM ? 0 : clock_monotonic() - begun;
	}
	buf_fini(&bytes);
	const double readings = (double)BATCHES * BATCH_RECORDS_MAX * 1e6;
	if (st == HUB_OK)
		bench_report(r->b, name, readings / (double)ours, "readings/s", "COPY of the same rows into an identical table",
			     readings / (double)theirs);
	return st;
}

hub_status bench_intake(bench *b, hub_fault *fault)
{
	static run r;
	const char *conninfo;
	r = (run){ .b = b, .next = 1, .from = (clock_now() / QUARTER - 2 * (BATCHES + WARM) - 1) * QUARTER };
	arena_init(&r.memory, 0);
	hub_status st = bench_database(b, &conninfo, fault);
	if (st == HUB_OK)
		st = store_open(conninfo, &r.db, fault);
	if (st == HUB_OK)
		st = add_meters(&r, fault);
	if (st == HUB_OK)
		st = yardstick_make(r.db);
	if (st == HUB_OK)
		st = policy_installed(bench_ctl(b), &r.policies, fault);
	if (st == HUB_OK)
		st = intake_new(&judge_rules_default, r.policies, &r.in);
	if (st == HUB_OK)
		st = intake_worker_new(r.in, r.db, &r.worker);
	if (st == HUB_OK)
		st = measure(&r, "intake", HUB_INTERVAL, fault);
	if (st == HUB_OK)
		st = measure(&r, "intake-registers", HUB_REGISTER, fault);
	intake_worker_free(r.worker);
	intake_free(r.in);
	inforce_free(r.policies);
	store_close(r.db);
	arena_fini(&r.memory);
	return st;
}
