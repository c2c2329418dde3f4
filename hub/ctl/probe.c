#include "ctl/probe.h"

#include "base/clock.h"
#include "intake/intake.h"
#include "store/device.h"
#include "store/party.h"

#define NAME "hub-probe"

static hub_status make_meter(store *db, int64_t *ret_party, hub_fault *fault)
{
	const party owner = { .code = NAME, .kind = "operator" };
	const point place = { .code = NAME, .commodity = "electricity", .zone = "UTC", .name_zh = "", .name_en = "" };
	int64_t who = 0, where = 0, what = 0, bound = 0;
	hub_status st = party_put(db, &owner, &who, NULL, fault);
	if (st == HUB_OK)
		st = point_put(db, &place, &where, NULL, fault);
	const device meter = { .party = who, .meter = NAME, .maker = "", .model = "", .multiplier = { 1, 0 } };
	if (st == HUB_OK)
		st = device_put(db, &meter, &what, NULL, fault);
	const installation i = { .device = what, .channel = "", .point = where,
				 .valid_from = clock_now() - (int64_t)3600 * 1000000 };
	if (st == HUB_OK)
		st = device_install(db, &i, &bound, NULL, fault);
	if (st == HUB_OK)
		*ret_party = who;
	return st;
}

static hub_status store_one(int64_t who, intake_worker *worker, arena *a, hub_fault *fault)
{
	hub_time now = clock_now();
	record r = {
		.body = { .type = HUB_RECORD_READING,
			  .reading = { .meter = NAME, .channel = "", .quantity = "active_energy_import", .unit = "kWh",
				       .kind = HUB_REGISTER, .value = { 1, 0 }, .time = now } },
		.peer = "", .received = now,
	};
	const batch b = { .id = { .source = NAME, .epoch = (uint64_t)now, .first = 1 }, .trace = trace_new(),
			  .records = &r, .count = 1 };
	const intake_source source = { .party = who, .trial = true, .own = true };
	intake_outcome outcome = { 0 };
	batch_answer answer = { 0 };
	hub_status st = intake_within(worker, &source, &b, a, &answer, &outcome);
	if (st == HUB_OK && answer.stored == 1)
		return HUB_OK;
	hub_fault_set(fault, "probe.refused", "", "a reading of the probe's own meter was not stored (%s): %s",
		hub_status_name(st), outcome.fault ? outcome.fault->message : answer.message ? answer.message : "");
	return st == HUB_OK ? HUB_FAILED : st;
}

hub_status probe_store(store *db, hub_fault *fault)
{
	intake *in = NULL;
	intake_worker *worker = NULL;
	arena a;
	int64_t who = 0;
	arena_init(&a, 0);
	hub_status st = intake_new(&judge_rules_default, NULL, &in);
	if (st == HUB_OK)
		st = intake_worker_new(in, db, &worker);
	if (st == HUB_OK)
		st = store_begin(db);
	if (st == HUB_OK) {
		st = make_meter(db, &who, fault);
		if (st == HUB_OK)
			st = store_one(who, worker, &a, fault);
		store_rollback(db);
	}
	intake_worker_free(worker);
	intake_free(in);
	arena_fini(&a);
	return st;
}
