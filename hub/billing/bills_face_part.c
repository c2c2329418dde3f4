#include "billing/bills_face_parts.h"

#include <string.h>

#include "store/contact.h"
#include "store/device.h"
#include "store/party.h"
#include "store/premise.h"
#include "store/series.h"

enum { DAYS_MAX = 400, PATH_FROM = 2 };

/* From the district's estate down to the home: the city and district are known. */
static hub_status place_of(const face_source *s, int64_t premise_id, const char **ret)
{
	premise at = { 0 };
	buf text = { 0 };
	*ret = "";
	if (!premise_id)
		return HUB_OK;
	hub_status st = premise_by_id(s->b->db, premise_id, s->a, &at);
	size_t from = at.path_count > PATH_FROM ? PATH_FROM : 0;
	for (size_t i = from; st == HUB_OK && i < at.path_count; i++) {
		premise step;
		st = premise_by_id(s->b->db, at.path[i], s->a, &step);
		if (st == HUB_OK)
			buf_printf(&text, "%s%s", text.len ? " " : "", *step.name_zh ? step.name_zh : *step.name_en ? step.name_en : step.code);
	}
	if (st == HUB_OK)
		*ret = arena_strdup(s->a, buf_cstr(&text));
	buf_fini(&text);
	return st == HUB_MISSING ? HUB_OK : st == HUB_OK && !*ret ? HUB_NOMEM : st;
}

/* The meter at the end of the part. */
static hub_status meter_of(const face_source *s, const unify_part *p, const char **ret)
{
	point_meter *list;
	size_t count;
	*ret = "";
	hub_status st = point_meters(s->b->db, &p->point, 1, s->a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (list[i].from < p->end && (!list[i].to || list[i].to >= p->end))
			*ret = list[i].meter;
	return st;
}

static unsigned marks_of(const face_source *s, const unify_part *p)
{
	unsigned marks = 0;
	if (decimal_sign(p->estimated))
		marks |= FACE_ESTIMATED;
	if (p->flags & UNIFY_IMPORTED)
		marks |= FACE_IMPORTED;
	for (size_t i = 0; i < s->import_count; i++)
		if ((p->flags & UNIFY_IMPORTED) && s->imports[i].sealed && s->imports[i].party == p->party && s->imports[i].point == p->point)
			marks |= FACE_SIGNED;
	for (size_t i = 0; i < s->dispute_count; i++)
		if (s->disputes[i].party == p->party && s->disputes[i].point == p->point && !s->disputes[i].settled)
			marks |= FACE_DISPUTED;
	return marks;
}

hub_status bills_face_part(const face_source *s, const unify_part *p, int64_t paid, face_part *ret)
{
	party who;
	point *at;
	size_t found = 0;
	party_contact contact;
	hub_status st = party_by_id(s->b->db, p->party, s->a, &who);
	if (st == HUB_OK)
		st = contact_of_party(s->b->db, p->party, s->a, &contact);
	if (st == HUB_OK)
		st = point_by_ids(s->b->db, &p->point, 1, s->a, &at, &found);
	if (st != HUB_OK)
		return st;
	*ret = (face_part){ .commodity = found ? at->commodity : "", .utility = { who.name_zh, who.name_en }, .phone = contact.phone,
			    .web = contact.web, .point = found ? at->code : "", .place = "", .reference = p->reference,
			    .unit = p->unit, .tariff = "", .start = p->start, .end = p->end, .quantity = p->quantity,
			    .estimated = p->estimated, .amount = p->amount, .paid = paid, .marks = marks_of(s, p) };
	if (!*who.name_zh && !*who.name_en)
		ret->utility = (face_text){ who.code, who.code };
	st = meter_of(s, p, &ret->meter);
	if (st == HUB_OK && found)
		st = place_of(s, at->premise, &ret->place);
	if (st == HUB_OK && p->tariff)
		st = bills_face_lines(s, p, ret);
	if (st == HUB_OK)
		st = bills_face_months(s, p, ret);
	return st;
}

/* The quantity whose amounts the part bills: as bills_compute counts it. */
static const quantity *quantity_of(const face_source *s, const unify_part *p)
{
	const bills_document *d;
	hub_fault why;
	if (bills_document_of(s->b, p->tariff, &d, &why) != HUB_OK)
		return NULL;
	const tariff_version *v = tariff_at(d->t, p->end - 1);
	for (size_t i = 0; v && i < v->charge_count; i++)
		if (v->charges[i].kind == TARIFF_USAGE)
			return quantity_find(v->charges[i].quantity);
	return NULL;
}

/* Adds an amount to the bar of its day. */
static hub_status add(face_bar *bars, size_t count, const series_item *item)
{
	for (size_t i = 0; i < count; i++) {
		if (item->row.start < bars[i].start || (i + 1 < count && item->row.start >= bars[i + 1].start))
			continue;
		bars[i].has = true;
		bars[i].estimated |= (item->row.flags & HUB_ESTIMATED) != 0;
		return decimal_add(bars[i].value, decimal_of_value(item->row.value), &bars[i].value);
	}
	return HUB_OK;
}

hub_status bills_face_days(const face_source *s, const unify_part *p, face_part *ret)
{
	const quantity *q = quantity_of(s, p);
	face_bar *bars = arena_array(s->a, DAYS_MAX, sizeof *bars);
	series_item *items;
	series_cursor cursor = { "" };
	size_t n = 0, count = 0;
	if (!bars)
		return HUB_NOMEM;
	for (hub_time t = zone_floor(s->zone, p->start, ZONE_DAY); t < p->end && n < DAYS_MAX; t = zone_next(s->zone, t, ZONE_DAY))
		bars[n++].start = t;
	if (!q || n == DAYS_MAX)
		return HUB_OK;
	const series_query query = { .points = &p->point, .point_count = 1, .quantity = q->number, .from = p->start, .to = p->end,
				     .step = SERIES_DAY, .zone = s->zone, .limit = 2 * DAYS_MAX };
	hub_status st = series_read(s->b->db, &query, &cursor, s->a, &items, &count, s->fault);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = add(bars, n, &items[i]);
	if (st == HUB_OK) {
		ret->days = bars;
		ret->day_count = count ? n : 0;
	}
	return st;
}

static int month_number(int32_t cycle)
{
	return cycle / 100 * 12 + cycle % 100 - 1;
}

/* What one bill has of this point and utility, into its month's bar. */
static hub_status month(const face_source *s, const unify_part *p, const char *body, face_bar *bar)
{
	unify_bill *bill = arena_alloc(s->a, sizeof *bill);
	hub_status st = bill ? unify_read(body, s->a, bill) : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < bill->count; i++) {
		const unify_part *other = &bill->parts[i];
		if (other->point != p->point || other->party != p->party || strcmp(other->unit, p->unit))
			continue;
		bar->has = true;
		bar->estimated |= decimal_sign(other->estimated) != 0;
		st = decimal_add(bar->value, other->quantity, &bar->value);
	}
	return st;
}

hub_status bills_face_months(const face_source *s, const unify_part *p, face_part *ret)
{
	int now = month_number(s->row->cycle);
	hub_status st = HUB_OK;
	for (int i = 0; i < FACE_MONTHS; i++) {
		int at = now - FACE_MONTHS + 1 + i;
		zone_from_civil(s->zone, (zone_civil){ .year = at / 12, .month = at % 12 + 1, .day = 1 }, &ret->year[i].start, NULL);
		at -= 12;
		zone_from_civil(s->zone, (zone_civil){ .year = at / 12, .month = at % 12 + 1, .day = 1 }, &ret->before[i].start, NULL);
	}
	for (size_t i = 0; st == HUB_OK && i < s->row_count; i++) {
		const bill_row *r = &s->rows[i];
		int back = now - month_number(r->cycle);
		bool first = !i || s->rows[i - 1].cycle != r->cycle;
		if (back <= 0 || back >= 2 * FACE_MONTHS || !first || r->state != BILL_POSTED)
			continue;
		face_bar *bars = back < FACE_MONTHS ? ret->year : ret->before;
		st = month(s, p, r->body, &bars[FACE_MONTHS - 1 - back % FACE_MONTHS]);
	}
	return st == HUB_OK ? month(s, p, s->row->body, &ret->year[FACE_MONTHS - 1]) : st;
}
