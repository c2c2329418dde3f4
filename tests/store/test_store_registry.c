#include "fixture.h"

#include "base/clock.h"
#include "store/epoch.h"
#include "store/instance.h"
#include "store/premise.h"
#include "store/token.h"

static const hub_time day = INT64_C(86400000000), t0 = INT64_C(1767225600000000); /* 2026-01-01 */

static void a_party_is_added_once_and_changed(void **state)
{
	(void)state;
	const char *roles[] = { "billing", "reader" };
	party p = { .code = "water-co", .name_zh = "水务公司", .name_en = "Water Company", .kind = "utility",
		    .roles = roles, .role_count = 2 };
	int64_t id, again, before, after;
	bool changed;
	OK(epoch_get(db, "party", &before));
	OK(party_put(db, &p, &id, &changed, &fault));
	assert_true(changed);
	OK(party_put(db, &p, &again, &changed, &fault));
	assert_false(changed);
	assert_int_equal(again, id);
	p.role_count = 1;
	OK(party_put(db, &p, &again, &changed, &fault));
	assert_true(changed);
	OK(epoch_get(db, "party", &after));
	assert_int_equal(after, before + 2);
	party got;
	OK(party_by_id(db, id, &mem, &got));
	assert_string_equal(got.name_zh, "水务公司");
	assert_int_equal(got.role_count, 1);
	assert_string_equal(got.roles[0], "billing");
	assert_int_equal(party_by_code(db, "nobody", &mem, &got), HUB_MISSING);
	p.kind = "pirate";
	assert_int_equal(party_put(db, &p, &again, NULL, &fault), HUB_REJECT);
	party *list;
	size_t count;
	OK(party_list(db, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 1);
	assert_string_equal(list[0].kind, "utility");
}

static void a_token_is_known_until_it_ends(void **state)
{
	(void)state;
	int64_t owner = make_party("owner"), id, other, found;
	hub_time now = clock_now();
	char text[TOKEN_TEXT], short_lived[TOKEN_TEXT];
	OK(token_new(db, owner, "laptop", 0, 0, text, &id, &fault));
	OK(token_new(db, owner, "day", now - day, now + day, short_lived, &other, &fault));
	OK(token_party(db, text, now + day, &found));
	assert_int_equal(found, owner);
	OK(token_party(db, short_lived, now, &found));
	assert_int_equal(token_party(db, short_lived, now + day, &found), HUB_DENIED);
	assert_int_equal(token_party(db, short_lived, now - 2 * day, &found), HUB_DENIED);
	text[10] ^= 1;
	assert_int_equal(token_party(db, text, now, &found), HUB_DENIED);
	assert_int_equal(token_party(db, "", now, &found), HUB_DENIED);
	text[10] ^= 1;
	OK(token_revoke(db, id));
	OK(token_revoke(db, id));
	assert_int_equal(token_party(db, text, now + day, &found), HUB_DENIED);
	assert_int_equal(token_revoke(db, 12345), HUB_MISSING);
	assert_int_equal(token_new(db, 12345, "x", 0, 0, text, &id, &fault), HUB_MISSING);
	token *list;
	size_t count;
	OK(token_list(db, owner, &mem, &list, &count));
	assert_int_equal(count, 2);
	assert_true(list[0].revoked && !list[1].revoked && !list[0].valid_to);
}

static int64_t place(const char *code, const char *kind, int64_t parent)
{
	int64_t id;
	premise p = { .parent = parent, .kind = kind, .code = code, .area = { -1, 0 } };
	OK(premise_put(db, &p, &id, NULL, &fault));
	return id;
}

static void moving_a_premise_moves_all_below(void **state)
{
	(void)state;
	int64_t city = place("city", "city", 0), east = place("east", "district", city),
		west = place("west", "district", city), house = place("house", "building", east),
		home = place("home", "home", house);
	premise p;
	OK(premise_by_id(db, home, &mem, &p));
	int64_t path[] = { city, east, house, home };
	assert_int_equal(p.path_count, 4);
	assert_memory_equal(p.path, path, sizeof path);
	place("house", "building", west);
	OK(premise_by_code(db, "home", &mem, &p));
	assert_int_equal(p.path[1], west);
	assert_true(p.area.digits < 0);
	premise *list;
	size_t count;
	OK(premise_children(db, city, false, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 2);
	OK(premise_children(db, west, true, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 2);
	OK(premise_children(db, 0, false, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 1);
	premise loop = { .parent = home, .kind = "district", .code = "west", .area = { -1, 0 } };
	int64_t id;
	assert_int_equal(premise_put(db, &loop, &id, NULL, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "premise.loop");
	loop.parent = 999;
	assert_int_equal(premise_put(db, &loop, &id, NULL, &fault), HUB_MISSING);
}

static void a_point_has_parties_limits_and_filters(void **state)
{
	(void)state;
	int64_t grid = make_party("grid"), home_owner = make_party("owner"), id, again,
		city = place("c", "city", 0), home = place("h", "home", city);
	point_party parties[] = { { "owner", home_owner, 0, 0 }, { "operator", grid, t0, t0 + day } };
	point p = { .code = "P/1", .commodity = "electricity", .premise = home, .zone = "Asia/Shanghai", .interval = 900,
		    .power = { 80, 1 }, .parties = parties, .party_count = 2 };
	bool changed;
	OK(point_put(db, &p, &id, &changed, &fault));
	OK(point_put(db, &p, &again, &changed, &fault));
	assert_false(changed);
	parties[1].valid_to = 0;
	OK(point_put(db, &p, &again, &changed, &fault));
	assert_true(changed);
	point got;
	OK(point_by_code(db, "P/1", &mem, &got));
	assert_int_equal(got.party_count, 2);
	assert_string_equal(got.parties[0].role, "operator");
	assert_true(got.parties[0].valid_from == t0 && !got.parties[0].valid_to);
	assert_int_equal(got.power.digits, 80);
	p.commodity = "water";
	assert_int_equal(point_put(db, &p, &again, NULL, &fault), HUB_CONFLICT);
	point *list;
	size_t count;
	point_filter f = { .premise = city, .party = grid, .role = "operator", .at = t0 };
	OK(point_list(db, &f, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 1);
	f.at = t0 - 1;
	OK(point_list(db, &f, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 0);
	OK(point_by_ids(db, (int64_t[]){ id, 77 }, 2, &mem, &list, &count));
	assert_int_equal(count, 1);
	point_limit limit = { .point = id, .quantity = 3, .has_max = true, .max = { 12345, 2 } }, *limits;
	OK(point_limit_put(db, &limit, &fault));
	OK(point_limit_put(db, &limit, &fault));
	OK(point_limit_list(db, &id, 1, &mem, &limits, &count));
	assert_int_equal(count, 1);
	assert_true(limits[0].has_max && !limits[0].has_min && limits[0].max.digits == 12345 && limits[0].max.scale == 2);
	OK(point_switched(db, id, true));
	OK(point_by_code(db, "P/1", &mem, &got));
	assert_true(got.disconnected);
}

static void an_exchanged_meter_resolves_by_time(void **state)
{
	(void)state;
	int64_t reader = make_party("reader"), where = make_point("A"), other = make_point("B"), old, new, id, next;
	device d = { .party = reader, .meter = "0001", .multiplier = { 200, 0 }, .modulus = { 1000000, 2 } };
	bool changed;
	OK(device_put(db, &d, &old, &changed, &fault));
	OK(device_put(db, &d, &old, &changed, &fault));
	assert_false(changed);
	d.meter = "0002";
	OK(device_put(db, &d, &new, &changed, &fault));
	installation_register start = { .quantity = 1, .has_start = true, .start = { 5, 0 } },
			      end = { .quantity = 1, .has_end = true, .end = { 99, 0 } };
	installation i = { .device = old, .channel = "", .point = where, .valid_from = t0 };
	OK(device_install(db, &i, &id, &changed, &fault));
	OK(device_install(db, &i, &id, &changed, &fault));
	assert_false(changed);
	installation second = { .device = new, .channel = "", .point = where, .valid_from = t0 + day,
				.registers = &start, .register_count = 1 };
	assert_int_equal(device_install(db, &second, &next, NULL, &fault), HUB_CONFLICT);
	assert_string_equal(fault.code, "installation.overlap");
	OK(device_exchange(db, &second, &end, 1, &next, &fault));
	OK(device_install(db, &i, &id, &changed, &fault)); /* the same file again, after the exchange */
	assert_false(changed);
	installation *history;
	size_t count;
	OK(device_history(db, where, &mem, &history, &count));
	assert_int_equal(count, 2);
	assert_int_equal(history[0].valid_to, t0 + day);
	assert_true(history[0].registers[0].has_end && history[0].registers[0].end.digits == 99);
	assert_true(history[1].registers[0].has_start && !history[1].valid_to);
	OK(device_install(db, &(installation){ .device = new, .channel = "c1", .point = other, .valid_from = t0 }, &id,
			  NULL, &fault));
	const char *meters[] = { "0002", "0001", "0003" };
	point_binding *b;
	OK(point_bindings(db, reader, meters, 3, &mem, &b, &count));
	assert_int_equal(count, 3);
	assert_null(point_binding_find(b, count, "0001", "", t0 - 1));
	assert_int_equal(point_binding_find(b, count, "0001", "", t0)->point.id, where);
	assert_null(point_binding_find(b, count, "0001", "", t0 + day));
	assert_int_equal(point_binding_find(b, count, "0002", "", t0 + day)->point.id, where);
	assert_int_equal(point_binding_find(b, count, "0002", "c1", t0 + day)->point.id, other);
	assert_int_equal(point_binding_find(b, count, "0002", "c9", t0 + day)->point.id, where);
	assert_true(b[0].multiplier.digits == 200 && b[0].modulus.scale == 2 && b[0].point.interval == 900);
	assert_true(point_binding_known(b, count, "0001") && !point_binding_known(b, count, "0003"));
	OK(device_remove(db, new, "c1", t0 + 2 * day, NULL, 0, &fault));
	assert_int_equal(device_remove(db, new, "c1", t0 + 3 * day, NULL, 0, &fault), HUB_MISSING);
	device *devices;
	OK(device_list(db, 0, 10, &mem, &devices, &count));
	assert_int_equal(count, 2);
}

static void instances_are_listed_by_zone_and_speak_for_one_party(void **state)
{
	(void)state;
	int64_t one = make_party("one"), two = make_party("two"), before, after;
	instance i = { .name = "meters", .zone = "adapterd", .party = one, .adapter = "dlt645",
		       .options = "{\"speed\": \"2400\"}", .journalled = true, .enabled = true }, *list;
	bool changed;
	size_t count;
	OK(instance_put(db, &i, &changed, &fault));
	OK(instance_list(db, "adapterd", &mem, &list, &count, &before));
	assert_int_equal(count, 1);
	assert_string_equal(list[0].journal, "{}");
	OK(instance_put(db, &i, &changed, &fault));
	assert_false(changed);
	OK(instance_enable(db, "meters", false));
	OK(instance_list(db, NULL, &mem, &list, &count, &after));
	assert_true(after > before && !list[0].enabled);
	OK(instance_list(db, "elsewhere", &mem, &list, &count, &after));
	assert_int_equal(count, 0);
	i.party = two;
	assert_int_equal(instance_put(db, &i, NULL, &fault), HUB_CONFLICT);
	i.party = one;
	i.options = "[1]";
	assert_int_equal(instance_put(db, &i, NULL, &fault), HUB_REJECT);
	assert_int_equal(instance_enable(db, "none", true), HUB_MISSING);
}

static void a_notice_comes_with_the_commit(void **state)
{
	(void)state;
	store *ear = another();
	store_notice n;
	OK(store_listen(ear, "hub_epoch"));
	OK(store_begin(db));
	OK(epoch_bump(db, "point"));
	assert_int_equal(store_wait(ear, 50000, &n), HUB_MISSING);
	OK(store_commit(db));
	OK(store_wait(ear, 5000000, &n));
	assert_string_equal(n.channel, "hub_epoch");
	assert_string_equal(n.text, "point 2");
	store_close(ear);
}

static void a_refusal_within_a_transaction_leaves_it_usable(void **state)
{
	(void)state;
	int64_t id;
	party got;
	OK(store_begin(db));
	OK(party_put(db, &(party){ .code = "fine", .kind = "grid" }, &id, NULL, &fault));
	assert_int_equal(party_put(db, &(party){ .code = "BAD", .kind = "grid" }, &id, NULL, &fault), HUB_REJECT);
	OK(party_put(db, &(party){ .code = "also-fine", .kind = "grid" }, &id, NULL, &fault));
	OK(store_commit(db));
	OK(party_by_code(db, "also-fine", &mem, &got));
	OK(party_by_code(db, "fine", &mem, &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_party_is_added_once_and_changed),
		store_test(a_token_is_known_until_it_ends),
		store_test(moving_a_premise_moves_all_below),
		store_test(a_point_has_parties_limits_and_filters),
		store_test(an_exchanged_meter_resolves_by_time),
		store_test(instances_are_listed_by_zone_and_speak_for_one_party),
		store_test(a_notice_comes_with_the_commit),
		store_test(a_refusal_within_a_transaction_leaves_it_usable),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
