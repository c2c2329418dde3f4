#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/migrate.h"
#include "store/statement.h"
#include "support/pg.h"

static pg *cluster;

static store *fresh(void)
{
	store *db = NULL;
	hub_fault fault = { 0 };
	hub_status st = store_open(pg_database(cluster), &db, &fault);
	if (st != HUB_OK)
		fail_msg("%s", fault.message);
	return db;
}

static void migrations_are_applied_once(void **state)
{
	(void)state;
	store *db = fresh();
	size_t applied, count;
	int database, program;
	hub_fault fault = { 0 };
	migration_all(&count);
	assert_true(count > 0);
	assert_int_equal(store_version(db, &database, &program), HUB_OK);
	assert_int_equal(database, 0);
	assert_int_equal(program, count);
	if (store_migrate(db, &applied, &fault) != HUB_OK)
		fail_msg("%s", fault.message);
	assert_int_equal(applied, count);
	assert_int_equal(store_migrate(db, &applied, &fault), HUB_OK);
	assert_int_equal(applied, 0);
	assert_int_equal(store_version(db, &database, &program), HUB_OK);
	assert_int_equal(database, count);
	store_close(db);
}

static void a_changed_file_is_refused_by_name(void **state)
{
	(void)state;
	store *db = fresh();
	hub_fault fault = { 0 };
	assert_int_equal(store_migrate(db, NULL, &fault), HUB_OK);
	assert_int_equal(sql_text(db, "update schema_migration set checksum = 'x' where version = 1", &fault), HUB_OK);
	assert_int_equal(store_migrate(db, NULL, &fault), HUB_CONFLICT);
	assert_string_equal(fault.code, "migrate.changed");
	assert_non_null(strstr(fault.message, "0001_"));
	store_close(db);
}

static void a_newer_database_is_refused(void **state)
{
	(void)state;
	store *db = fresh();
	hub_fault fault = { 0 };
	assert_int_equal(store_migrate(db, NULL, &fault), HUB_OK);
	assert_int_equal(sql_text(db, "insert into schema_migration values (9999, '9999_later', 'x')", &fault), HUB_OK);
	assert_int_equal(store_migrate(db, NULL, &fault), HUB_CONFLICT);
	assert_string_equal(fault.code, "migrate.newer");
	store_close(db);
}

static void a_server_that_is_away_is_tried_again(void **state)
{
	(void)state;
	store *db;
	hub_fault fault = { 0 };
	assert_int_equal(store_open("host=/nonexistent dbname=x", &db, &fault), HUB_AGAIN);
	assert_string_equal(fault.code, "store.away");
	char wrong[512];
	snprintf(wrong, sizeof wrong, "%s dbname=nosuch", pg_conninfo(cluster));
	assert_int_equal(store_open(wrong, &db, &fault), HUB_FAILED);
}

static void a_lost_connection_comes_back(void **state)
{
	(void)state;
	store *db = fresh();
	assert_int_equal(store_migrate(db, NULL, NULL), HUB_OK);
	pg_halt(cluster, SIGQUIT);
	assert_int_equal(store_begin(db), HUB_AGAIN);
	assert_int_equal(store_ready(db), HUB_AGAIN);
	pg_resume(cluster);
	assert_int_equal(store_ready(db), HUB_OK);
	assert_int_equal(store_begin(db), HUB_OK);
	assert_int_equal(store_commit(db), HUB_OK);
	int database, program;
	assert_int_equal(store_version(db, &database, &program), HUB_OK);
	assert_int_equal(database, program);
	store_close(db);
}

/* Which column a family's tables are spread by; every other table is reference data. */
static const char families[] =
	"(values ('source_position', 'party'), ('receipt', 'party'), ('quarantine', 'party'), ('message', 'party'),"
	" ('announcement', 'party'), ('answer', 'party'), ('subscription', 'party'), ('feed_head', 'party'), ('feed', 'party'),"
	" ('reading', 'point'), ('reading_reason', 'point'), ('ledger_leg', 'account'),"
	" ('ledger_hold', 'account'), ('contract', 'account'), ('bill', 'account'), ('bill_import', 'account'), ('bill_dispute', 'account'), ('bill_file', 'party'),"
	" ('payment', 'account'), ('consent', 'point'), ('comparison_choice', 'point'), ('comparison_home', 'account'), ('comparison', 'account'),"
	" ('notice', 'party'), ('notice_step', 'party'), ('exchange_request', 'party'), ('exchange_step', 'party'), ('viewing', 'point'),"
	" ('delivery_head', 'party'), ('outbox', 'party'), ('delivery', 'party'), ('dead_letter', 'party'),"
	" ('person_session', 'party'), ('invitation', 'party'), ('party_note', 'party'), ('app_grant', 'party'), ('app_secret', 'party'),"
	" ('command', 'point'), ('command_step', 'point'), ('charging', 'party'), ('station_request', 'party'), ('charger_limit', 'party'), ('charging_charge', 'account'),"
	" ('alarm_rule', 'point'), ('alarm', 'point'), ('demand_order', 'point'), ('demand_result', 'point'), ('aggregate_ask', 'party')) f (name, family)";
static const char reference[] = "('schema_migration', 'epoch', 'party', 'party_role', 'party_token', 'party_certificate',"
				" 'premise', 'point', 'point_party', 'point_limit', 'device', 'installation',"
				" 'installation_register', 'instance', 'tariff', 'person', 'guess', 'point_code', 'app',"
				" 'billing_account', 'payment_provider', 'comparison_cycle',"
				" 'policy_in_force', 'party_contact', 'charger', 'charge_tag', 'demand_programme', 'demand_feeder',"
				" 'demand_resource', 'demand_event', 'premise_outline', 'premise_manager', 'trouble', 'aggregate_day', 'aggregate_run', 'carbon_factor')";

static void report(store *db, const char *sql)
{
	PGresult *res = PQexec(store_connection(db), sql);
	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s", PQresultErrorMessage(res));
	for (int i = 0; i < PQntuples(res); i++)
		print_error("%s\n", PQgetvalue(res, i, 0));
	assert_int_equal(PQntuples(res), 0);
	PQclear(res);
}

static void every_table_is_reference_data_or_of_one_family(void **state)
{
	(void)state;
	store *db = fresh();
	char sql[4096];
	assert_int_equal(store_migrate(db, NULL, NULL), HUB_OK);
	snprintf(sql, sizeof sql,
		 "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
		 " and relname not in (select name from %s) and relname not in %s", families, reference);
	report(db, sql);
	snprintf(sql, sizeof sql,
		 "select x.relname from %s join pg_class c on c.relname = f.name join pg_index i on i.indrelid = c.oid"
		 " join pg_class x on x.oid = i.indexrelid where i.indisunique and not exists (select from pg_attribute a"
		 " where a.attrelid = c.oid and a.attname = f.family and a.attnum = any (i.indkey))", families);
	report(db, sql);
	snprintf(sql, sizeof sql, "select f.name from %s where not exists (select from pg_attribute a where"
		 " a.attrelid = f.name::regclass and a.attname = f.family and a.attnotnull)", families);
	report(db, sql);
	store_close(db);
}

static int start(void **state)
{
	(void)state;
	cluster = pg_start();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pg_stop(cluster);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(migrations_are_applied_once),
		cmocka_unit_test(a_changed_file_is_refused_by_name),
		cmocka_unit_test(a_newer_database_is_refused),
		cmocka_unit_test(a_server_that_is_away_is_tried_again),
		cmocka_unit_test(a_lost_connection_comes_back),
		cmocka_unit_test(every_table_is_reference_data_or_of_one_family),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
