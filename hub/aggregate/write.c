/* An answer as JSON, and its withheld cells in words. */
#include "aggregate/read.h"

#include "base/clock.h"
#include "base/json.h"

static const struct {
	const char *zh, *en;
} why[] = {
	[AGGREGATE_NONE] = { "没有数据，或并非所有用户都有小时数据", "nothing was measured, or not of everybody by the hour" },
	[AGGREGATE_PUBLISHED] = { "", "" },
	[AGGREGATE_FEW] = { "用户太少：少于 15 户", "too few customers: fewer than 15" },
	[AGGREGATE_DOMINANT] = { "用户太少：有一户超过总量的 15 %", "too few customers: one has more than 15 % of the sum" },
	[AGGREGATE_DIFFERENCE] = { "用户太少：由此可推算出相邻的小区域", "too few customers: a small area beside it could be computed from this" },
};

const char *aggregate_why_zh(const aggregate_cell *c)
{
	return c->open ? "尚未发布" : why[c->verdict].zh;
}

const char *aggregate_why_en(const aggregate_cell *c)
{
	return c->open ? "not published yet" : why[c->verdict].en;
}

static void name(buf *out, const premise *p)
{
	buf_text(out, "{\"code\":");
	json_write_text(out, p->code);
	buf_printf(out, ",\"kind\":\"%s\",\"name_zh\":", p->kind);
	json_write_text(out, p->name_zh);
	buf_text(out, ",\"name_en\":");
	json_write_text(out, p->name_en);
	buf_u8(out, '}');
}

static void figure(buf *out, const char *member, decimal d)
{
	char text[DECIMAL_TEXT];
	buf_printf(out, ",\"%s\":\"%s\"", member, decimal_text(decimal_trim(d), text));
}

static void given(buf *out, const aggregate_query *q, const aggregate_cell *c)
{
	char text[DECIMAL_TEXT];
	figure(out, "value", c->sum);
	buf_printf(out, ",\"customers\":%d", c->customers);
	if (q->step == AGGREGATE_BY_MONTH)
		buf_printf(out, ",\"days\":%d,\"days_of\":%d", c->days, c->days_of);
	if (c->has_last)
		figure(out, "last_year", c->last);
	if (c->has_carbon) {
		figure(out, "carbon", c->carbon);
		buf_printf(out, ",\"factor\":\"%s\",\"factor_year\":%d", hub_value_text(c->factor->value, text), c->factor->year);
	}
}

static void withheld(buf *out, const aggregate_query *q, const aggregate_cell *c)
{
	buf_printf(out, ",\"withheld\":{\"rule\":\"%s\",\"why_zh\":", c->open ? "open" : aggregate_verdict_name(c->verdict));
	json_write_text(out, aggregate_why_zh(c));
	buf_text(out, ",\"why_en\":");
	json_write_text(out, aggregate_why_en(c));
	if (c->coarser >= 0) {
		buf_text(out, ",\"coarser\":");
		name(out, &q->areas[c->coarser]);
	}
	buf_u8(out, '}');
}

static void cell(buf *out, const aggregate_query *q, const aggregate_cell *c)
{
	char at[CLOCK_TEXT], to[CLOCK_TEXT];
	buf_printf(out, "{\"start\":\"%s\",\"end\":\"%s\"", clock_text(c->start, at), clock_text(c->end, to));
	if (c->verdict == AGGREGATE_PUBLISHED)
		given(out, q, c);
	else
		withheld(out, q, c);
	buf_u8(out, '}');
}

/* Each figure's factor says its year; where the factors come from stands once. */
static void sources(buf *out, const aggregate_answer *answer)
{
	const carbon_factor *told = NULL;
	bool comma = false;
	buf_text(out, ",\"factors\":[");
	for (size_t i = 0; i < answer->line_count; i++)
		for (size_t k = 0; k < answer->cell_count; k++) {
			const carbon_factor *f = answer->lines[i].cells[k].factor;
			if (!f || (told && f->year <= told->year))
				continue;
			char text[DECIMAL_TEXT];
			buf_printf(out, "%s{\"year\":%d,\"kg\":\"%s\",\"source\":", comma ? "," : "", f->year, hub_value_text(f->value, text));
			json_write_text(out, f->source);
			buf_u8(out, '}');
			comma = true;
			told = f;
		}
	buf_u8(out, ']');
}

void aggregate_write(buf *out, const aggregate_query *q, const zone *z, const aggregate_answer *answer)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	buf_printf(out, "{\"commodity\":\"%s\",\"unit\":\"%s\",\"step\":\"%s\",\"zone\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"", q->commodity,
		   answer->unit, aggregate_step_names[q->step], zone_name(z), clock_text(answer->from, from), clock_text(answer->to, to));
	buf_printf(out, ",\"rules\":{\"customers\":%d,\"share\":%d}", AGGREGATE_CUSTOMERS, AGGREGATE_SHARE);
	sources(out, answer);
	buf_text(out, ",\"lines\":[");
	for (size_t i = 0; i < answer->line_count; i++) {
		const aggregate_line *l = &answer->lines[i];
		buf_text(out, i ? ",\n{\"area\":" : "\n{\"area\":");
		name(out, &q->areas[l->area]);
		buf_text(out, ",\"cells\":[");
		for (size_t k = 0; k < answer->cell_count; k++) {
			buf_text(out, k ? ",\n" : "\n");
			cell(out, q, &l->cells[k]);
		}
		buf_text(out, "]}");
	}
	buf_text(out, "]}\n");
}
