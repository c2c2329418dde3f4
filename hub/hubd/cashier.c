#include "base/clock.h"
#include "billing/bills_charging.h"
#include "hubd/work.h"

#define PAUSE 500000 /* µs */

/* The parsed tariffs live as long as the connection. */
typedef struct cashier {
	bills *bills;
} cashier;

static hub_status round_of(worker *w, void *own, int64_t *rest)
{
	(void)rest;
	cashier *s = own;
	bool any = true;
	hub_fault fault = { 0 };
	hub_status st = s->bills ? HUB_OK : bills_new(w->db, &s->bills);
	while (st == HUB_OK && any && !w->core->stopping) {
		arena_reset(&w->memory);
		st = bills_charge_next(s->bills, clock_now(), &w->memory, &any, &fault);
	}
	if (st != HUB_OK && st != HUB_AGAIN)
		log_error("cashier: %s (%s)", fault.message, fault.code ? fault.code : hub_status_name(st));
	return st;
}

static void end(void *own)
{
	bills_free(((cashier *)own)->bills);
}

const role role_cashier = { .name = "cashier", .rest = PAUSE, .round = round_of, .size = sizeof(cashier), .end = end };
