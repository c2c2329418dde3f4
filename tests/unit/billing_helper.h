/* Tariff and usage documents as text, rated in one call, for the tests of billing. */
#ifndef TEST_BILLING_HELPER_H
#define TEST_BILLING_HELPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "billing/rating.h"

typedef struct rated {
	hub_status st;
	hub_fault fault;
	tariff *t;
	usage u;
	arena a;
	rating_bill bill;
} rated;

static inline void rate_texts(rated *r, const char *tariff_text, const char *usage_text)
{
	memset(r, 0, sizeof *r);
	arena_init(&r->a, 0);
	r->st = tariff_parse(tariff_text, strlen(tariff_text), &r->t, &r->fault);
	if (r->st == HUB_OK)
		r->st = usage_parse(usage_text, strlen(usage_text), &r->a, &r->u, &r->fault);
	if (r->st == HUB_OK)
		r->st = rating_rate(r->t, &r->u, &r->a, &r->bill, &r->fault);
}

static inline void rated_fini(rated *r)
{
	usage_fini(&r->u);
	tariff_free(r->t);
	arena_fini(&r->a);
}

static inline void assert_decimal(decimal d, const char *text)
{
	char out[DECIMAL_TEXT];
	assert_string_equal(decimal_text(decimal_trim(d), out), text);
}

/* The documents give this total. */
static inline void assert_total(const char *tariff_text, const char *usage_text, const char *total)
{
	rated r;
	rate_texts(&r, tariff_text, usage_text);
	if (r.st != HUB_OK)
		print_message("%s: %s\n", r.fault.code, r.fault.message);
	assert_int_equal(r.st, HUB_OK);
	assert_decimal(r.bill.total, total);
	rated_fini(&r);
}

/* The documents are refused with this code. */
static inline void assert_refused(const char *tariff_text, const char *usage_text, const char *code)
{
	rated r;
	rate_texts(&r, tariff_text, usage_text);
	assert_int_equal(r.st, HUB_REJECT);
	assert_string_equal(r.fault.code, code);
	rated_fini(&r);
}

#define MONTH_OF(use)                                                                                                  \
	"{\"zone\":\"Asia/Shanghai\",\"start\":\"2026-01-01\",\"end\":\"2026-02-01\",\"series\":[{\"quantity\":"       \
	"\"active_energy_import\",\"unit\":\"kWh\",\"start\":\"2026-01-01\",\"step\":\"month\",\"values\":[\"" use     \
	"\"]}]}"

#endif
