#include "billing/sales.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "billing/bills_parts.h"
#include "face/csv.h"
#include "face/table.h"

enum { COLUMNS = 10, SUMS_MAX = 16 };

static const char *const forms[SALES_FORMS] = { "json", "csv", "xlsx" };
static const char *const steps[] = { "day", "month", "year" };

bool sales_form_parse(const char *name, sales_form *ret)
{
	for (int i = 0; i < SALES_FORMS; i++)
		if (!strcmp(forms[i], name)) {
			*ret = (sales_form)i;
			return true;
		}
	return false;
}

bool sales_step_known(const char *step)
{
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (!strcmp(steps[i], step))
			return true;
	return false;
}

/* "2026-10-31", "2026-10", "2026". */
static const char *period_of(const sales_ask *q, const zone *z, hub_time start, arena *a)
{
	const zone_civil c = zone_to_civil(z, start);
	if (!strcmp(q->step, "year"))
		return arena_printf(a, "%04d", c.year);
	if (!strcmp(q->step, "month"))
		return arena_printf(a, "%04d-%02d", c.year, c.month);
	return arena_printf(a, "%04d-%02d-%02d", c.year, c.month, c.day);
}

static bool add(sales_row *to, const sales_row *r)
{
	return !__builtin_add_overflow(to->billed, r->billed, &to->billed) &&
	       !__builtin_add_overflow(to->cancelled, r->cancelled, &to->cancelled) &&
	       !__builtin_add_overflow(to->paid, r->paid, &to->paid) &&
	       !__builtin_add_overflow(to->refunded, r->refunded, &to->refunded);
}

/* One sum for each currency of utilities, and of providers. */
static hub_status sums_of(const sales_row *rows, size_t count, sales_row sums[SUMS_MAX], size_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < *ret && (sums[k].currency != rows[i].currency || sums[k].provider != rows[i].provider))
			k++;
		if (k == SUMS_MAX)
			return HUB_RANGE;
		if (k == *ret)
			sums[(*ret)++] = (sales_row) { .party = "",
						       .name_zh = "合计",
						       .name_en = "total",
						       .provider = rows[i].provider,
						       .currency = rows[i].currency };
		if (!add(&sums[k], &rows[i]))
			return HUB_RANGE;
	}
	return HUB_OK;
}

static void row_json(const sales_row *r, const char *period, buf *out)
{
	buf_printf(out, "{\"%s\":", r->provider ? "provider" : "party");
	json_write_text(out, r->party);
	buf_printf(out, ",\"period\":\"%s\",\"currency\":\"%s\"", period, bills_currency_code(r->currency));
	if (!r->provider)
		buf_printf(out, ",\"billed\":%lld,\"cancelled\":%lld", (long long)r->billed, (long long)r->cancelled);
	buf_printf(out, ",\"paid\":%lld,\"refunded\":%lld", (long long)r->paid, (long long)r->refunded);
	if (*r->party)
		buf_printf(out, ",\"%s\":%lld", r->provider ? "orders" : "accounts", (long long)r->accounts);
	buf_text(out, "}");
}

static void write_json(const sales_ask *q, const sales_row *rows, const char *const *periods, size_t count,
		       const sales_row *sums, size_t sum_count, buf *out)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	buf_printf(out, "{\"from\":\"%s\",\"to\":\"%s\",\"by\":\"%s\",\"zone\":\"%s\",\"sales\":[",
		   clock_text(q->from, from), clock_text(q->to, to), q->step, q->zone);
	for (size_t i = 0; i < count; i++) {
		buf_text(out, i ? ",\n" : "\n");
		row_json(&rows[i], periods[i], out);
	}
	buf_text(out, "],\"totals\":[");
	for (size_t i = 0; i < sum_count; i++) {
		buf_text(out, i ? "," : "");
		row_json(&sums[i], "", out);
	}
	buf_text(out, "]}\n");
}

static const char *const heads[COLUMNS] = {
	"期间 Period",	 "单位 Party",	   "名称 Name", "类别 Kind",	 "币种 Currency",
	"已开账 Billed", "冲正 Cancelled", "实收 Paid", "退款 Refunded", "户数或笔数 Accounts or orders"
};
static const double widths[COLUMNS] = { 12, 16, 24, 20, 10, 14, 14, 14, 14, 14 };

static void cells_of(const sales_row *r, const char *period, face_cell *c)
{
	const int64_t amounts[] = { r->billed, r->cancelled, r->paid, r->refunded };
	const char *texts[] = { period, r->party, *r->name_zh ? r->name_zh : r->name_en,
				r->provider ? "支付渠道 provider" : "公用事业 utility",
				bills_currency_code(r->currency) };
	for (int i = 0; i < 5; i++)
		c[i] = (face_cell) { .kind = FACE_TEXT, .text = texts[i] };
	for (int i = r->provider ? 2 : 0; i < 4; i++)
		c[5 + i] = (face_cell) { .kind = FACE_NUMBER, .number = decimal_of(amounts[i], 2) };
	if (*r->party)
		c[9] = (face_cell) { .kind = FACE_NUMBER, .number = decimal_of(r->accounts, 0) };
}

static void write_csv(const face_cell *cells, size_t rows, buf *out)
{
	char text[DECIMAL_TEXT];
	buf_text(out, "\xef\xbb\xbf");
	for (size_t k = 0; k < COLUMNS; k++) {
		buf_text(out, k ? "," : "");
		csv_text(out, heads[k]);
	}
	buf_text(out, "\r\n");
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < COLUMNS; k++) {
			const face_cell *c = &cells[i * COLUMNS + k];
			buf_text(out, k ? "," : "");
			if (c->kind == FACE_TEXT)
				csv_text(out, c->text);
			else if (c->kind == FACE_NUMBER)
				buf_text(out, decimal_text(c->number, text));
			buf_text(out, k + 1 == COLUMNS ? "\r\n" : "");
		}
}

static hub_status write_book(const sales_ask *q, const face_cell *cells, size_t rows, const zone *z, hub_time made,
			     arena *a, buf *out)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	const char *about[] = { arena_printf(a, "%s – %s UTC, %s", clock_text(q->from, from), clock_text(q->to, to),
					     q->zone),
				"已开账减冲正为销售额；实收减退款为到账额。每行由总账分录相加",
				"Billed less cancelled is what was sold, paid less refunded what came in; every row is "
				"a sum of the ledger's lines" };
	if (!about[0])
		return HUB_NOMEM;
	const face_table t = { .sheet = "销售 Sales",
			       .title = "售电售水售气财务报表 Finance report of sales",
			       .about = about,
			       .about_count = 3,
			       .heads = heads,
			       .widths = widths,
			       .columns = COLUMNS,
			       .cells = cells,
			       .rows = rows,
			       .zone = z,
			       .made = made };
	return face_table_xlsx(&t, out);
}

hub_status sales_write(const sales_ask *q, const sales_row *rows, size_t count, const zone *z, hub_time made,
		       sales_form form, arena *a, buf *out)
{
	sales_row sums[SUMS_MAX];
	size_t sum_count;
	hub_status st = sums_of(rows, count, sums, &sum_count);
	const char **periods = arena_array(a, count + 1, sizeof *periods);
	face_cell *cells = arena_array(a, (count + SUMS_MAX) * COLUMNS, sizeof *cells);
	if (st != HUB_OK || !periods || !cells)
		return st != HUB_OK ? st : HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		if (!(periods[i] = period_of(q, z, rows[i].start, a)))
			return HUB_NOMEM;
		cells_of(&rows[i], periods[i], cells + i * COLUMNS);
	}
	for (size_t i = 0; i < sum_count; i++)
		cells_of(&sums[i], "", cells + (count + i) * COLUMNS);
	if (form == SALES_XLSX)
		return write_book(q, cells, count + sum_count, z, made, a, out);
	if (form == SALES_CSV)
		write_csv(cells, count + sum_count, out);
	else
		write_json(q, rows, periods, count, sums, sum_count, out);
	return out->bad ? HUB_NOMEM : HUB_OK;
}
