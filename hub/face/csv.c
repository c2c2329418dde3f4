#include "face/csv.h"

#include <string.h>

#include "base/clock.h"
#include "face/words.h"

/* What makes a formula at the head of a cell: ASCII and full-width. */
static const char *const leaders[] = { "=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠", "−" };

static bool dangerous(const char *text)
{
	if (*text == '\t' || *text == '\r' || *text == '\n')
		return true;
	for (;;) {
		if (*text == ' ')
			text++;
		else if (!strncmp(text, "\u3000", 3))
			text += 3;
		else if (!strncmp(text, "\u00a0", 2))
			text += 2;
		else
			break;
	}
	for (size_t i = 0; i < sizeof leaders / sizeof *leaders; i++)
		if (!strncmp(text, leaders[i], strlen(leaders[i])))
			return true;
	return false;
}

void csv_text(buf *out, const char *text)
{
	buf_text(out, dangerous(text) ? "\"'" : "\"");
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			buf_u8(out, '"');
		buf_u8(out, (uint8_t)*p);
	}
	buf_u8(out, '"');
}

static const char *const columns[] = { "row",  "account", "cycle",	"revision", "commodity", "utility", "utility_en",
				       "point", "code",	  "text",	"period",   "tier",	 "start",   "end",
				       "unit", "quantity", "estimated", "price",    "amount",	 "formula", "marks" };
enum { COLUMNS = sizeof columns / sizeof *columns };

/* A row: what is not given stays empty. */
typedef struct row {
	const char *kind, *commodity, *code, *text, *period, *unit, *formula;
	const face_part *part;
	face_text utility;
	int tier;
	hub_time start, end;
	decimal quantity, estimated, price, amount;
	bool has_quantity, has_price, has_amount;
	unsigned marks;
} row;

static void number(buf *out, bool has, decimal d)
{
	char text[DECIMAL_TEXT];
	buf_printf(out, ",%s", has ? decimal_text(d, text) : "");
}

static void text_of(buf *out, const char *text)
{
	char clean[4 * WORDS_CLEAN];
	buf_text(out, ",");
	if (text && *text)
		csv_text(out, words_clean(text, clean, sizeof clean));
}

static void stamp(buf *out, hub_time t)
{
	char text[CLOCK_TEXT];
	buf_printf(out, ",%s", t ? clock_text(t, text) : "");
}

static void marks_of(buf *out, unsigned marks)
{
	static const char *const names[] = { "estimated", "disputed", "imported", "moved", "signed" };
	buf_text(out, ",");
	for (unsigned i = 0, n = 0; i < sizeof names / sizeof *names; i++)
		if (marks & 1u << i)
			buf_printf(out, "%s%s", n++ ? " " : "", names[i]);
}

static void put(const face_bill *b, const row *r, buf *out)
{
	char cycle[WORDS_SIZE];
	buf_text(out, r->kind);
	text_of(out, b->account);
	buf_printf(out, ",%s,%d", words_cycle(b->cycle, cycle), b->revision);
	text_of(out, r->part ? r->part->commodity : r->commodity);
	text_of(out, r->part ? r->part->utility.zh : r->utility.zh);
	text_of(out, r->part ? r->part->utility.en : r->utility.en);
	text_of(out, r->part ? r->part->point : "");
	text_of(out, r->code);
	text_of(out, r->text);
	text_of(out, r->period);
	buf_text(out, ",");
	if (r->tier)
		buf_printf(out, "%d", r->tier);
	stamp(out, r->start);
	stamp(out, r->end);
	text_of(out, r->unit);
	number(out, r->has_quantity, r->quantity);
	number(out, r->has_quantity && decimal_sign(r->estimated), r->estimated);
	number(out, r->has_price, r->price);
	number(out, r->has_amount, r->amount);
	text_of(out, r->formula);
	marks_of(out, r->marks);
	buf_text(out, "\r\n");
}

static void sums(const face_bill *b, buf *out)
{
	const struct {
		const char *code, *text;
		int64_t amount;
		hub_time end;
	} list[] = { { "total", "本期合计 total of this bill", b->total, b->end },
		     { "paid", "本期已缴 paid of this bill", -b->paid, 0 },
		     { "previous", "往期未缴 open of earlier bills", b->previous, 0 },
		     { "credit", "账户余额 credit", -b->credit, 0 },
		     { "payable", "应缴金额 amount due", b->payable, b->due } };
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		put(b, &(row){ .kind = "bill", .code = list[i].code, .text = list[i].text, .end = list[i].end, .unit = b->currency,
			       .amount = decimal_of(list[i].amount, 2), .has_amount = true,
			       .marks = i ? 0 : face_marks(b) }, out);
}

static void part(const face_bill *b, const face_part *p, buf *out)
{
	put(b, &(row){ .kind = "part", .part = p, .code = p->reference, .text = p->tariff, .start = p->start, .end = p->end,
		       .unit = p->unit, .quantity = p->quantity, .estimated = p->estimated, .amount = decimal_of(p->amount, 2),
		       .has_quantity = true, .has_amount = true, .marks = p->marks }, out);
	for (size_t i = 0; i < p->line_count; i++) {
		const face_line *l = &p->lines[i];
		put(b, &(row){ .kind = "line", .part = p, .code = l->code, .text = l->text, .period = l->period, .tier = l->tier,
			       .start = l->start, .end = l->end, .unit = l->unit, .quantity = l->quantity,
			       .estimated = l->estimated, .price = l->price, .amount = l->amount, .formula = l->formula,
			       .has_quantity = true, .has_price = true, .has_amount = true,
			       .marks = decimal_sign(l->estimated) ? FACE_ESTIMATED : 0 }, out);
	}
	for (size_t i = 0; i < p->day_count; i++)
		if (p->days[i].has)
			put(b, &(row){ .kind = "day", .part = p, .start = p->days[i].start, .unit = p->unit,
				       .quantity = p->days[i].value, .has_quantity = true,
				       .marks = p->days[i].estimated ? FACE_ESTIMATED : 0 }, out);
}

hub_status face_csv(const face_bill *b, buf *out)
{
	buf_text(out, "\xef\xbb\xbf");
	for (size_t i = 0; i < COLUMNS; i++)
		buf_printf(out, "%s%s", i ? "," : "", columns[i]);
	buf_text(out, "\r\n");
	sums(b, out);
	for (size_t i = 0; i < b->part_count; i++)
		part(b, &b->parts[i], out);
	for (size_t i = 0; i < b->change_count; i++) {
		const face_change *c = &b->changes[i];
		put(b, &(row){ .kind = "change", .commodity = c->commodity, .utility = c->utility, .code = "was", .unit = b->currency,
			       .amount = decimal_of(c->was, 2), .has_amount = true }, out);
		put(b, &(row){ .kind = "change", .commodity = c->commodity, .utility = c->utility, .code = "is", .unit = b->currency,
			       .amount = decimal_of(c->is, 2), .has_amount = true }, out);
	}
	return out->bad ? HUB_NOMEM : HUB_OK;
}
