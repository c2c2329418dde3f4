#include "api/advice.h"

#include <jansson.h>
#include <string.h>

#include "api/bills.h"
#include "api/compare.h"
#include "base/clock.h"
#include "base/json.h"
#include "billing/unify.h"
#include "compare/advice.h"
#include "model/quantity.h"
#include "store/series.h"
#include "store/tariff.h"

#define DAY INT64_C(86400000000)
#define SHIFT_PART "0.2"

enum { MONTH_HOURS = 730 }; /* a twelfth of a year */

typedef struct adviser {
	store *db;
	const billing_account *account;
	hub_time at;
	const zone *zone;
	arena *a;
	unify_bill *last; /* the newest bill, for what a unit costs; no parts: none */
	buf *out;
	size_t told;
} adviser;

/* The last days' hours of a point, by the account's zone; the day that is running is not among them. */
static hub_status read_days(adviser *v, int64_t place, const char *name, advice_day days[ADVICE_DAYS], hub_fault *fault)
{
	hub_time end = zone_floor(v->zone, v->at, ZONE_DAY), from = end;
	series_cursor cursor = { "" };
	series_item *items;
	size_t count = 0;
	for (int d = 0; d < ADVICE_DAYS; d++)
		from = zone_floor(v->zone, from - 1, ZONE_DAY);
	for (int d = 0; d < ADVICE_DAYS; d++)
		for (int h = 0; h < 24; h++)
			days[d].hour[h] = -1;
	const series_query q = { .points = &place,
				 .point_count = 1,
				 .quantity = quantity_find(name)->number,
				 .from = from,
				 .to = end,
				 .step = SERIES_HOUR,
				 .zone = v->zone,
				 .limit = 1000 };
	hub_status st = series_read(v->db, &q, &cursor, v->a, &items, &count, fault);
	hub_time day = from;
	int d = 0;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const series_item *item = &items[i];
		while (d < ADVICE_DAYS - 1 && item->row.start >= zone_next(v->zone, day, ZONE_DAY)) {
			day = zone_next(v->zone, day, ZONE_DAY);
			d++;
		}
		int64_t amount;
		bool whole = item->row.time - item->row.start == DAY / 24 && item->present >= item->expected &&
			     !(item->row.flags & HUB_DECREASE);
		if (whole &&
		    decimal_to_int64(decimal_of_value(item->row.value), 6, DECIMAL_HALF_UP, &amount) == HUB_OK &&
		    amount >= 0)
			days[d].hour[zone_to_civil(v->zone, item->row.start).hour] = amount;
	}
	return st;
}

/* What so much costs by the newest bill's mean price of the point; false: there is none. */
static bool cost_of(const adviser *v, int64_t place, decimal amount, int64_t *ret)
{
	for (size_t i = 0; i < v->last->count; i++) {
		const unify_part *p = &v->last->parts[i];
		decimal d;
		if (p->point == place && decimal_sign(p->quantity) > 0)
			return decimal_mul(amount, decimal_of(p->amount, 0), &d) == HUB_OK &&
			       decimal_div(d, p->quantity, 0, DECIMAL_HALF_UP, &d) == HUB_OK &&
			       decimal_to_int64(d, 0, DECIMAL_DOWN, ret) == HUB_OK;
	}
	return false;
}

static void begin(adviser *v, const char *kind, const char *code, bool act)
{
	buf_text(v->out, v->told++ ? ",\n" : "\n");
	buf_printf(v->out, "{\"kind\":\"%s\",\"act\":%s,\"point\":", kind, act ? "true" : "false");
	json_write_text(v->out, code);
}

static const char *text_of(decimal d, char text[DECIMAL_TEXT])
{
	return decimal_text(decimal_trim(d), text);
}

/* What it comes to in a month, and what that costs. */
static void write_month(adviser *v, int64_t place, const char *unit, int64_t an_hour)
{
	char text[DECIMAL_TEXT];
	int64_t cents;
	decimal month = { .digits = (__int128)an_hour * MONTH_HOURS, .scale = 6 };
	if (decimal_round(month, 1, DECIMAL_HALF_UP, &month) != HUB_OK)
		return;
	buf_printf(v->out, ",\"month\":\"%s\",\"unit\":\"%s\"", text_of(month, text), unit);
	if (cost_of(v, place, month, &cents))
		buf_printf(v->out, ",\"month_cost\":%lld", (long long)cents);
}

static void tell_unknown(adviser *v, const char *kind, const char *code, const char *zh, const char *en)
{
	begin(v, kind, code, false);
	buf_printf(v->out, ",\"unknown\":true,\"text_zh\":\"%s\",\"text_en\":\"%s\"}", zh, en);
}

static hub_status tell_load(adviser *v, const point *p, hub_fault *fault)
{
	advice_day days[ADVICE_DAYS];
	advice_load load;
	char on[DECIMAL_TEXT], mean[DECIMAL_TEXT];
	hub_status st = read_days(v, p->id, "active_energy_import", days, fault);
	if (st != HUB_OK)
		return st;
	if (!advice_always_on(days, ADVICE_DAYS, &load)) {
		tell_unknown(v, "always_on", p->code, "近四周完整的逐时电量不足七天，看不出常开负荷",
			     "less than seven whole days of hourly energy in four weeks: the load that is always on "
			     "cannot be told");
		return HUB_OK;
	}
	begin(v, "always_on", p->code, load.act);
	text_of(decimal_of(load.always_on, 6), on);
	text_of(decimal_of(load.mean, 6), mean);
	buf_printf(v->out, ",\"power\":\"%s\",\"mean_power\":\"%s\",\"percent\":%d,\"days\":%zu", on, mean,
		   load.percent, load.days);
	write_month(v, p->id, "kWh", load.always_on);
	buf_printf(v->out,
		   ",\"text_zh\":\"家中一直开着约 %s 千瓦，占用电的 %d%%。%s\",\"text_en\":\"About %s kW are always "
		   "on, %d %% of the "
		   "home's use. %s\"}",
		   on, load.percent, load.act ? "看看待机的电器、旧冰箱和循环水泵。" : "这很正常。", on, load.percent,
		   load.act ? "Look at devices on standby, old refrigerators and circulation pumps."
			    : "That is usual.");
	return HUB_OK;
}

static hub_status tell_flow(adviser *v, const point *p, hub_fault *fault)
{
	advice_day days[ADVICE_DAYS];
	advice_flow flow;
	char least[DECIMAL_TEXT];
	hub_status st = read_days(v, p->id, "water_volume", days, fault);
	if (st != HUB_OK)
		return st;
	if (!advice_night_flow(days, ADVICE_DAYS, &flow)) {
		tell_unknown(v, "night_flow", p->code, "没有夜间逐时用水数据，看不出是否漏水",
			     "there is no hourly use of water at night: a leak cannot be told");
		return HUB_OK;
	}
	begin(v, "night_flow", p->code, flow.act);
	text_of(decimal_of(flow.least / 1000, 0), least);
	buf_printf(v->out, ",\"nights\":%zu,\"litres_an_hour\":\"%s\"", flow.nights, least);
	if (flow.act) {
		write_month(v, p->id, "m3", flow.least);
		buf_printf(v->out,
			   ",\"text_zh\":\"连续 %zu 夜一点到五点水一直在流，每小时至少 %s "
			   "升，可能漏水。请检查马桶、水龙头和水管。\","
			   "\"text_en\":\"Water did not stop between one and five for %zu nights running, %s litres an "
			   "hour at least: a leak. "
			   "Look at cisterns, taps and pipes.\"}",
			   flow.nights, least, flow.nights, least);
	} else {
		buf_text(v->out, ",\"text_zh\":\"夜间用水会停下来，没有漏水迹象。\",\"text_en\":\"Water stands still "
				 "at night: no sign of a leak.\"}");
	}
	return HUB_OK;
}

/* The periods of a contract's tariff, as the document names them. */
static hub_status periods_of(adviser *v, const contract *c, const char *list[8], size_t *ret_count)
{
	tariff_document d;
	*ret_count = 0;
	hub_status st = *c->tariff ? tariff_document_at(v->db, c->tariff, v->at, v->a, &d) : HUB_MISSING;
	if (st != HUB_OK)
		return st == HUB_MISSING ? HUB_OK : st;
	json_t *root = json_loads(d.body, 0, NULL),
	       *periods = json_object_get(json_object_get(root, "calendar"), "periods");
	const char *name;
	json_t *value;
	size_t i;
	json_array_foreach (periods, i, value)
		if (*ret_count < 8 && json_is_string(value))
			list[(*ret_count)++] = arena_strdup(v->a, json_string_value(value));
	json_object_foreach (periods, name, value)
		if (*ret_count < 8)
			list[(*ret_count)++] = arena_strdup(v->a, name);
	json_decref(root);
	for (i = 0; i < *ret_count; i++)
		if (!list[i])
			return HUB_NOMEM;
	return HUB_OK;
}

typedef struct best_shift {
	const char *from, *to;
	int64_t saving, forecast;
} best_shift;

/* What one shift would save at a point, by the function that makes the bill. */
static hub_status try_shift(adviser *v, bills *b, const point *p, const char *from, const char *to, best_shift *best,
			    hub_fault *fault)
{
	buf text = { 0 };
	bills_shift shift = { from, to, decimal_of(0, 0) };
	decimal_parse(SHIFT_PART, strlen(SHIFT_PART), &shift.part);
	hub_status st = bills_forecast(b, v->account, v->at, &shift, NULL, v->a, &text, fault);
	json_t *root = st == HUB_OK ? json_loads(buf_cstr(&text), 0, NULL) : NULL, *part;
	size_t i;
	json_array_foreach (json_object_get(root, "parts"), i, part) {
		const char *code = json_string_value(json_object_get(part, "point"));
		json_t *what = json_object_get(part, "what_if");
		int64_t saving = json_integer_value(json_object_get(what, "saving"));
		if (code && !strcmp(code, p->code) && saving > best->saving)
			*best =
			    (best_shift) { from, to, saving, json_integer_value(json_object_get(what, "forecast")) };
	}
	json_decref(root);
	buf_fini(&text);
	return st;
}

static hub_status tell_shift(adviser *v, bills *b, const contract *c, const point *p, hub_fault *fault)
{
	const char *list[8];
	size_t count;
	best_shift best = { NULL, NULL, 0, 0 };
	hub_status st = periods_of(v, c, list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		for (size_t k = 0; st == HUB_OK && k < count; k++)
			st = i == k ? HUB_OK : try_shift(v, b, p, list[i], list[k], &best, fault);
	if (st != HUB_OK || !best.from)
		return st;
	begin(v, "shift", p->code, true);
	char yuan[DECIMAL_TEXT];
	text_of(decimal_of(best.saving, 2), yuan);
	buf_printf(v->out, ",\"from\":\"%s\",\"to\":\"%s\",\"part\":\"%s\",\"saving\":%lld,\"forecast\":%lld",
		   best.from, best.to, SHIFT_PART, (long long)best.saving, (long long)best.forecast);
	buf_printf(v->out,
		   ",\"text_zh\":\"把“%s”时段用电的五分之一移到“%s”时段，本期约省 %s 元。\",\"text_en\":\"A fifth of "
		   "the use in the "
		   "period %s moved to %s saves about %s yuan in this cycle.\"}",
		   best.from, best.to, yuan, best.from, best.to, yuan);
	return HUB_OK;
}

static hub_status tell_all(adviser *v, hub_fault *fault)
{
	contract *list;
	size_t count = 0;
	bills *b = NULL;
	hub_status st = contract_list(v->db, &v->account->id, 1, v->at, v->at + 1, v->a, &list, &count);
	if (st == HUB_OK)
		st = bills_new(v->db, &b);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		point *p;
		size_t n;
		st = point_by_ids(v->db, &list[i].point, 1, v->a, &p, &n);
		if (st != HUB_OK || !n)
			continue;
		if (!strcmp(p->commodity, "electricity")) {
			st = tell_load(v, p, fault);
			if (st == HUB_OK)
				st = tell_shift(v, b, &list[i], p, fault);
		} else if (!strcmp(p->commodity, "water")) {
			st = tell_flow(v, p, fault);
		}
	}
	bills_free(b);
	return st;
}

hub_status advice_write(store *db, const billing_account *account, hub_time at, arena *a, buf *out, hub_fault *fault)
{
	zone *z = NULL;
	bill_row *rows;
	size_t count = 0;
	char time[CLOCK_TEXT];
	adviser v = {
		.db = db, .account = account, .at = at, .a = a, .out = out, .last = arena_alloc(a, sizeof *v.last)
	};
	hub_status st = v.last ? bill_of_account(db, account->id, 0, 1, a, &rows, &count) : HUB_NOMEM;
	if (st == HUB_OK && count)
		st = unify_read(rows[0].body, a, v.last);
	if (st == HUB_OK)
		st = zone_load(account->zone, &z);
	v.zone = z;
	buf_text(out, "{\"account\":");
	json_write_text(out, account->code);
	buf_printf(out, ",\"at\":\"%s\",\"currency\":\"CNY\",\"advice\":[", clock_text(at, time));
	if (st == HUB_OK)
		st = tell_all(&v, fault);
	buf_text(out, "]}\n");
	zone_free(z);
	return st;
}

hub_status advice_get(request *r)
{
	billing_account account;
	hub_time at;
	bool allowed = false;
	hub_fault fault = { 0 };
	hub_status st = request_time(r, "at", r->now, &at);
	if (st == HUB_OK)
		st = bill_account(r, &account);
	if (st == HUB_OK)
		st = account_message(r, &account, "advice", &allowed);
	if (st == HUB_OK && !allowed)
		return request_refuse(r, 404, "account.unknown", "account",
				      "there is no account '%.64s' that you may see", account.code);
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = advice_write(r->db, &account, at, r->arena, &r->body, &fault);
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}
