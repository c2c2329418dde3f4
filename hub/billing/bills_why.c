#include <jansson.h>
#include <string.h>

#include "base/json.h"
#include "billing/bills_parts.h"
#include "billing/why.h"
#include "model/quantity.h"
#include "store/party.h"
#include "store/series.h"

enum { DAYS = 400, PAGE = 10000 };
#define DAY INT64_C(86400000000)

/* What is known of one part and its like before. */
typedef struct asked {
	bills *b;
	const billing_account *account;
	const zone *z;
	const contract *contract;
	bool vehicle; /* the point is a charger's: all of its use is charging */
	const unify_part *is, *was, *before; /* before: the one before was */
	arena *a;
} asked;

/* The place that the contract's facts name for a thing, as {"weather": "city/air"}. 0: none. */
static hub_status place_of(const asked *q, const char *fact, int64_t *ret)
{
	json_t *facts = q->contract ? json_loads(q->contract->facts, 0, NULL) : NULL;
	const char *code = json_string_value(json_object_get(facts, fact));
	point p;
	*ret = 0;
	hub_status st = code ? point_by_code(q->b->db, code, q->a, &p) : HUB_MISSING;
	if (st == HUB_OK)
		*ret = p.id;
	json_decref(facts);
	return st == HUB_MISSING ? HUB_OK : st;
}

static hub_status read(const asked *q, int64_t place, const char *name, series_step step, const unify_part *part,
		       series_item **ret, size_t *ret_count)
{
	const quantity *what = quantity_find(name);
	hub_fault why;
	series_cursor cursor = { "" };
	*ret_count = 0;
	if (!what || !place)
		return HUB_OK;
	const series_query query = { .points = &place, .point_count = 1, .quantity = what->number, .from = part->start,
				     .to = part->end, .step = step, .zone = q->z, .limit = PAGE };
	return series_read(q->b->db, &query, &cursor, q->a, ret, ret_count, &why);
}

static hub_status sum_of(const asked *q, const char *fact, const char *name, const unify_part *part, decimal *ret)
{
	int64_t place;
	series_item *items;
	size_t count = 0;
	*ret = decimal_of(0, 0);
	hub_status st = place_of(q, fact, &place);
	if (st == HUB_OK)
		st = read(q, place, name, SERIES_DAY, part, &items, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = decimal_add(*ret, decimal_of_value(items[i].row.value), ret);
	return st;
}

static size_t day_of(const asked *q, const unify_part *part, hub_time t)
{
	size_t n = 0;
	for (hub_time at = part->start; n < DAYS && (at = zone_next(q->z, at, ZONE_DAY)) <= t;)
		n++;
	return n;
}

/* Below 18 °C people heat, above 26 °C they cool. */
static hub_status degrees_of_day(decimal sum, size_t count, decimal *ret)
{
	decimal mean, d;
	*ret = decimal_of(0, 0);
	if (!count)
		return HUB_OK;
	hub_status st = decimal_div(sum, decimal_of((int64_t)count, 0), 2, DECIMAL_HALF_EVEN, &mean);
	if (st == HUB_OK)
		st = decimal_sub(decimal_of(18, 0), mean, &d);
	if (st == HUB_OK && decimal_sign(d) > 0)
		*ret = d;
	if (st == HUB_OK)
		st = decimal_sub(mean, decimal_of(26, 0), &d);
	if (st == HUB_OK && decimal_sign(d) > 0)
		*ret = d;
	return st;
}

/* Degree-days of each day of a part, from the temperatures of the place that the contract names. */
static hub_status degrees_of(const asked *q, const unify_part *part, decimal *days, decimal *ret_sum)
{
	int64_t place;
	series_item *items;
	size_t count = 0, n[DAYS] = { 0 };
	decimal sums[DAYS] = { 0 };
	hub_status st = place_of(q, "weather", &place);
	*ret_sum = decimal_of(0, 0);
	if (st == HUB_OK)
		st = read(q, place, "ambient_temperature", SERIES_RAW, part, &items, &count);
	for (size_t i = 0, d = 0; st == HUB_OK && i < count; i++) {
		d = i && items[i].row.time - items[i - 1].row.time < DAY / 2 && zone_next(q->z, items[i - 1].row.time, ZONE_DAY) > items[i].row.time
			    ? d : day_of(q, part, items[i].row.time);
		if (d < DAYS)
			st = decimal_add(sums[d], decimal_of_value(items[i].row.value), &sums[d]);
		n[d < DAYS ? d : DAYS - 1]++;
	}
	for (size_t d = 0; st == HUB_OK && d < DAYS; d++) {
		st = degrees_of_day(sums[d], n[d], &days[d]);
		if (st == HUB_OK)
			st = decimal_add(*ret_sum, days[d], ret_sum);
	}
	return st;
}

static hub_status slope_of(const asked *q, const decimal *degrees, decimal *ret)
{
	const bills_document *d;
	hub_fault why;
	series_item *items;
	size_t count = 0, n = 0;
	decimal use[DAYS], paired[DAYS];
	*ret = decimal_of(0, 0);
	hub_status st = bills_document_of(q->b, q->was->tariff, &d, &why);
	const tariff_version *v = st == HUB_OK ? tariff_at(d->t, q->was->end - 1) : NULL;
	for (size_t i = 0; v && i < v->charge_count && !count; i++)
		if (v->charges[i].kind == TARIFF_USAGE)
			st = read(q, q->was->point, v->charges[i].quantity, SERIES_DAY, q->was, &items, &count);
	for (size_t i = 0; st == HUB_OK && i < count && n < DAYS; i++) {
		size_t day = day_of(q, q->was, items[i].row.start);
		if (day >= DAYS)
			continue;
		use[n] = decimal_of_value(items[i].row.value);
		paired[n++] = degrees[day];
	}
	return st == HUB_OK ? why_slope(use, paired, n, ret) : st;
}

/* A rating of the present period by a tariff version and a ladder's standing of one's choice, in the smallest unit. */
static hub_status rate_as(const asked *q, const tariff *t, const tariff_version *only, const char *state, bool old_state,
			  int64_t *ret)
{
	usage u;
	rating_bill bill;
	hub_fault why;
	int64_t covered;
	tariff one = *t;
	tariff_version version;
	if (only) {
		version = *only;
		version.from = INT64_MIN;
		version.to = INT64_MAX;
		one.versions = &version;
		one.version_count = 1;
	}
	hub_status st = bills_usage(q->b, &one, q->is, q->contract->facts, state, q->contract->valid_from, 0, q->a, &u, &covered, &why);
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; old_state && i < u.state.ladder_count; i++)
		u.state.ladders[i].since = 0; /* counts for whatever tier period it is now */
	st = rating_rate(&one, &u, q->a, &bill, &why);
	usage_fini(&u);
	return st == HUB_OK ? decimal_to_int64(bill.total, 2, DECIMAL_HALF_UP, ret) : st;
}

/* What the tariff's change and the ladder's standing did. What cannot be rated so did nothing. */
static hub_status rate_causes(const asked *q, why_input *in)
{
	const bills_document *now, *then;
	hub_fault why;
	int64_t as_is, old_price, old_tier;
	hub_status st = bills_document_of(q->b, q->is->tariff, &now, &why);
	if (st == HUB_OK)
		st = bills_document_of(q->b, q->was->tariff, &then, &why);
	if (st != HUB_OK)
		return st;
	const tariff_version *version = tariff_at(then->t, q->was->end - 1);
	if (!version)
		return HUB_OK;
	st = rate_as(q, now->t, NULL, q->was->state, false, &as_is);
	if (st == HUB_OK)
		st = rate_as(q, then->t, version, q->was->state, false, &old_price);
	if (st == HUB_OK)
		st = rate_as(q, then->t, version, q->before ? q->before->state : "", true, &old_tier);
	if (st == HUB_OK) {
		in->price = as_is - old_price;
		in->tier = old_price - old_tier;
	}
	return st;
}

static hub_status side_of(const asked *q, const unify_part *p, decimal *days, why_side *ret)
{
	*ret = (why_side){ 0 };
	if (!p)
		return HUB_OK;
	*ret = (why_side){ .amount = p->amount, .quantity = p->quantity, .estimated = p->estimated };
	for (hub_time at = p->start; at < p->end; at = zone_next(q->z, at, ZONE_DAY))
		ret->days++;
	hub_status st = q->vehicle ? HUB_OK : sum_of(q, "charging", "ev_energy", p, &ret->charging);
	if (q->vehicle)
		ret->charging = p->quantity;
	return st == HUB_OK ? degrees_of(q, p, days, &ret->degrees) : st;
}

static hub_status explain(const asked *q, int64_t ret[WHY_CAUSES])
{
	static _Thread_local decimal was[DAYS], is[DAYS];
	why_input in = { .vehicle = q->vehicle };
	hub_status st = side_of(q, q->was, was, &in.was);
	if (st == HUB_OK)
		st = side_of(q, q->is, is, &in.is);
	if (st == HUB_OK && q->is && q->was && q->is->tariff && q->was->tariff && q->contract) {
		st = slope_of(q, was, &in.slope);
		if (st == HUB_OK)
			st = rate_causes(q, &in);
		if (st == HUB_REJECT || st == HUB_MISSING)
			st = HUB_OK;
	}
	return st == HUB_OK ? why_split(&in, ret) : st;
}

static hub_status write(const asked *q, const int64_t causes[WHY_CAUSES], buf *out)
{
	const unify_part *any = q->is ? q->is : q->was;
	party who;
	point *at;
	size_t found;
	hub_status st = party_by_id(q->b->db, any->party, q->a, &who);
	if (st == HUB_OK)
		st = point_by_ids(q->b->db, &any->point, 1, q->a, &at, &found);
	if (st != HUB_OK)
		return st;
	buf_printf(out, "{\"party\":\"%s\",\"point\":", who.code);
	json_write_text(out, found ? at->code : "");
	buf_printf(out, ",\"was\":%lld,\"is\":%lld,\"change\":%lld,\"causes\":{", (long long)(q->was ? q->was->amount : 0),
		   (long long)(q->is ? q->is->amount : 0),
		   (long long)((q->is ? q->is->amount : 0) - (q->was ? q->was->amount : 0)));
	for (int i = 0; i < WHY_CAUSES; i++)
		buf_printf(out, "%s\"%s\":%lld", i ? "," : "", why_names[i], (long long)causes[i]);
	buf_text(out, "}}");
	return HUB_OK;
}

static hub_status add(asked *q, const unify_bill *before, int64_t sums[WHY_CAUSES], buf *out)
{
	contract *list;
	size_t count;
	int64_t causes[WHY_CAUSES];
	const unify_part *any = q->is ? q->is : q->was;
	hub_status st = contract_list(q->b->db, &q->account->id, 1, any->start, any->end, q->a, &list, &count);
	point *at;
	size_t found = 0;
	if (st == HUB_OK)
		st = point_by_ids(q->b->db, &any->point, 1, q->a, &at, &found);
	q->vehicle = st == HUB_OK && found && !strcmp(at->commodity, "ev");
	q->contract = NULL;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (list[i].point == any->point && list[i].party == any->party)
			q->contract = &list[i];
	q->before = unify_find(before, any->point, any->party);
	if (st == HUB_OK)
		st = explain(q, causes);
	for (int i = 0; st == HUB_OK && i < WHY_CAUSES; i++)
		sums[i] += causes[i];
	return st == HUB_OK ? write(q, causes, out) : st;
}

static hub_status load(bills *b, const bill_row *row, arena *a, unify_bill bill[3], int32_t *ret_with)
{
	bill_row *rows;
	size_t count;
	hub_status st = unify_read(row->body, a, &bill[0]);
	bill[1].count = bill[2].count = 0;
	*ret_with = 0;
	bill_row last = *row;
	for (int i = 1; st == HUB_OK && i < 3; i++) {
		st = bill_before(b->db, &last.account, 1, last.cycle, a, &rows, &count);
		if (st != HUB_OK || !count)
			break;
		last = rows[0];
		*ret_with = i == 1 ? last.cycle : *ret_with;
		st = unify_read(last.body, a, &bill[i]);
	}
	return st;
}

hub_status bills_why(bills *b, const billing_account *account, const bill_row *row, int64_t only_party, arena *a, buf *out,
		     hub_fault *fault)
{
	asked q = { .b = b, .account = account, .a = a };
	int64_t sums[WHY_CAUSES] = { 0 };
	int32_t with = 0;
	size_t shown = 0;
	unify_bill *bill = arena_array(a, 3, sizeof *bill);
	hub_status st = bill ? load(b, row, a, bill, &with) : HUB_NOMEM;
	if (st == HUB_OK)
		st = bills_zone(b, account->zone, &q.z, fault);
	if (st != HUB_OK)
		return st;
	if (!with) {
		hub_fault_set(fault, "bill.first", "cycle", "there is no earlier bill to compare with");
		return HUB_MISSING;
	}
	buf_text(out, "{");
	bills_head(account, row, out);
	buf_printf(out, ",\"with\":\"%04d-%02d\",\"parts\":[", with / 100, with % 100);
	for (size_t i = 0; st == HUB_OK && i < bill[0].count; i++) {
		q.is = &bill[0].parts[i];
		/* Two parts of one point in a cycle, as after a move: the last is what the last cycle's is compared with. */
		bool last = unify_find(&bill[0], q.is->point, q.is->party) == q.is;
		q.was = last ? unify_find(&bill[1], q.is->point, q.is->party) : NULL;
		if (only_party && q.is->party != only_party)
			continue;
		buf_text(out, shown++ ? "," : "");
		st = add(&q, &bill[2], sums, out);
	}
	for (size_t i = 0; st == HUB_OK && i < bill[1].count; i++) {
		q.is = NULL;
		q.was = &bill[1].parts[i];
		bool compared = unify_find(&bill[0], q.was->point, q.was->party) &&
				unify_find(&bill[1], q.was->point, q.was->party) == q.was;
		if (compared || (only_party && q.was->party != only_party))
			continue;
		buf_text(out, shown++ ? "," : "");
		st = add(&q, &bill[2], sums, out);
	}
	buf_text(out, "],\"causes\":{");
	int64_t change = 0;
	for (int i = 0; i < WHY_CAUSES; i++) {
		buf_printf(out, "%s\"%s\":%lld", i ? "," : "", why_names[i], (long long)sums[i]);
		change += sums[i];
	}
	buf_printf(out, "},\"change\":%lld}", (long long)change);
	return st;
}
