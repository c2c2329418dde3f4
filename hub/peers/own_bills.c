/*
 * Bills that a company makes by itself, of the month that is over. The gas company knows its volumes and hands in JSON;
 * the water company asks the hub for what it read for it, and hands in CSV.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "peers/peer.h"

enum { HOUR = 3600, AGAIN = HOUR, PAGE = 50, CSV_ROW = SIM_INVOICE_ROW + 1, NOT_YET = -1 };

typedef struct month {
	int64_t from, to; /* s since 1970 */
	int32_t cycle;
} month;

/* Some homes of one month, and 0.001 m³ of each. */
typedef struct page {
	sim_biller biller;
	const month *of;
	size_t count;
	uint32_t homes[PAGE];
	int64_t volumes[PAGE]; /* NOT_YET: it is not known */
} page;

/* The first second of the local month (UTC+8) that lies `back` months before now; its cycle. */
static int64_t month_begin(int64_t now, int back, int32_t *ret_cycle)
{
	time_t local = (time_t)(now + 8 * HOUR);
	struct tm t;
	gmtime_r(&local, &t);
	t = (struct tm) { .tm_year = t.tm_year, .tm_mon = t.tm_mon - back, .tm_mday = 1 };
	int64_t first = (int64_t)timegm(&t);
	*ret_cycle = (t.tm_year + 1900) * 100 + t.tm_mon + 1;
	return first - 8 * HOUR;
}

static void know_gas(peer *p, page *g)
{
	for (size_t i = 0; i < g->count; i++) {
		const sim_home h = sim_home_of(&p->hub->city, g->homes[i]);
		g->volumes[i] = sim_billed_volume(&p->hub->city, g->biller, &h, g->of->from, g->of->to, p->hub->leaks);
	}
}

/* "12.345" in thousandths, what is finer cut off. */
static int64_t thousandths(const char *text)
{
	char *end;
	int64_t v = text && *text >= '0' && *text <= '9' ? strtoll(text, &end, 10) * 1000 : NOT_YET;
	if (v < 0 || *end != '.')
		return v;
	for (int64_t digit = 100; digit && *++end >= '0' && *end <= '9'; digit /= 10)
		v += digit * (*end - '0');
	return v;
}

/* A month that is not all there yet is billed when it is. */
static void know_reading(page *g, const json_t *reading)
{
	const char *point = json_string_value(json_object_get(reading, "point"));
	bool whole = json_integer_value(json_object_get(reading, "present")) ==
		     json_integer_value(json_object_get(reading, "expected"));
	unsigned home;
	if (!point || !whole || sscanf(point, "w-%5u", &home) != 1)
		return;
	for (size_t i = 0; i < g->count; i++)
		if (g->homes[i] == home)
			g->volumes[i] = thousandths(json_string_value(json_object_get(reading, "value")));
}

/* What the hub has of its meters, which others read for it. */
static void ask_water(peer *p, page *g)
{
	char path[2048], from[24], to[24];
	long status;
	size_t i, len;
	const json_t *reading;
	len = (size_t)snprintf(
	    path, sizeof path,
	    "/v1/readings?quantity=water_volume&step=month&zone=Asia/Shanghai&purpose=billing&from=%s&to=%s",
	    peer_time(g->of->from, from), peer_time(g->of->to, to));
	for (i = 0; i < g->count && len < sizeof path; i++)
		len += (size_t)snprintf(path + len, sizeof path - len, "&point=w-%05u", g->homes[i]);
	json_t *all = peer_call(p, path, NULL, NULL, &status);
	json_array_foreach (json_object_get(all, "readings"), i, reading)
		know_reading(g, reading);
	json_decref(all);
}

static sim_invoice invoice_of(const page *g, size_t i)
{
	return sim_invoice_of(g->biller, g->homes[i], g->of->cycle, g->of->from, g->of->to, g->volumes[i]);
}

static char *write_json(const page *g)
{
	json_t *bills = json_array();
	for (size_t i = 0; i < g->count; i++) {
		const sim_invoice v = invoice_of(g, i);
		json_t *o = g->volumes[i] < 0 ? NULL : json_object();
		for (size_t k = 0; o && k < SIM_INVOICE_CELLS; k++)
			json_object_set_new(o, sim_invoice_columns[k], json_string(v.cells[k]));
		if (o)
			json_array_append_new(bills, o);
	}
	json_t *whole = json_pack("{s:o}", "bills", bills);
	char *text = json_dumps(whole, JSON_COMPACT);
	json_decref(whole);
	return text;
}

static char *write_csv(const page *g)
{
	char *text = malloc((g->count + 1) * CSV_ROW), row[CSV_ROW];
	if (!text)
		return NULL;
	size_t len = strlen(strcpy(text, sim_invoice_header(row)));
	for (size_t i = 0; i < g->count; i++) {
		const sim_invoice v = invoice_of(g, i);
		if (g->volumes[i] >= 0)
			len += strlen(strcpy(text + len, sim_invoice_line(&v, row)));
	}
	return text;
}

static const struct {
	const char *type;
	void (*know)(peer *p, page *g);
	char *(*write)(const page *g);
} ways[SIM_BILLERS] = { [SIM_BILLER_WATER] = { "text/csv", ask_water, write_csv },
			[SIM_BILLER_GAS] = { "application/json", know_gas, write_json } };

/* False: not all, or not taken. */
static bool send_page(peer *p, page *g, int64_t now)
{
	char name[64];
	long status = 200;
	size_t known = 0;
	for (size_t i = 0; i < g->count; i++)
		g->volumes[i] = NOT_YET;
	ways[g->biller].know(p, g);
	for (size_t i = 0; i < g->count; i++)
		known += g->volumes[i] >= 0;
	char *text = known ? ways[g->biller].write(g) : NULL;
	snprintf(name, sizeof name, "bills-%d-%u-%lld", g->of->cycle, g->homes[0], (long long)now);
	json_decref(text ? peer_post(p, "/v1/bills/import", ways[g->biller].type, text, name, &status) : NULL);
	free(text);
	return known == g->count && (!known || text) && status >= 200 && status < 300;
}

bool peer_bill(peer *p, sim_biller b, int64_t now)
{
	month m;
	bool good = true;
	int32_t next;
	m.from = month_begin(now, 1, &m.cycle);
	m.to = month_begin(now, 0, &next);
	if (p->done == m.from || now < p->again)
		return true;
	page g = { .biller = b, .of = &m };
	for (uint32_t n = 1; n <= p->hub->city.homes; n++) {
		const sim_home h = sim_home_of(&p->hub->city, n);
		if (sim_bills_itself(b, &h))
			g.homes[g.count++] = n;
		if (g.count == PAGE || (g.count && n == p->hub->city.homes)) {
			good = send_page(p, &g, now) && good;
			g.count = 0;
		}
	}
	if (good)
		p->done = m.from;
	p->again = now + AGAIN;
	return good;
}
