#include "base/clock.h"
#include "billing/bills.h"
#include "ctl/bench.h"
#include "ctl/bench_psql.h"
#include "model/quantity.h"
#include "store/ledger.h"
#include "store/party.h"
#include "store/point.h"
#include "store/receipt.h"
#include "store/series.h"
#include "store/tariff.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * From stored readings to posted unified bills: households × electricity (hourly, four periods, yearly tiers), water
 * and gas (daily, yearly tiers), January 2026, by two workers. The baseline is one SQL statement per utility over a
 * plain table of the same values, whose bills have to be the same. A city is 100,000 households; as many are made as
 * --households says, since making a city's 78 million readings takes longer than billing them.
 */
enum { WORKERS = 2, PAGE = 256, UTILITIES = 3, HOURS = 31 * 24, DAYS = 31, ROWS = 8192, AT_ONCE = 200, HOUSEHOLDS = 1000 };
#define HOUR INT64_C(3600000000)

static const struct {
	const char *code, *commodity, *quantity;
	int steps;      /* of the month */
	int64_t length; /* of one */
	int least, range; /* thousandths */
} utilities[UTILITIES] = {
	{ "grid", "electricity", "active_energy_import", HOURS, HOUR, 200, 1800 },
	{ "water", "water", "water_volume", DAYS, 24 * HOUR, 100, 900 },
	{ "gas", "gas", "gas_volume", DAYS, 24 * HOUR, 300, 3000 },
};

static const char *const tariffs[UTILITIES] = {
	"{\"tariff\":\"grid\",\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\",\"calendar\":{\"periods\":[\"sharp\",\"peak\",\"flat\",\"valley\"],"
	"\"default\":\"flat\",\"rules\":[{\"from\":\"19:00\",\"to\":\"21:00\",\"period\":\"sharp\"},{\"from\":\"08:00\",\"to\":\"11:00\","
	"\"period\":\"peak\"},{\"from\":\"23:00\",\"to\":\"07:00\",\"period\":\"valley\"}]},\"charges\":[{\"code\":\"energy\",\"kind\":\"usage\","
	"\"quantity\":\"active_energy_import\",\"unit\":\"kWh\",\"ladder\":{\"period\":{\"months\":12},\"blocks\":["
	"{\"upto\":\"600\",\"prices\":{\"sharp\":\"0.81\",\"peak\":\"0.61\",\"flat\":\"0.51\",\"valley\":\"0.31\"}},"
	"{\"upto\":\"800\",\"prices\":{\"sharp\":\"0.86\",\"peak\":\"0.66\",\"flat\":\"0.56\",\"valley\":\"0.36\"}},"
	"{\"prices\":{\"sharp\":\"1.11\",\"peak\":\"0.91\",\"flat\":\"0.81\",\"valley\":\"0.61\"}}]}}]}",
	"{\"tariff\":\"water\",\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\",\"charges\":[{\"code\":\"water\",\"kind\":\"usage\",\"quantity\":"
	"\"water_volume\",\"unit\":\"m3\",\"ladder\":{\"period\":{\"months\":12},\"blocks\":[{\"upto\":\"15\",\"price\":\"5\"},{\"upto\":\"22\","
	"\"price\":\"7\"},{\"price\":\"9\"}]}}]}",
	"{\"tariff\":\"gas\",\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\",\"charges\":[{\"code\":\"gas\",\"kind\":\"usage\",\"quantity\":"
	"\"gas_volume\",\"unit\":\"m3\",\"ladder\":{\"period\":{\"months\":12},\"blocks\":[{\"upto\":\"40\",\"price\":\"2.61\"},{\"upto\":\"60\","
	"\"price\":\"2.83\"},{\"price\":\"4.23\"}]}}]}",
};

typedef struct city {
	const char *conninfo;
	store *db;
	size_t households;
	int64_t parties[UTILITIES];
	billing_account *accounts;
	int64_t (*points)[UTILITIES];
	hub_time start;
	series_row rows[ROWS];
	series_outcome outcomes[ROWS];
	size_t filled;
} city;

static int64_t value_of(size_t household, int utility, int step)
{
	uint64_t z = (household * 3 + (size_t)utility) * 1000 + (size_t)step + 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return utilities[utility].least + (int64_t)((z ^ z >> 31) % (unsigned)utilities[utility].range);
}

static hub_status one_household(city *k, size_t h, hub_fault *fault)
{
	char code[32];
	snprintf(code, sizeof code, "h%zu", h);
	billing_account *account = &k->accounts[h];
	*account = (billing_account){ .code = code, .kind = "household", .zone = "Asia/Shanghai" };
	hub_status st = account_put(k->db, account, &account->id, NULL, fault);
	account->code = "";
	for (int u = 0; st == HUB_OK && u < UTILITIES; u++) {
		char name[40];
		snprintf(name, sizeof name, "%s/%s", code, utilities[u].commodity);
		const point p = { .code = name, .commodity = utilities[u].commodity, .zone = "Asia/Shanghai",
				  .interval = (int32_t)(utilities[u].length / 1000000) };
		st = point_put(k->db, &p, &k->points[h][u], NULL, fault);
		const contract c = { .account = account->id, .point = k->points[h][u], .party = k->parties[u], .tariff = utilities[u].code,
				     .facts = "{}", .valid_from = k->start };
		if (st == HUB_OK)
			st = contract_begin(k->db, &c, NULL, fault);
	}
	return st;
}

static hub_status sign_up(city *k, hub_fault *fault)
{
	hub_status st = HUB_OK;
	for (int u = 0; st == HUB_OK && u < UTILITIES; u++) {
		int64_t id;
		const party p = { .code = utilities[u].code, .kind = "utility", .name_zh = "", .name_en = "" };
		st = party_put(k->db, &p, &k->parties[u], NULL, fault);
		if (st == HUB_OK)
			st = tariff_document_add(k->db, &(tariff_document){ .code = utilities[u].code, .body = tariffs[u] }, &id, NULL, fault);
	}
	for (size_t h = 0; st == HUB_OK && h < k->households; h++) {
		if (h % AT_ONCE == 0)
			st = store_begin(k->db);
		if (st == HUB_OK)
			st = one_household(k, h, fault);
		if (st == HUB_OK && (h % AT_ONCE == AT_ONCE - 1 || h + 1 == k->households))
			st = store_commit(k->db);
	}
	return st;
}

static hub_status flush(city *k)
{
	uint64_t number;
	hub_status st = k->filled ? store_begin(k->db) : HUB_OK;
	if (!k->filled)
		return st;
	if (st == HUB_OK)
		st = receipt_number(k->db, &number);
	if (st == HUB_OK)
		st = series_write(k->db, k->rows, k->filled, number, k->outcomes);
	k->filled = 0;
	return st == HUB_OK ? store_commit(k->db) : st;
}

/* The same values into the store and into the files of the plain tables. */
static hub_status measure(city *k, const char *directory, hub_fault *fault)
{
	FILE *files[UTILITIES] = { 0 };
	hub_status st = HUB_OK;
	for (int u = 0; u < UTILITIES; u++) {
		char path[300];
		snprintf(path, sizeof path, "%s/use%d", directory, u);
		if (!(files[u] = fopen(path, "w")))
			st = hub_fault_set(fault, "bench.file", "", "cannot write %s: %m", path);
	}
	for (size_t h = 0; st == HUB_OK && h < k->households; h++)
		for (int u = 0; st == HUB_OK && u < UTILITIES; u++)
			for (int i = 0; st == HUB_OK && i < utilities[u].steps; i++) {
				hub_time from = k->start + i * utilities[u].length;
				int64_t v = value_of(h, u, i);
				k->rows[k->filled++] = (series_row){ k->points[h][u], quantity_find(utilities[u].quantity)->number, HUB_INTERVAL, "",
								     from, from + utilities[u].length, { v, 3 }, 0 };
				fprintf(files[u], "%lld\t%d\t%lld\n", (long long)k->accounts[h].id, i, (long long)v);
				if (k->filled == ROWS)
					st = flush(k);
			}
	if (st == HUB_OK)
		st = flush(k);
	for (int u = 0; u < UTILITIES; u++)
		if (files[u] && fclose(files[u]) && st == HUB_OK)
			st = HUB_FAILED;
	return st;
}

typedef struct worker {
	const city *k;
	int number;
	bool preview;
	hub_status st;
	hub_fault fault;
	size_t posted;
} worker;

static void *work(void *arg)
{
	worker *w = arg;
	store *db = NULL;
	bills *b = NULL;
	arena a;
	arena_init(&a, 0);
	size_t half = (w->k->households + WORKERS - 1) / WORKERS, from = half * (size_t)w->number;
	size_t to = from + half < w->k->households ? from + half : w->k->households;
	const bills_order order = { .cycle = 202601, .due_days = 15, .preview = w->preview };
	w->st = store_open(w->k->conninfo, &db, &w->fault);
	if (w->st == HUB_OK)
		w->st = bills_new(db, &b);
	for (; w->st == HUB_OK && from < to; from += PAGE) {
		size_t count = to - from < PAGE ? to - from : PAGE;
		arena_reset(&a);
		bills_made *made = arena_array(&a, count, sizeof *made);
		w->st = made ? bills_run(b, &order, &w->k->accounts[from], count, &a, made, &w->fault) : HUB_NOMEM;
		for (size_t i = 0; w->st == HUB_OK && i < count; i++)
			w->posted += made[i].outcome == BILLS_POSTED;
	}
	bills_free(b);
	store_close(db);
	arena_fini(&a);
	return NULL;
}

static hub_status run(const city *k, bool preview, double *ret_rate, hub_fault *fault)
{
	worker workers[WORKERS] = { 0 };
	pthread_t threads[WORKERS];
	size_t posted = 0;
	hub_status st = HUB_OK;
	int64_t begun = clock_monotonic();
	for (int i = 0; i < WORKERS; i++) {
		workers[i] = (worker){ .k = k, .number = i, .preview = preview };
		if (pthread_create(&threads[i], NULL, work, &workers[i]))
			return HUB_FAILED;
	}
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(threads[i], NULL);
		posted += workers[i].posted;
		if (workers[i].st != HUB_OK) {
			st = workers[i].st;
			*fault = workers[i].fault;
		}
	}
	*ret_rate = (double)k->households * 1e6 / (double)(clock_monotonic() - begun);
	if (st == HUB_OK && posted != k->households) {
		hub_fault_set(fault, "bench.bills", "", "%zu of %zu bills were made", posted, k->households);
		st = HUB_FAILED;
	}
	return st;
}

/*
 * A ladder over what all periods of a household came to, each block shared over them by use, as the tariff has it. It is
 * divided once, after the sum: quotients cut off one by one would put a bill that is exactly half a 分 on the wrong side.
 */
static const char plain_grid[] =
	"create table bill0 as with p as (select household, period, sum(value) / 1000.0 as q from (select household, value, "
	"case when step % 24 in (19, 20) then 0 when step % 24 between 8 and 10 then 1 when step % 24 = 23 or step % 24 < 7 then 3 else 2 end "
	"as period from use0) x group by 1, 2), t as (select household, sum(q) as q from p group by 1), f as (select household, q, "
	"least(q, 600) as a, greatest(least(q, 800) - 600, 0) as b, greatest(q - 800, 0) as c from t) "
	"select household, round(sum(p.q * (a * (array[0.81, 0.61, 0.51, 0.31])[period + 1] + b * (array[0.86, 0.66, 0.56, 0.36])[period + 1] "
	"+ c * (array[1.11, 0.91, 0.81, 0.61])[period + 1])) * 100 / f.q)::bigint as amount from p join f using (household) group by household, f.q";
static const char plain_water[] =
	"create table bill1 as select household, round((least(q, 15) * 5 + greatest(least(q, 22) - 15, 0) * 7 + greatest(q - 22, 0) * 9) * 100)::bigint "
	"as amount from (select household, sum(value) / 1000.0 as q from use1 group by 1) x";
static const char plain_gas[] =
	"create table bill2 as select household, round((least(q, 40) * 2.61 + greatest(least(q, 60) - 40, 0) * 2.83 + greatest(q - 60, 0) * 4.23) "
	"* 100)::bigint as amount from (select household, sum(value) / 1000.0 as q from use2 group by 1) x";

static hub_status baseline(const city *k, const char *directory, double *ret_rate, hub_fault *fault)
{
	char copies[UTILITIES][320], tables[UTILITIES][80];
	hub_status st = HUB_OK;
	for (int u = 0; st == HUB_OK && u < UTILITIES; u++) {
		snprintf(tables[u], sizeof tables[u], "create table use%d (household bigint, step int, value bigint)", u);
		snprintf(copies[u], sizeof copies[u], "\\copy use%d from '%s/use%d'", u, directory, u);
		st = bench_psql(k->conninfo, (const char *const[]){ "set client_min_messages to error", tables[u], copies[u], "analyze", NULL }, fault);
	}
	int64_t begun = clock_monotonic();
	if (st == HUB_OK)
		st = bench_psql(k->conninfo, (const char *const[]){ plain_grid, plain_water, plain_gas, NULL }, fault);
	*ret_rate = (double)k->households * 1e6 / (double)(clock_monotonic() - begun);
	return st;
}

/* Every part of every posted bill is the plain table's amount; a bill's text stays below 1 kB. */
static hub_status compare(const city *k, hub_fault *fault)
{
	static const char check[] =
		"do $$ declare wrong bigint; large bigint; begin "
		"select count(*) into wrong from (select account, ordinality - 1 as u, (value ->> 'a')::bigint as amount from bill, "
		"json_array_elements(body::json) with ordinality where cycle = 202601) b full join (select household as account, 0 as u, amount "
		"from bill0 union all select household, 1, amount from bill1 union all select household, 2, amount from bill2) p using (account, u) "
		"where b.amount is distinct from p.amount; "
		"select count(*) into large from bill where octet_length(body) > 1024; "
		"if wrong > 0 or large > 0 then raise exception '% parts differ, % bills are larger than 1 kB', wrong, large; end if; end $$";
	hub_status st = bench_psql(k->conninfo, (const char *const[]){ check, NULL }, fault);
	if (st != HUB_OK)
		hub_fault_set(fault, "bench.bills", "", "the plain tables' bills are not ours; psql said which");
	return st;
}

static hub_status bills_of_a_city(bench *b, city *k, hub_fault *fault)
{
	const char *directory;
	double preview, posted, plain;
	hub_status st = bench_database(b, &k->conninfo, fault);
	if (st == HUB_OK)
		st = bench_directory(b, &directory, fault);
	if (st == HUB_OK)
		st = store_open(k->conninfo, &k->db, fault);
	if (st == HUB_OK)
		st = sign_up(k, fault);
	if (st == HUB_OK)
		st = measure(k, directory, fault);
	if (st == HUB_OK)
		st = bench_psql(k->conninfo, (const char *const[]){ "set client_min_messages to error", "vacuum analyze", NULL }, fault);
	if (st == HUB_OK)
		st = run(k, true, &preview, fault);
	if (st == HUB_OK)
		st = run(k, false, &posted, fault);
	if (st == HUB_OK)
		st = baseline(k, directory, &plain, fault);
	if (st == HUB_OK)
		st = compare(k, fault);
	if (st == HUB_OK) {
		bench_report(b, "bill-run", posted, "bills/s", "one SQL statement per utility over a plain table, not posted", plain);
		bench_report(b, "bill-run-preview", preview, "bills/s", NULL, 0);
		bench_report(b, "bill-run-households", (double)k->households, "1", NULL, 0);
	}
	return st;
}

hub_status bench_bills(bench *b, hub_fault *fault)
{
	city *k = calloc(1, sizeof *k);
	if (!k)
		return HUB_NOMEM;
	k->households = bench_scale(b, HOUSEHOLDS);
	k->start = clock_days(2026, 1, 1) * 24 * HOUR - 8 * HOUR;
	k->accounts = calloc(k->households, sizeof *k->accounts);
	k->points = calloc(k->households, sizeof *k->points);
	hub_status st = k->accounts && k->points ? bills_of_a_city(b, k, fault) : HUB_NOMEM;
	store_close(k->db);
	free(k->accounts);
	free(k->points);
	free(k);
	return st;
}
