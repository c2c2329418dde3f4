#include "api/sales.h"

#include "billing/sales.h"

#define DAY INT64_C(86400000000)
enum { YEARS = 10 };

static hub_status asked(request *r, sales_ask *q)
{
	const char *step = request_query(r, "by"), *name = request_query(r, "zone");
	q->party = r->caller.id;
	q->step = step ? step : "day";
	q->zone = name ? name : "Asia/Shanghai";
	if (!sales_step_known(q->step))
		return request_refuse(r, 400, "sales.by", "by", "'by' is day, month or year, not '%.20s'", q->step);
	hub_status st = request_time(r, "to", r->now, &q->to);
	if (st == HUB_OK)
		st = request_time(r, "from", q->to - 31 * DAY, &q->from);
	if (st == HUB_OK && (q->from >= q->to || q->to - q->from > YEARS * 366 * DAY))
		return request_refuse(r, 400, "sales.period", "from", "'from' lies before 'to', by at most %d years",
				      YEARS);
	return st;
}

static hub_status report(request *r, const sales_ask *q, sales_form form)
{
	zone *z = NULL;
	sales_row *rows;
	size_t count;
	if (zone_load(q->zone, &z) != HUB_OK)
		return request_refuse(r, 400, "sales.zone", "zone", "'%.64s' is no time zone such as Asia/Shanghai",
				      q->zone);
	hub_status st = request_as_core(r);
	if (st == HUB_OK)
		st = sales_list(r->db, q, r->arena, &rows, &count);
	buf_clear(&r->body);
	if (st == HUB_OK)
		st = sales_write(q, rows, count, z, r->now, form, r->arena, &r->body);
	zone_free(z);
	if (st == HUB_OK && r->body.len > REQUEST_PART)
		return request_refuse(r, 400, "sales.period", "from",
				      "this answer would be too long; ask for less, or by month or year");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

hub_status sales_get(request *r)
{
	sales_ask q;
	hub_status st = asked(r, &q);
	return st == HUB_OK ? report(r, &q, SALES_JSON) : st;
}

hub_status sales_book_get(request *r)
{
	sales_ask q;
	hub_status st = asked(r, &q);
	if (st == HUB_OK)
		st = report(r, &q, SALES_XLSX);
	if (st != HUB_OK || r->reply->status != 200)
		return st;
	r->reply->content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	return request_add_header(r, "content-disposition", "attachment; filename=\"sales.xlsx\"");
}
