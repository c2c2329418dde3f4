/* Consents: kept with their receipts, counted only while they hold, gone for every decision once withdrawn. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/clock.h"
#include "consent/grant.h"
#include "model/quantity.h"
#include "rights/rights.h"
#include "store/epoch.h"

#define HOUR (3600 * INT64_C(1000000))
#define DAY (24 * HOUR)

static inforce *policies;
static party cloud, home, water;
static int64_t w12;
static hub_time now;

static void add_party(const char *code, const char *kind, const char *role, party *ret)
{
	int64_t id;
	OK(party_put(
		db, &(party){ .code = code, .kind = kind, .name_zh = "", .name_en = "", .roles = &role, .role_count = 1 },
		&id, NULL, &fault));
	OK(party_by_id(db, id, &mem, ret));
}

static int64_t add_point(const char *code, const char *commodity, int32_t interval, hub_time since, hub_time until)
{
	int64_t id;
	const point_party parties[] = { { "occupant", home.id, since, until }, { "supplier", water.id, 0, 0 } };
	OK(point_put(db,
		     &(point){ .code = code,
				.commodity = commodity,
				.zone = "Asia/Shanghai",
				.interval = interval,
				.name_zh = "",
				.name_en = "",
				.parties = parties,
				.party_count = 2 },
		     &id, NULL, &fault));
	return id;
}

static int begin(void **state)
{
	bool changed;
	fresh(state);
	now = clock_now();
	OK(inforce_new(&policies));
	OK(inforce_load(policies, "policies", "transition", &changed, &fault));
	assert_true(changed);
	add_party("home", "household", "resident", &home);
	add_party("water", "utility", "water", &water);
	add_party("cloud", "service", "third_party", &cloud);
	w12 = add_point("w12", "water", 0, 0, 0);
	return 0;
}

static int end(void **state)
{
	inforce_free(policies);
	return done(state);
}

static grant_wish wish(consent_grain grain)
{
	return (grant_wish){
		.point = w12, .grantor = "home", .grantee = "cloud", .grain = grain, .purpose = "research", .by = "home"
	};
}

static consent grant(const grant_wish *w)
{
	consent c;
	bool repeated;
	OK(grant_make(db, w, now, &mem, &c, &repeated, &fault));
	assert_false(repeated);
	return c;
}

static hub_status refused(const grant_wish *w, const char *code)
{
	consent c;
	bool repeated;
	fault = (hub_fault){ 0 };
	hub_status st = grant_make(db, w, now, &mem, &c, &repeated, &fault);
	assert_string_equal(fault.code ? fault.code : "", code);
	return st;
}

static bool may(const party *who, const char *action, const char *purpose, int64_t point_id, consent_grain grain,
		hub_time time, rights_ruling *ret)
{
	const ruleset *rules = inforce_take(policies);
	const rights_case about = { .db = db,
					.rules = rules,
					.caller = who,
					.action = action,
					.purpose = purpose,
					.now = clock_now(),
					.arena = &mem };
	const rights_row row = { .type = HUB_RECORD_READING,
				 .quantity = quantity_find("water_volume")->number,
				 .sender = water.id,
				 .grain = grain,
				 .time = time };
	rights *r;
	OK(rights_new(&about, &r));
	OK(rights_load(r, &point_id, 1));
	const rights_point *p = rights_of(r, point_id);
	assert_non_null(p);
	OK(rights_ask(r, p, &row, ret));
	inforce_give(policies, rules);
	return ret->allowed;
}

static void only_what_a_consent_covers_is_seen(void **state)
{
	(void)state;
	rights_ruling why;
	static const char *const actions[] = { "read", "receive" };
	for (size_t i = 0; i < 2; i++) {
		assert_true(may(&home, actions[i], NULL, w12, CONSENT_RAW, now, &why));
		assert_true(may(&water, actions[i], NULL, w12, CONSENT_RAW, now, &why));
		assert_int_equal(why.consent, 0);
		assert_false(may(&cloud, actions[i], NULL, w12, CONSENT_MONTH, now, &why));
	}
	grant_wish w = wish(CONSENT_HOUR);
	w.data_from = now - 10 * DAY;
	consent c = grant(&w);
	for (size_t i = 0; i < 2; i++) {
		assert_true(may(&cloud, actions[i], NULL, w12, CONSENT_HOUR, now, &why));
		assert_int_equal(why.consent, c.id);
		assert_non_null(strstr(why.reason, i ? "third_party.receive.consented flow-homes.cedar:"
						     : "point.read.consented points.cedar:"));
		assert_true(may(&cloud, actions[i], "research", w12, CONSENT_DAY, now, &why));
		assert_false(may(&cloud, actions[i], "billing", w12, CONSENT_DAY, now, &why));
		assert_false(may(&cloud, actions[i], NULL, w12, CONSENT_QUARTER, now, &why));
		assert_false(may(&cloud, actions[i], NULL, w12, CONSENT_RAW, now, &why));
		assert_false(may(&cloud, actions[i], NULL, w12, CONSENT_HOUR, now - 11 * DAY, &why));
		assert_true(may(&water, actions[i], NULL, w12, CONSENT_RAW, now - 11 * DAY, &why));
	}
	/* and only at the point that it names */
	int64_t other = add_point("w13", "water", 0, 0, 0);
	assert_false(may(&cloud, "read", NULL, other, CONSENT_MONTH, now, &why));
}

/* A second household at the point is hidden from the grantee by the wall, which must not keep it from what it may see. */
static void whom_the_wall_hides_stops_no_decision(void **state)
{
	(void)state;
	rights_ruling why;
	party lodger;
	add_party("lodger", "household", "resident", &lodger);
	const point_party parties[] = { { "occupant", home.id, 0, 0 }, { "occupant", lodger.id, 0, 0 }, { "supplier", water.id, 0, 0 } };
	int64_t id;
	OK(point_put(db, &(point){ .code = "w12", .commodity = "water", .zone = "Asia/Shanghai", .name_zh = "", .name_en = "",
				   .parties = parties, .party_count = 3 }, &id, NULL, &fault));
	grant_wish w = wish(CONSENT_RAW);
	grant(&w);
	OK(store_as(db, cloud.id, false));
	assert_true(may(&cloud, "receive", NULL, w12, CONSENT_RAW, now, &why));
	assert_true(may(&cloud, "read", "research", w12, CONSENT_RAW, now, &why));
	OK(store_as(db, 0, false));
}

static void a_withdrawn_one_counts_no_more(void **state)
{
	(void)state;
	rights_ruling why;
	grant_wish w = wish(CONSENT_RAW);
	consent c = grant(&w), ended, again;
	int64_t before, after, later;
	OK(epoch_get(db, "consent", &before));
	assert_true(may(&cloud, "receive", NULL, w12, CONSENT_RAW, now, &why));
	OK(grant_withdraw(db, c.id, "home", &mem, &ended));
	OK(epoch_get(db, "consent", &after));
	assert_true(after > before);
	assert_false(may(&cloud, "receive", NULL, w12, CONSENT_RAW, now, &why));
	assert_false(may(&cloud, "read", "research", w12, CONSENT_MONTH, now, &why));
	assert_string_equal(consent_state(&ended, clock_now()), "withdrawn");
	assert_string_equal(ended.withdrawn_by, "home");
	assert_memory_equal(ended.digest, c.digest, sizeof c.digest);
	/* again keeps the first time and tells nobody */
	OK(grant_withdraw(db, c.id, "operator", &mem, &again));
	OK(epoch_get(db, "consent", &later));
	assert_int_equal(later, after);
	assert_int_equal(again.withdrawn, ended.withdrawn);
	assert_string_equal(again.withdrawn_by, "home");
	assert_int_equal(grant_withdraw(db, 999999, "home", &mem, &again), HUB_MISSING);
}

static void it_ends_with_its_time_and_with_the_grantors(void **state)
{
	(void)state;
	rights_ruling why;
	consent_line *lines;
	size_t count;
	grant_wish w = wish(CONSENT_RAW);
	w.valid_from = now - 2 * HOUR;
	w.valid_to = now + HOUR;
	grant(&w);
	OK(consent_lines(db, cloud.id, &w12, 1, NULL, now + HOUR, &mem, &lines, &count));
	assert_int_equal(count, 0);
	OK(consent_lines(db, cloud.id, &w12, 1, NULL, now + HOUR - 1, &mem, &lines, &count));
	assert_int_equal(count, 1);
	OK(consent_lines(db, cloud.id, &w12, 1, NULL, now - 3 * HOUR, &mem, &lines, &count));
	assert_int_equal(count, 0);
	/* who moved in yesterday consents to nothing of the time before */
	add_point("w12", "water", 0, now - DAY, 0);
	assert_true(may(&cloud, "read", NULL, w12, CONSENT_RAW, now, &why));
	assert_false(may(&cloud, "read", NULL, w12, CONSENT_RAW, now - DAY - 1, &why));
	/* and who has moved out consents to nothing at all */
	add_point("w12", "water", 0, now - DAY, now - 1);
	assert_false(may(&cloud, "read", NULL, w12, CONSENT_RAW, now - 2 * HOUR, &why));
}

static void who_may_not_consent_is_refused(void **state)
{
	(void)state;
	grant_wish w = wish(CONSENT_RAW);
	w.grantor = "water";
	assert_int_equal(refused(&w, "consent.grantor"), HUB_REJECT);
	w.grantor = "nobody";
	assert_int_equal(refused(&w, "party.unknown"), HUB_MISSING);
	w = wish(CONSENT_RAW);
	w.grantee = "home";
	assert_int_equal(refused(&w, "consent.self"), HUB_REJECT);
	w = wish(CONSENT_RAW);
	w.purpose = "What for?";
	assert_int_equal(refused(&w, "consent.purpose"), HUB_REJECT);
	w = wish(CONSENT_RAW);
	w.commodity = "coal";
	assert_int_equal(refused(&w, "consent.commodity"), HUB_REJECT);
	w = wish(CONSENT_RAW);
	w.valid_to = now - HOUR;
	w.valid_from = now - 2 * HOUR;
	assert_int_equal(refused(&w, "consent.period"), HUB_REJECT);
	w.valid_to = now + 2000 * DAY;
	assert_int_equal(refused(&w, "consent.period"), HUB_REJECT);
	consent *list;
	size_t count;
	OK(consent_list(db, &(consent_filter){ 0 }, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 0);
}

static void a_key_that_comes_again_makes_one(void **state)
{
	(void)state;
	consent c;
	bool repeated;
	grant_wish w = wish(CONSENT_RAW);
	w.key = "k1";
	w.body = (const uint8_t *)"{}";
	w.body_len = 2;
	consent first = grant(&w);
	OK(grant_make(db, &w, now + HOUR, &mem, &c, &repeated, &fault));
	assert_true(repeated);
	assert_int_equal(c.id, first.id);
	assert_memory_equal(c.digest, first.digest, sizeof c.digest);
	w.body_len = 1;
	assert_int_equal(refused(&w, "call.idempotency"), HUB_CONFLICT);
	consent *list;
	size_t count;
	OK(consent_list(db, &(consent_filter){ .party = cloud.id, .active = true }, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 1);
	OK(consent_list(db, &(consent_filter){ .grantor = cloud.id }, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 0);
}

static void out_of_comparisons_is_the_last_word_of_who_lives_there(void **state)
{
	(void)state;
	int64_t *out;
	size_t count;
	OK(comparison_choose(db, w12, home.id, true));
	OK(comparison_choose(db, w12, home.id, true));
	OK(comparison_out(db, &w12, 1, &mem, &out, &count));
	assert_int_equal(count, 1);
	assert_int_equal(out[0], w12);
	OK(comparison_choose(db, w12, home.id, false));
	OK(comparison_out(db, &w12, 1, &mem, &out, &count));
	assert_int_equal(count, 0);
	OK(comparison_choose(db, w12, home.id, true));
	add_point("w12", "water", 0, now - DAY, now - 1);
	OK(comparison_out(db, &w12, 1, &mem, &out, &count));
	assert_int_equal(count, 0);
}

/* One withdraws while others decide: whoever begins after the withdrawal's answer sees nothing. */
typedef struct racer {
	pthread_t thread;
	store *own;
	atomic_uint_least64_t *gone; /* consents up to this one were withdrawn */
	atomic_bool *stop;
	bool wrong;
	unsigned asked;
} racer;

static void *race(void *user)
{
	racer *r = user;
	arena a;
	arena_init(&a, 0);
	while (!atomic_load(r->stop) && !r->wrong) {
		consent_line *lines;
		size_t count;
		uint64_t gone = atomic_load(r->gone);
		if (consent_lines(r->own, cloud.id, &w12, 1, NULL, clock_now(), &a, &lines, &count) != HUB_OK)
			r->wrong = true;
		for (size_t i = 0; !r->wrong && i < count; i++)
			r->wrong = lines[i].id <= gone;
		r->asked++;
		arena_reset(&a);
	}
	arena_fini(&a);
	return NULL;
}

static void withdrawals_and_decisions_may_race(void **state)
{
	(void)state;
	atomic_uint_least64_t gone = 0;
	atomic_bool stop = false;
	racer racers[3];
	for (size_t i = 0; i < 3; i++) {
		racers[i] = (racer){ .own = another(), .gone = &gone, .stop = &stop };
		assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	}
	grant_wish w = wish(CONSENT_RAW);
	for (int i = 0; i < 60; i++) {
		bool changed;
		consent c = grant(&w);
		OK(consent_withdraw(db, c.id, "home", &changed));
		assert_true(changed);
		atomic_store(&gone, c.id);
	}
	atomic_store(&stop, true);
	for (size_t i = 0; i < 3; i++) {
		pthread_join(racers[i].thread, NULL);
		store_close(racers[i].own);
		assert_false(racers[i].wrong);
		assert_true(racers[i].asked > 0);
	}
}

#define consent_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		consent_test(only_what_a_consent_covers_is_seen),
		consent_test(whom_the_wall_hides_stops_no_decision),
		consent_test(a_withdrawn_one_counts_no_more),
		consent_test(it_ends_with_its_time_and_with_the_grantors),
		consent_test(who_may_not_consent_is_refused),
		consent_test(a_key_that_comes_again_makes_one),
		consent_test(out_of_comparisons_is_the_last_word_of_who_lives_there),
		consent_test(withdrawals_and_decisions_may_race),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
