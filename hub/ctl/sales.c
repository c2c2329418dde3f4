/* hubctl report sales: the head office's report over all parties. */
#include "billing/sales.h"

#include <stdio.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "ctl/words.h"

static hub_status report(ctl *c, sales_ask *q, const char *code, sales_form form, arena *a, buf *out, hub_fault *fault)
{
	zone *z = NULL;
	sales_row *rows;
	size_t count;
	hub_status st = code ? word_party(c->db, code, a, &q->party, fault) : HUB_OK;
	if (st == HUB_OK && !sales_step_known(q->step))
		st = hub_fault_set(fault, "sales.by", "by", "'by' is day, month or year, not '%.20s'", q->step);
	if (st == HUB_OK && zone_load(q->zone, &z) != HUB_OK)
		st = hub_fault_set(fault, "sales.zone", "zone", "'%.64s' is no time zone such as Asia/Shanghai",
				   q->zone);
	if (st == HUB_OK)
		st = sales_list(c->db, q, a, &rows, &count);
	if (st == HUB_OK)
		st = sales_write(q, rows, count, z, clock_now(), form, a, out);
	zone_free(z);
	return st;
}

int ctl_report_sales(ctl *c, int argc, char **argv)
{
	int bad = 0;
	hub_fault fault = { 0 };
	buf out = { 0 };
	arena a;
	sales_ask q = { .step = "day", .zone = "Asia/Shanghai" };
	sales_form form = SALES_JSON;
	const char *code = ctl_take(&argc, argv, "party", 1, &bad), *from = ctl_take(&argc, argv, "from", 1, &bad);
	const char *to = ctl_take(&argc, argv, "to", 1, &bad), *step = ctl_take(&argc, argv, "by", 1, &bad);
	const char *name = ctl_take(&argc, argv, "zone", 1, &bad), *format = ctl_take(&argc, argv, "format", 1, &bad);
	if (bad || ctl_leftover("report sales", argc, argv) || argc != 1 ||
	    (format && !sales_form_parse(format, &form)))
		return ctl_usage("report sales");
	q.step = step ? step : q.step;
	q.zone = name ? name : q.zone;
	arena_init(&a, 0);
	hub_status st = word_time(to, clock_now(), &q.to, &fault);
	if (st == HUB_OK)
		st = word_time(from, q.to - INT64_C(31) * 86400000000, &q.from, &fault);
	if (st == HUB_OK)
		st = report(c, &q, code, form, &a, &out, &fault);
	if (st == HUB_OK)
		fwrite(out.bytes, 1, out.len, stdout);
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("report sales", st, &fault);
}
