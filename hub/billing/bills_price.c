#include "billing/bills_price.h"

#include <string.h>

#include "billing/bills_charging.h"
#include "billing/bills_parts.h"

/* So many kWh are rated and divided again: what a line rounds to the cent is small against that. */
enum { SAMPLE_KWH = 1000, SAMPLE_DIGITS = 3 };

static bool by_energy(const rating_line *l)
{
	switch (l->form) {
	case RATING_AMOUNT:
	case RATING_MARKET:
		return l->unit && !strcmp(l->unit, "kWh");
	case RATING_PERCENT:
		return true;
	default:
		return false;
	}
}

static hub_status sum_of(const rating_bill *bill, decimal *ret)
{
	decimal sum = decimal_of(0, 0);
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < bill->count; i++)
		if (by_energy(&bill->lines[i]))
			st = decimal_add(sum, bill->lines[i].amount, &sum);
	if (st == HUB_OK)
		st = decimal_mul(sum, decimal_of(1, SAMPLE_DIGITS), &sum);
	if (st == HUB_OK)
		st = decimal_round(sum, 4, DECIMAL_HALF_UP, &sum);
	*ret = decimal_trim(sum);
	return st;
}

/* The sample is a session that takes it evenly over the time. */
static hub_status price_at(const tariff *t, hub_time start, hub_time end, arena *a, decimal *ret, hub_fault *fault)
{
	const bills_session sample = { .start = start, .end = end, .stop_wh = SAMPLE_KWH * INT64_C(1000) };
	rating_bill bill;
	hub_status st = bills_session_bill(t, &sample, a, &bill, fault);
	return st == HUB_OK ? sum_of(&bill, ret) : st;
}

hub_status bills_prices(bills *b, const char *code, hub_time from, arena *a, bills_price *ret, size_t *ret_count,
			const char **ret_text, const char **ret_currency, hub_fault *fault)
{
	const bills_document *d;
	size_t n = 0;
	hub_time start = from - from % BILLS_PRICE_STEP;
	hub_status st = bills_document_at(b, code, from, &d, fault);
	for (int i = 0; st == HUB_OK && i < BILLS_PRICES; i++) {
		bills_price p = { .start = start + i * BILLS_PRICE_STEP, .end = start + (i + 1) * BILLS_PRICE_STEP };
		st = price_at(d->t, p.start, p.end, a, &p.price, fault);
		if (st == HUB_OK && n && !decimal_cmp(ret[n - 1].price, p.price))
			ret[n - 1].end = p.end;
		else if (st == HUB_OK)
			ret[n++] = p;
	}
	if (st != HUB_OK)
		return st;
	*ret_count = n;
	*ret_text = d->t->text ? d->t->text : "";
	*ret_currency = d->t->currency ? d->t->currency : "";
	return HUB_OK;
}
