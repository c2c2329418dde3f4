/* The second wall: a query that forgot its `where` shows a party nothing that is not its own. */
#include "fixture.h"

#include <stdio.h>

#include "base/clock.h"
#include "consent/grant.h"
#include "store/account.h"
#include "store/connection.h"
#include "store/consent.h"

static int64_t home[2], water, grid, cloud, w[2], charger;

static int64_t add_party(const char *code, const char *kind)
{
	int64_t id;
	OK(party_put(db, &(party){ .code = code, .kind = kind, .name_zh = "", .name_en = "" }, &id, NULL, &fault));
	return id;
}

static int64_t add_point(const char *code, const char *commodity, int64_t occupant, int64_t supplier)
{
	int64_t id;
	const point_party parties[] = { { "supplier", supplier, 0, 0 }, { "occupant", occupant, 0, 0 } };
	OK(point_put(db, &(point){ .code = code, .commodity = commodity, .zone = "Asia/Shanghai", .name_zh = "", .name_en = "",
				   .parties = parties, .party_count = occupant ? 2 : 1 }, &id, NULL, &fault));
	return id;
}

static void run(const char *sql)
{
	OK(sql_text(db, sql, &fault));
}

static int begin(void **state)
{
	char sql[1200];
	fresh(state);
	home[0] = add_party("home-12", "household");
	home[1] = add_party("home-13", "household");
	water = add_party("water", "utility");
	grid = add_party("grid", "grid");
	cloud = add_party("cloud", "service");
	w[0] = add_point("w12", "water", home[0], water);
	w[1] = add_point("w13", "water", home[1], water);
	charger = add_point("charger", "ev", 0, grid);
	run("insert into billing_account (code, kind) values ('a12', 'household'), ('a13', 'household')");
	snprintf(sql, sizeof sql,
		 "insert into contract (account, point, party, tariff, valid_from) select a.id, p.id, %lld, 't', '-infinity' from"
		 " billing_account a join point p on substr(p.code, 2) = substr(a.code, 2);"
		 "insert into bill (account, cycle, revision, state, currency, total, due, paid, body) select id, 202611, 0, 1, 156, 100,"
		 " now(), '{}', '' from billing_account;"
		 "insert into payment (account, id, provider, currency, amount, rule, targets) select id, 'p', %lld, 156, 1, 1, '[]' from"
		 " billing_account;"
		 "insert into party_token (party, digest) select id, sha256(code::bytea) from party;"
		 "insert into device (party, meter) select %lld, code from point where commodity = 'water';"
		 "insert into installation (device, point, valid_from) select d.id, p.id, '-infinity' from device d join point p on"
		 " p.code = d.meter",
		 (long long)water, (long long)cloud, (long long)water);
	run(sql);
	return 0;
}

/* What is seen of a table without a word of whose it is. */
static int64_t count(const char *table)
{
	char sql[200];
	snprintf(sql, sizeof sql, "select count(*) from %s", table);
	PGresult *res = PQexec(store_connection(db), sql);
	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", table, PQresultErrorMessage(res));
	int64_t n = atoll(PQgetvalue(res, 0, 0));
	PQclear(res);
	return n;
}

static void a_forgotten_where_shows_only_ones_own(void **state)
{
	(void)state;
	const struct {
		const char *table;
		int64_t core, home12, water, cloud, stranger;
	} cases[] = {
		/* the charger is in public */
		{ "point", 3, 2, 3, 1, 1 },
		{ "point_row", 3, 2, 3, 1, 1 },
		{ "point_party", 5, 3, 5, 1, 1 },
		{ "party", 6, 5, 6, 4, 4 },
		{ "party_token", 6, 1, 1, 1, 1 },
		{ "device", 2, 1, 2, 0, 0 },
		{ "installation", 2, 1, 2, 0, 0 },
		{ "billing_account", 2, 1, 2, 0, 0 },
		{ "contract", 2, 1, 2, 0, 0 },
		{ "bill", 2, 1, 2, 0, 0 },
		{ "payment", 2, 1, 2, 2, 0 },
	};
	int64_t stranger = add_party("stranger", "service");
	run("insert into party_token (party, digest) select id, sha256(code::bytea) from party where code = 'stranger'");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const int64_t who[] = { 0, home[0], water, cloud, stranger };
		const int64_t wanted[] = { cases[i].core, cases[i].home12, cases[i].water, cases[i].cloud, cases[i].stranger };
		for (size_t k = 0; k < 5; k++) {
			OK(store_as(db, who[k], false));
			int64_t seen = count(cases[i].table);
			if (seen != wanted[k])
				fail_msg("%s: reader %zu sees %lld, not %lld", cases[i].table, k, (long long)seen, (long long)wanted[k]);
			OK(store_as(db, 0, false));
		}
		OK(store_as(db, stranger, true));
		assert_int_equal(count(cases[i].table), cases[i].core);
		OK(store_as(db, 0, false));
	}
}

static void the_stores_calls_go_by_it_too(void **state)
{
	(void)state;
	const int64_t ids[] = { w[0], w[1] };
	point *list;
	size_t n;
	OK(store_as(db, home[0], false));
	OK(point_by_ids(db, ids, 2, &mem, &list, &n));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].code, "w12");
	assert_int_equal(list[0].party_count, 2);
	point p;
	assert_int_equal(point_by_code(db, "w13", &mem, &p), HUB_MISSING);
	party who;
	assert_int_equal(party_by_id(db, home[1], &mem, &who), HUB_MISSING);
	OK(party_by_id(db, water, &mem, &who));
	OK(store_as(db, 0, false));
	OK(point_by_ids(db, ids, 2, &mem, &list, &n));
	assert_int_equal(n, 2);
}

static void a_consent_opens_the_point_and_only_its_sides_see_it(void **state)
{
	(void)state;
	consent c, seen;
	bool repeated, changed;
	point p;
	const grant_wish wish = { .point = w[0], .grantor = "home-12", .grantee = "cloud", .purpose = "research", .by = "home-12" };
	/* written by the resident's own right */
	OK(store_as(db, home[0], false));
	OK(grant_make(db, &wish, clock_now(), &mem, &c, &repeated, &fault));
	OK(store_as(db, cloud, false));
	OK(point_by_code(db, "w12", &mem, &p));
	assert_int_equal(point_by_code(db, "w13", &mem, &p), HUB_MISSING);
	OK(consent_by_id(db, c.id, &mem, &seen));
	assert_string_equal(seen.grantor_code, "home-12");
	OK(store_as(db, home[1], false));
	assert_int_equal(count("consent"), 0);
	assert_int_equal(consent_by_id(db, c.id, &mem, &seen), HUB_MISSING);
	assert_int_equal(consent_withdraw(db, c.id, "home-13", &changed), HUB_MISSING);
	OK(store_as(db, water, false));
	assert_int_equal(count("consent"), 0);
	OK(store_as(db, 0, false));
	assert_int_equal(count("consent"), 1);
}

static void nobody_writes_for_another(void **state)
{
	(void)state;
	static const char *const tries[] = {
		"update point set protected = true where code = 'w13' returning 1",
		"delete from consent returning 1",
		"update bill set total = 0 where account = (select id from billing_account where code = 'a13') returning 1",
		"update party set kind = 'operator' where code = 'home-13' returning 1",
		"delete from party_token where party <> (select hub_party()) returning 1",
		"update person set hash = '' returning 1",
		"delete from person_session returning 1",
		"update app_grant set revoked = null returning 1",
	};
	OK(store_as(db, home[0], false));
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		PGresult *res = PQexec(store_connection(db), tries[i]);
		if (PQresultStatus(res) == PGRES_TUPLES_OK)
			assert_int_equal(PQntuples(res), 0);
		PQclear(res);
	}
	char sql[200];
	snprintf(sql, sizeof sql, "insert into comparison_choice (point, party) values (%lld, %lld)", (long long)w[1], (long long)home[1]);
	PGresult *res = PQexec(store_connection(db), sql);
	assert_string_equal(PQresultErrorField(res, PG_DIAG_SQLSTATE), "42501");
	PQclear(res);
	/* and nobody climbs back over it */
	OK(store_as(db, 0, false));
}

static void in_a_transaction_it_holds_to_its_end(void **state)
{
	(void)state;
	OK(store_as(db, home[0], false));
	OK(store_begin(db));
	OK(store_as(db, 0, false));
	assert_int_equal(count("point"), 3);
	OK(store_as(db, home[1], false));
	assert_int_equal(count("bill"), 1);
	store_rollback(db);
	assert_int_equal(count("point"), 2);
	OK(store_begin(db));
	OK(store_as(db, 0, false));
	OK(store_commit(db));
	assert_int_equal(count("party_token"), 1);
	/* a lost connection is the core's again, and asked for anew */
	OK(store_as(db, 0, false));
	assert_int_equal(count("point"), 3);
}

static size_t seen_points(void)
{
	const int64_t ids[] = { w[0], w[1] };
	point *list;
	size_t n;
	OK(point_by_ids(db, ids, 2, &mem, &list, &n));
	return n;
}

/* It is set along with the next statement: also after one that fails, and again on a connection that was lost. */
static void no_statement_runs_with_the_sight_before(void **state)
{
	(void)state;
	char sql[100];
	int64_t id;
	for (int i = 0; i < 3; i++) {
		OK(store_as(db, home[0], false));
		assert_int_equal(seen_points(), 1);
		OK(store_as(db, water, false));
		assert_int_equal(seen_points(), 2);
		OK(store_as(db, home[1], false));
		assert_int_equal(seen_points(), 1);
		OK(store_as(db, 0, false));
		assert_int_equal(seen_points(), 2);
	}
	OK(store_as(db, home[0], false));
	/* not for a party: refused, and what was to be set goes along with the next */
	assert_int_not_equal(party_put(db, &(party){ .code = "mine", .kind = "household", .name_zh = "", .name_en = "" }, &id, NULL, &fault),
			     HUB_OK);
	assert_int_equal(seen_points(), 1);
	OK(store_as(db, 0, false));
	assert_int_equal(seen_points(), 2);

	store *other;
	int pid = PQbackendPID(store_connection(db));
	OK(store_open(conninfo, &other, &fault));
	OK(store_as(db, home[0], false));
	snprintf(sql, sizeof sql, "select pg_terminate_backend(%d, 5000)", pid);
	OK(sql_text(other, sql, &fault));
	store_close(other);
	const int64_t ids[] = { w[0], w[1] };
	point *list;
	size_t n;
	assert_int_equal(point_by_ids(db, ids, 2, &mem, &list, &n), HUB_AGAIN);
	/* as nothing was said since, it is still the home that asks */
	assert_int_equal(seen_points(), 1);
	OK(store_as(db, 0, false));
	assert_int_equal(seen_points(), 2);
}

/* A role that was never told whose call it is sees nothing. */
static void nobody_sees_nothing(void **state)
{
	(void)state;
	run("set role hub_api");
	assert_int_equal(count("bill"), 0);
	assert_int_equal(count("consent"), 0);
	assert_int_equal(count("party_token"), 0);
	assert_int_equal(count("point where commodity <> 'ev'"), 0);
	run("reset role");
}

/* Who acts for a party, and what proves it. */
static void people_are_their_partys_alone(void **state)
{
	(void)state;
	const struct {
		const char *table;
		int64_t core, home12, water, operator_of_hub;
	} cases[] = {
		{ "person", 3, 2, 0, 3 },         { "person_session", 3, 2, 0, 0 }, { "invitation", 2, 1, 0, 0 },
		{ "party_note", 2, 1, 0, 0 },     { "app_grant", 2, 1, 0, 0 },      { "app_secret", 2, 1, 0, 0 },
		{ "point_code", 2, 1, 0, 0 },     { "app", 3, 2, 1, 3 },
		{ "app where disabled is null", 1, 1, 1, 1 },
	};
	char sql[2000];
	snprintf(sql, sizeof sql,
		 "insert into person (party, login) values (%1$lld, 'anna'), (%1$lld, 'ben'), (%2$lld, 'carl');"
		 "insert into person_session (party, digest, person, started, seen) select party, sha256(login::bytea), id, now(), now()"
		 " from person;"
		 "insert into invitation (party, digest, inviter, expires) select party, sha256('x'), min(id), now() from person group by party;"
		 "insert into party_note (party, kind, subject, at) select party, 'member.joined', 'x', now() from person group by party;"
		 "insert into app (code, party, redirects, disabled) values ('open', %3$lld, '{x}', null), ('once', %3$lld, '{x}', now()),"
		 " ('never', %3$lld, '{x}', now());"
		 "insert into app_grant (party, person, app, scope) select p.party, min(p.id), a.id, '' from person p join app a on"
		 " a.code = case p.party when %1$lld then 'once' else 'open' end group by p.party, a.id;"
		 "insert into app_secret (party, digest, app_grant, kind, expires) select party, sha256('x'), id, 'code', now() from app_grant;"
		 "insert into point_code (digest, point, made, expires, party) values (sha256('x'), %4$lld, now(), now(), %1$lld),"
		 " (sha256('y'), %4$lld, now(), now(), null)",
		 (long long)home[0], (long long)home[1], (long long)cloud, (long long)w[0]);
	run(sql);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const int64_t who[] = { 0, home[0], water, grid };
		const int64_t wanted[] = { cases[i].core, cases[i].home12, cases[i].water, cases[i].operator_of_hub };
		for (size_t k = 0; k < 4; k++) {
			OK(store_as(db, who[k], k == 3));
			int64_t seen = count(cases[i].table);
			if (seen != wanted[k])
				fail_msg("%s: reader %zu sees %lld, not %lld", cases[i].table, k, (long long)seen, (long long)wanted[k]);
			OK(store_as(db, 0, false));
		}
	}
}

#define wall_test(f) cmocka_unit_test_setup_teardown(f, begin, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		wall_test(a_forgotten_where_shows_only_ones_own),
		wall_test(people_are_their_partys_alone),
		wall_test(the_stores_calls_go_by_it_too),
		wall_test(a_consent_opens_the_point_and_only_its_sides_see_it),
		wall_test(nobody_writes_for_another),
		wall_test(in_a_transaction_it_holds_to_its_end),
		wall_test(no_statement_runs_with_the_sight_before),
		wall_test(nobody_sees_nothing),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
