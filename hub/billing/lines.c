#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "billing/ocpi.h"

static const char *text_of(decimal d, char out[DECIMAL_TEXT])
{
	return decimal_text(decimal_trim(d), out);
}

const char *rating_code(const rating_line *l)
{
	static const char *const codes[] = {
		[RATING_CREDIT] = "credit",
		[RATING_TRUE_UP] = "true_up",
		[RATING_ROUNDING] = "rounding",
	};
	return l->charge ? l->charge->code : codes[l->form];
}

void rating_text(const rating_line *l, buf *out)
{
	static const char *const texts[] = {
		[RATING_CREDIT] = "抵扣结转 credit",
		[RATING_TRUE_UP] = "年度结算 true-up",
		[RATING_ROUNDING] = "尾差 rounding",
	};
	buf_text(out, l->charge ? l->charge->text : texts[l->form]);
	if (l->block >= 0)
		buf_printf(out, " · 第%d档 tier %d", l->block + 1, l->block + 1);
	if (l->form == RATING_FLAT)
		buf_text(out, " · 固定 flat");
	if (l->period >= 0)
		buf_printf(out, " · %s", l->charge->calendar->texts[l->period]);
	if (decimal_sign(l->estimated))
		buf_text(out, " · 含估算 partly estimated");
}

void rating_formula(const rating_line *l, const rating_bill *bill, buf *out)
{
	char q[DECIMAL_TEXT], p[DECIMAL_TEXT], percent[DECIMAL_TEXT];
	decimal hundred = decimal_of(100, 0), rate = l->price;
	text_of(l->quantity, q);
	text_of(l->price, p);
	switch (l->form) {
	case RATING_PERCENT:
		if (decimal_mul(rate, hundred, &rate) == HUB_OK)
			buf_printf(out, "%s %% × %s %s", text_of(rate, percent), q, bill->currency);
		break;
	case RATING_FILL:
		buf_printf(out, "%s − %s %s", p, q, bill->currency);
		break;
	case RATING_MARKET:
		buf_printf(out, "Σ (%s(t) × price(t)), %zu values, mean %s %s/%s", l->unit, l->readings, p,
			   bill->currency, l->unit);
		break;
	case RATING_ROUNDING:
		buf_printf(out, "round(%s) − %s", q, q);
		break;
	case RATING_CREDIT:
		buf_printf(out, decimal_sign(l->price) < 0 ? "− %s %s kept before" : "%s %s kept for later", q,
			   bill->currency);
		break;
	default:
		buf_printf(out, "%s %s × %s %s", q, l->unit, p, bill->currency);
	}
}

static void json_decimal(buf *out, const char *key, decimal d)
{
	char text[DECIMAL_TEXT];
	buf_printf(out, "\"%s\":\"%s\"", key, text_of(d, text));
}

static void json_time(buf *out, const char *key, hub_time t)
{
	char text[CLOCK_TEXT];
	buf_printf(out, "\"%s\":\"%s\"", key, clock_text(t, text));
}

static void line_json(const rating_line *l, const rating_bill *bill, buf *out)
{
	buf made = { 0 };
	buf_text(out, "{\"code\":");
	json_write_text(out, rating_code(l));
	rating_text(l, &made);
	buf_text(out, ",\"text\":");
	json_write_text(out, buf_cstr(&made));
	buf_text(out, ",");
	json_decimal(out, "quantity", l->quantity);
	buf_text(out, ",\"unit\":");
	json_write_text(out, l->unit);
	buf_text(out, ",");
	json_decimal(out, "price", l->price);
	buf_text(out, ",");
	json_decimal(out, "amount", l->amount);
	buf_text(out, ",");
	json_time(out, "start", l->start);
	buf_text(out, ",");
	json_time(out, "end", l->end);
	buf_clear(&made);
	rating_formula(l, bill, &made);
	buf_text(out, ",\"formula\":");
	json_write_text(out, buf_cstr(&made));
	if (l->block >= 0)
		buf_printf(out, ",\"tier\":%d", l->block + 1);
	if (l->period >= 0) {
		buf_text(out, ",\"period\":");
		json_write_text(out, l->charge->calendar->names[l->period]);
	}
	if (l->readings)
		buf_printf(out, ",\"readings\":%zu", l->readings);
	if (decimal_sign(l->estimated)) {
		buf_text(out, ",");
		json_decimal(out, "estimated", l->estimated);
	}
	buf_text(out, "}");
	buf_fini(&made);
}

static void cycle_json(const rating_cycle *c, buf *out)
{
	buf_text(out, "{");
	json_time(out, "start", c->start);
	buf_text(out, ",");
	json_time(out, "end", c->end);
	buf_text(out, ",");
	json_decimal(out, "total", c->total);
	if (decimal_sign(c->demand)) {
		buf_text(out, ",");
		json_decimal(out, "demand", c->demand);
	}
	if (decimal_sign(c->energy)) {
		buf_text(out, ",");
		json_decimal(out, "energy_kept", c->energy);
	}
	if (decimal_sign(c->money)) {
		buf_text(out, ",");
		json_decimal(out, "money_kept", c->money);
	}
	buf_text(out, "}");
}

static const char *comma(const buf *out)
{
	return out->len && out->bytes[out->len - 1] != '{' ? "," : "";
}

/* Opens a member of the state; what is empty is left out where the state is kept. */
static bool member(buf *out, bool all, bool empty, const char *key, const char *opens)
{
	if (empty && !all)
		return false;
	buf_printf(out, "%s\"%s\":%s", comma(out), key, opens);
	return true;
}

static void ladders_json(const usage_state *s, buf *out)
{
	for (size_t i = 0; i < s->ladder_count; i++) {
		const state_ladder *l = &s->ladders[i];
		if (!l->code)
			continue;
		buf_text(out, comma(out));
		json_write_text(out, l->code);
		buf_text(out, ":{");
		json_decimal(out, "used", l->used);
		if (l->since) {
			buf_text(out, ",");
			json_time(out, "since", l->since);
		}
		if (l->cycle) {
			buf_text(out, ",");
			json_decimal(out, "counted", l->counted);
			buf_text(out, ",");
			json_time(out, "cycle", l->cycle);
		}
		buf_text(out, "}");
	}
}

static void peaks_json(const usage_state *s, buf *out)
{
	for (size_t i = 0; i < s->peak_count; i++) {
		buf_text(out, i ? ",{" : "{");
		if (s->peaks[i].code) {
			buf_text(out, "\"code\":");
			json_write_text(out, s->peaks[i].code);
			buf_text(out, ",");
		}
		json_time(out, "at", s->peaks[i].at);
		buf_text(out, ",");
		json_decimal(out, "value", s->peaks[i].value);
		buf_text(out, "}");
	}
}

static void cycles_json(const usage_state *s, buf *out)
{
	for (size_t i = 0; i < s->cycle_count; i++) {
		buf_text(out, i ? "," : "");
		json_write_text(out, s->cycles[i].code);
		buf_text(out, ":{");
		json_time(out, "begin", s->cycles[i].begin);
		buf_text(out, ",");
		json_decimal(out, "amount", s->cycles[i].amount);
		buf_printf(out, ",\"days\":%lld}", (long long)s->cycles[i].days);
	}
}

static bool no_ladders(const usage_state *s)
{
	for (size_t i = 0; i < s->ladder_count; i++)
		if (s->ladders[i].code)
			return false;
	return true;
}

static void state_json(const usage_state *s, bool all, buf *out)
{
	char text[DECIMAL_TEXT];
	const struct {
		const char *key;
		decimal value;
	} sums[] = { { "energy_total", s->energy_total }, { "money", s->money }, { "rounding", s->rounding } };
	buf_text(out, "{");
	if (member(out, all, no_ladders(s), "ladders", "{")) {
		ladders_json(s, out);
		buf_text(out, "}");
	}
	if (member(out, all, !s->peak_count, "peaks", "[")) {
		peaks_json(s, out);
		buf_text(out, "]");
	}
	if (member(out, all, !s->energy_count, "energy", "{")) {
		for (size_t i = 0; i < s->energy_count; i++) {
			buf_text(out, i ? "," : "");
			json_write_text(out, s->energy[i].period);
			buf_printf(out, ":\"%s\"", text_of(s->energy[i].value, text));
		}
		buf_text(out, "}");
	}
	if (member(out, all, !s->year_count, "years", "{")) {
		for (size_t i = 0; i < s->year_count; i++) {
			buf_text(out, i ? "," : "");
			json_write_text(out, s->years[i].code);
			buf_printf(out, ":{\"year\":%d,", s->years[i].year);
			json_decimal(out, "amount", s->years[i].amount);
			buf_text(out, "}");
		}
		buf_text(out, "}");
	}
	if (member(out, all, !s->cycle_count, "cycles", "{")) {
		cycles_json(s, out);
		buf_text(out, "}");
	}
	for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
		if (member(out, all, !decimal_sign(sums[i].value), sums[i].key, ""))
			buf_printf(out, "\"%s\"", text_of(sums[i].value, text));
	buf_text(out, "}");
}

void rating_state(const rating_bill *bill, buf *out)
{
	state_json(bill->state, false, out);
}

static void notes_json(const rating_bill *bill, buf *out)
{
	if (bill->note_count)
		buf_text(out, ",\"notes\":[");
	for (size_t i = 0; i < bill->note_count; i++) {
		buf_text(out, i ? ",{\"field\":" : "{\"field\":");
		json_write_text(out, bill->notes[i].field);
		buf_text(out, ",\"text\":");
		json_write_text(out, bill->notes[i].text);
		buf_text(out, "}");
	}
	if (bill->note_count)
		buf_text(out, "]");
}

void rating_json(const rating_bill *bill, buf *out)
{
	static const char *const levels[] = { "none", "first", "second" };
	buf_text(out, "{\"currency\":");
	json_write_text(out, bill->currency);
	buf_text(out, ",");
	json_decimal(out, "total", bill->total);
	buf_text(out, ",\"lines\":[");
	for (size_t i = 0; i < bill->count; i++) {
		buf_text(out, i ? "," : "");
		line_json(&bill->lines[i], bill, out);
	}
	buf_text(out, "],\"cycles\":[");
	for (size_t i = 0; i < bill->cycle_count; i++) {
		buf_text(out, i ? "," : "");
		cycle_json(&bill->cycles[i], out);
	}
	buf_text(out, "],\"state\":");
	state_json(bill->state, true, out);
	if (bill->costs) {
		buf_text(out, ",\"ocpi\":{");
		ocpi_costs_json(bill->costs, out);
		buf_text(out, "}");
	}
	if (bill->missing)
		buf_printf(out, ",\"missing_seconds\":%lld", (long long)(bill->missing / 1000000));
	if (bill->has_level) {
		buf_printf(out, ",\"prepaid\":{\"level\":\"%s\",", levels[bill->level]);
		json_decimal(out, "balance", bill->balance);
		buf_text(out, "}");
	}
	notes_json(bill, out);
	buf_text(out, "}\n");
}
