/* Why a bill is higher, and what this cycle will come to. */
#include <string.h>

#include "api/bills.h"

hub_status bill_why_get(request *r)
{
	billing_account account;
	bill_row row;
	bill_view view = BILL_HIDDEN;
	bills *b = NULL;
	hub_fault fault = { 0 };
	hub_status st = bill_of_id(r, r->values[0], &account, &row, &view);
	if (st == HUB_MISSING)
		return request_refuse(r, 404, "bill.unknown", "id", "there is no bill '%.64s' that you may see", r->values[0]);
	if (st == HUB_OK)
		st = bills_new(r->db, &b);
	if (st == HUB_OK)
		st = bills_why(b, &account, &row, view == BILL_PART ? r->caller.id : 0, r->arena, &r->body, &fault);
	bills_free(b);
	if (st == HUB_MISSING && fault.code)
		return request_problem(r, 404, &fault);
	buf_text(&r->body, "\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static bool read_decimal(const char *text, decimal *ret)
{
	return decimal_parse(text, strlen(text), ret) == HUB_OK && decimal_sign(*ret) >= 0;
}

hub_status forecast_get(request *r)
{
	billing_account account;
	hub_time at;
	decimal kw;
	bills *b = NULL;
	hub_fault fault = { 0 };
	const char *power = request_query(r, "power"), *part = request_query(r, "shift_part");
	bills_shift shift = { request_query(r, "shift_from"), request_query(r, "shift_to"), decimal_of(1, 0) };
	if ((shift.from == NULL) != (shift.to == NULL) || (part && (!read_decimal(part, &shift.part) ||
								    decimal_cmp(shift.part, decimal_of(1, 0)) > 0)))
		return request_refuse(r, 400, "forecast.shift", "shift_from", "shift_from and shift_to are two periods of the tariff, "
				      "shift_part is from 0 to 1");
	if (power && !read_decimal(power, &kw))
		return request_refuse(r, 400, "forecast.power", "power", "'%.30s' is no power in kW", power);
	hub_status st = request_time(r, "at", r->now, &at);
	if (st == HUB_OK)
		st = bill_account(r, &account);
	if (st == HUB_OK)
		st = bills_new(r->db, &b);
	if (st == HUB_OK)
		st = bills_forecast(b, &account, at, &shift, power ? &kw : NULL, r->arena, &r->body, &fault);
	bills_free(b);
	buf_text(&r->body, "\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}
