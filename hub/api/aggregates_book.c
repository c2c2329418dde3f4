#include "api/aggregates_book.h"

#include <string.h>

#include "base/clock.h"
#include "face/table.h"

enum { COLUMNS = 11, ABOUT = 5 };

static const char *const heads[COLUMNS] = {
	"区域 Area", "代码 Code", "自 From", "至 To", "用量 Sum", "单位 Unit", "户数 Customers", "去年同期 A year before",
	"二氧化碳 kg CO₂", "因子（年份） Factor (year)", "未公布的原因 Why withheld",
};
static const double widths[COLUMNS] = { 20, 14, 16, 16, 16, 8, 10, 16, 16, 18, 60 };

static face_cell text(const char *t)
{
	return (face_cell){ .kind = FACE_TEXT, .text = t ? t : "" };
}

static face_cell number(decimal d)
{
	return (face_cell){ .kind = FACE_NUMBER, .number = d };
}

static void given(arena *a, const aggregate_cell *c, const char *unit, face_cell *row)
{
	char factor[DECIMAL_TEXT];
	row[4] = number(c->sum);
	row[5] = text(unit);
	row[6] = number(decimal_of(c->customers, 0));
	if (c->has_last)
		row[7] = number(c->last);
	if (!c->has_carbon)
		return;
	row[8] = number(c->carbon);
	row[9] = text(arena_printf(a, "%s (%d)", hub_value_text(c->factor->value, factor), c->factor->year));
}

static void fill(request *r, const aggregate_query *q, const aggregate_answer *answer, face_cell *cells)
{
	for (size_t i = 0; i < answer->line_count; i++)
		for (size_t k = 0; k < answer->cell_count; k++) {
			const aggregate_cell *c = &answer->lines[i].cells[k];
			const premise *p = &q->areas[answer->lines[i].area];
			face_cell *row = cells + (i * answer->cell_count + k) * COLUMNS;
			row[0] = text(*p->name_zh ? p->name_zh : p->name_en);
			row[1] = text(p->code);
			row[2] = (face_cell){ .kind = FACE_TIME, .time = c->start };
			row[3] = (face_cell){ .kind = FACE_TIME, .time = c->end };
			if (c->verdict == AGGREGATE_PUBLISHED)
				given(r->arena, c, answer->unit, row);
			else
				row[10] = text(c->coarser < 0 ? arena_printf(r->arena, "%s · %s", aggregate_why_zh(c), aggregate_why_en(c))
							      : arena_printf(r->arena, "%s；可查询 %s · %s; ask for %s", aggregate_why_zh(c),
									     q->areas[c->coarser].code, aggregate_why_en(c),
									     q->areas[c->coarser].code));
		}
}

hub_status aggregates_book(request *r, const aggregate_query *q, const aggregate_answer *answer, const zone *z)
{
	static const char media[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	char from[CLOCK_TEXT], to[CLOCK_TEXT], trace[TRACE_TEXT];
	size_t rows = answer->line_count * answer->cell_count;
	face_cell *cells = arena_array(r->arena, rows * COLUMNS, sizeof *cells);
	const char *about[ABOUT] = {
		arena_printf(r->arena, "%s, %s, %s – %s UTC, %s", q->commodity, aggregate_step_names[q->step], clock_text(answer->from, from),
			     clock_text(answer->to, to), zone_name(z)),
		"公布规则：不少于 15 户，任何一户不超过 15 %，相减亦不得推出更小的群体",
		"Published are sums of 15 customers or more of which none has more than 15 %, and so is whatever can be computed from them",
		arena_printf(r->arena, "查询方 Asked by: %s %s", r->caller.code, r->person ? r->person->login : ""),
		arena_printf(r->arena, "追踪号 Trace: %s", trace_text(&r->call->head.trace, trace)),
	};
	if (!cells || !about[0] || !about[3] || !about[4])
		return HUB_NOMEM;
	fill(r, q, answer, cells);
	const face_table t = { .sheet = "用量 Sums", .title = "区域用量统计 Sums of areas", .about = about, .about_count = ABOUT,
			       .heads = heads, .widths = widths, .columns = COLUMNS, .cells = cells, .rows = rows, .zone = z,
			       .made = r->now };
	buf_clear(&r->body);
	hub_status st = face_table_xlsx(&t, &r->body);
	if (st == HUB_OK && r->body.len > REQUEST_PART)
		return request_refuse(r, 400, "aggregate.period", "to", "this answer would be too long; ask for less, or by a longer step");
	if (st == HUB_OK)
		st = request_finish(r, 200, "");
	if (st != HUB_OK)
		return st;
	r->reply->content_type = media;
	return request_add_header(r, "content-disposition", "attachment; filename=\"sums.xlsx\"");
}
