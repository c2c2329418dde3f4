#include "face_bills.h"

#include <string.h>

#define DAY INT64_C(86400000000)

const char *const face_bill_names[] = { "short", "long", "credit", "estimated", "charging", "corrected", "absurd", "empty", NULL };

static decimal num(const char *text)
{
	decimal d = { 0 };
	decimal_parse(text, strlen(text), &d);
	return d;
}

/* quantity × price, to 分. */
static face_line line_of(face_part *p, const char *code, const char *text, const char *quantity, const char *price,
			 const char *formula, int tier, const char *period)
{
	face_line l = { .code = code, .text = text, .unit = p->unit, .formula = formula, .quantity = num(quantity),
			.price = num(price), .start = p->start, .end = p->end, .tier = tier, .period = period, .readings = 744 };
	decimal_mul(l.quantity, l.price, &l.amount);
	decimal_round(l.amount, 2, DECIMAL_HALF_UP, &l.amount);
	return l;
}

static void add_line(face_part *p, face_line l)
{
	((face_line *)p->lines)[p->line_count++] = l;
	int64_t amount = 0;
	decimal_to_int64(l.amount, 2, DECIMAL_HALF_UP, &amount);
	p->amount += amount;
}

static hub_time month(const zone *z, int year, int m)
{
	hub_time t = 0;
	zone_from_civil(z, (zone_civil){ .year = year, .month = m, .day = 1 }, &t, NULL);
	return t;
}

static void part(face_part *p, const char *commodity, const char *zh, const char *en, const char *unit, const zone *z, arena *a)
{
	*p = (face_part){ .commodity = commodity, .utility = { zh, en }, .phone = "95598", .web = "", .point = "h1", .meter = "",
			  .place = "", .reference = "", .unit = unit, .tariff = "", .start = month(z, 2026, 10),
			  .end = month(z, 2026, 11), .lines = arena_array(a, FACE_LINES_MAX, sizeof(face_line)) };
	face_bar *days = arena_array(a, 31, sizeof *days);
	for (int i = 0; i < 31; i++)
		days[i] = (face_bar){ p->start + i * DAY, decimal_of(300 + (i * 7919) % 211 + (i % 7 > 4) * 150, 2), true, false };
	p->days = days;
	p->day_count = 31;
	for (int i = 0; i < FACE_MONTHS; i++) {
		hub_time t = month(z, 2025, 11 + i), was = month(z, 2024, 11 + i);
		p->year[i] = (face_bar){ t, decimal_of(9000 + (i * 5237) % 6100, 2), true, false };
		p->before[i] = (face_bar){ was, decimal_of(8200 + (i * 4111) % 7000, 2), i > 2, false };
	}
}

static void power(face_part *p, const zone *z, arena *a)
{
	part(p, "electricity", "城市电网公司", "City Grid Company", "kWh", z, a);
	p->point = "JY-07-1203/E";
	p->meter = "000123456789";
	p->tariff = "grid/home-tou 2026-01";
	p->web = "https://power.example/bill";
	p->quantity = num("260.5");
	add_line(p, line_of(p, "energy", "电量电费 energy · 第1档 tier 1 · 峰 peak", "118", "0.5383", "118 kWh × 0.5383 CNY", 1, "峰 peak"));
	add_line(p, line_of(p, "energy", "电量电费 energy · 第1档 tier 1 · 谷 valley", "112", "0.3583", "112 kWh × 0.3583 CNY", 1,
			    "谷 valley"));
	add_line(p, line_of(p, "energy", "电量电费 energy · 第2档 tier 2 · 峰 peak", "19.25", "0.5883", "19.25 kWh × 0.5883 CNY", 2,
			    "峰 peak"));
	add_line(p, line_of(p, "energy", "电量电费 energy · 第2档 tier 2 · 谷 valley", "11.25", "0.4083", "11.25 kWh × 0.4083 CNY", 2,
			    "谷 valley"));
	add_line(p, line_of(p, "fund", "国家重大水利工程建设基金 water works fund", "260.5", "0.00196", "260.5 kWh × 0.00196 CNY", 0, ""));
	face_ladder *l = arena_array(a, 1, sizeof *l);
	*l = (face_ladder){ .text = "电量电费 energy", .unit = "kWh", .used = num("2190.5"), .months = 12, .reached = 2, .count = 3,
			    .tiers = { { .upto = num("2160"), .bounded = true, .price = num("0.3583"), .priced = true },
				       { .upto = num("4200"), .bounded = true, .price = num("0.4083"), .priced = true },
				       { .price = num("0.6583"), .priced = true } } };
	p->ladders = l;
	p->ladder_count = 1;
}

static void water(face_part *p, const zone *z, arena *a)
{
	part(p, "water", "自来水公司", "Water Company", "m3", z, a);
	p->point = "JY-07-1203/W";
	p->phone = "96116";
	p->quantity = num("12.4");
	add_line(p, line_of(p, "water", "水费 water · 第1档 tier 1", "12.4", "2.07", "12.4 m3 × 2.07 CNY", 1, ""));
	add_line(p, line_of(p, "resource", "水资源费 resource fee · 第1档 tier 1", "12.4", "1.57", "12.4 m3 × 1.57 CNY", 1, ""));
	add_line(p, line_of(p, "sewage", "污水处理费 sewage", "12.4", "1.36", "12.4 m3 × 1.36 CNY", 0, ""));
}

static void gas(face_part *p, const zone *z, arena *a)
{
	part(p, "gas", "燃气集团", "Gas Group", "m3", z, a);
	p->point = "JY-07-1203/G";
	p->phone = "96777";
	p->quantity = num("21.75");
	p->amount = 5724;
	p->reference = "RQ-2026-10-004417";
	p->marks = FACE_IMPORTED;
	p->day_count = 0;
}

static face_bill *ordinary(const zone *z, arena *a)
{
	face_bill *b = arena_alloc(a, sizeof *b);
	face_part *parts = arena_array(a, FACE_PARTS_MAX, sizeof *parts);
	power(&parts[0], z, a);
	water(&parts[1], z, a);
	gas(&parts[2], z, a);
	*b = (face_bill){ .account = "JY-07-1203", .kind = "household", .name = { "李明", "Li Ming" },
			  .place = "江宁区锦园小区 7 幢 1203 室", .cycle = 202610, .currency = "CNY", .zone = z,
			  .start = month(z, 2026, 10), .end = month(z, 2026, 11), .issued = month(z, 2026, 11) + 2 * DAY,
			  .due = month(z, 2026, 11) + 15 * DAY, .pay = "https://hub.example/pay?account=JY-07-1203&cycle=2026-10",
			  .parts = parts, .part_count = 3 };
	return b;
}

static void sum_up(face_bill *b)
{
	b->total = 0;
	for (size_t i = 0; i < b->part_count; i++)
		b->total += b->parts[i].amount;
	b->payable = b->total - b->paid + b->previous - b->credit;
}

static void make_long(face_bill *b, const zone *z, arena *a)
{
	face_part *parts = (face_part *)b->parts;
	static const char *const periods[] = { "尖 critical", "峰 peak", "平 flat", "谷 valley" };
	for (int i = 0; i < 90; i++)
		add_line(&parts[0], line_of(&parts[0], "market", arena_printf(a, "市场化电量 market energy · %d 日 · %s", i / 4 + 1, periods[i % 4]),
					    "17.25", "0.4173", "Σ (kWh(t) × price(t)), 24 values, mean 0.4173 CNY/kWh", 0, periods[i % 4]));
	part(&parts[3], "ev", "充电运营公司", "Charge Point Operator", "kWh", z, a);
	for (int i = 0; i < 12; i++)
		add_line(&parts[3], line_of(&parts[3], "session", arena_printf(a, "充电 session %d · 桩 pile 0%d", i + 1, i % 3 + 1), "31.5",
					    "1.05", "31.5 kWh × 1.05 CNY", 0, ""));
	parts[3].quantity = num("378");
	b->part_count = 4;
	b->previous = 10375;
	b->credit = 2000;
}

static void make_absurd(face_bill *b, arena *a)
{
	face_part *parts = (face_part *)b->parts;
	char *endless = arena_alloc(a, 20001), *wide = arena_alloc(a, 3001);
	for (int i = 0; i < 20000; i++)
		endless[i] = "=HYPERLINK(\"x\") \n"[i % 17];
	for (int i = 0; i < 3000; i += 3)
		memcpy(wide + i, "龘", 3);
	b->account = "=cmd|' /C calc'!A0";
	b->name = (face_text){ wide, "\u202eسمير بن محمد 🏠👨‍👩‍👧‍👦 \xff\xfe broken" };
	b->place = endless;
	b->pay = "https://hub.example/?q=🏠";
	while (b->part_count < FACE_PARTS_MAX) {
		parts[b->part_count] = parts[b->part_count % 3];
		b->part_count++;
	}
	for (size_t i = 0; i < b->part_count; i++) {
		face_part *p = &parts[i];
		p->commodity = i % 5 ? p->commodity : "@steam";
		p->utility = i % 2 ? (face_text){ wide, endless } : (face_text){ "", "" };
		p->phone = endless;
		p->web = "+1-800-\r\n=1+1";
		p->point = endless;
		p->unit = i % 3 ? "m3" : "kilowatt-hours-per-fortnight-and-more";
		p->marks = 15;
		p->amount = i % 2 ? INT64_C(288230376151711743) : -INT64_C(288230376151711743);
		p->quantity = num("-170141183460469231731687303715.884105727");
		face_line *lines = (face_line *)p->lines;
		if (i < 3)
			for (size_t k = 0; k < 6 && k < p->line_count; k++) {
				lines[k].text = k % 2 ? endless : "עברית שלום \u2067עוד\u2069 🧾🧾🧾";
				lines[k].formula = wide;
				lines[k].unit = wide;
				lines[k].quantity = p->quantity;
				lines[k].amount = p->quantity;
			}
	}
	b->previous = INT64_MAX / 4;
	b->currency = "XXXXXXXXXXXX";
}

face_bill *face_bill_named(const char *name, const zone *z, arena *a)
{
	face_bill *b = ordinary(z, a);
	face_part *parts = (face_part *)b->parts;
	if (!strcmp(name, "long")) {
		make_long(b, z, a);
	} else if (!strcmp(name, "credit")) {
		add_line(&parts[0], line_of(&parts[0], "export", "上网电量 export", "420", "-0.391", "420 kWh × -0.391 CNY", 0, ""));
		parts[1].amount = parts[2].amount = 0;
		b->part_count = 1;
		b->credit = 5000;
	} else if (!strcmp(name, "estimated")) {
		parts[0].marks = FACE_ESTIMATED | FACE_DISPUTED;
		parts[0].estimated = num("96.5");
		face_line *lines = (face_line *)parts[0].lines;
		lines[0].estimated = num("60");
		lines[0].text = "电量电费 energy · 第1档 tier 1 · 峰 peak · 含估算 partly estimated";
		for (int i = 9; i < 19; i++)
			((face_bar *)parts[0].days)[i].estimated = true;
		b->paid = parts[1].paid = parts[1].amount;
	} else if (!strcmp(name, "charging")) {
		part(&parts[0], "ev", "充电运营公司", "Charge Point Operator", "kWh", z, a);
		parts[0].quantity = num("64.218");
		add_line(&parts[0], line_of(&parts[0], "energy", "电费 energy · 谷 valley", "64.218", "0.3583", "64.218 kWh × 0.3583 CNY", 0, "谷 valley"));
		add_line(&parts[0], line_of(&parts[0], "service", "服务费 service fee", "64.218", "0.4", "64.218 kWh × 0.4 CNY", 0, ""));
		add_line(&parts[0], line_of(&parts[0], "parking", "停车费 parking", "3", "2", "3 h × 2 CNY", 0, ""));
		for (int i = 0; i < 31; i++)
			((face_bar *)parts[0].days)[i].has = i % 6 == 2;
		b->part_count = 1;
	} else if (!strcmp(name, "corrected")) {
		face_change *c = arena_array(a, 3, sizeof *c);
		c[0] = (face_change){ "electricity", parts[0].utility, parts[0].amount + 1871, parts[0].amount };
		c[1] = (face_change){ "water", parts[1].utility, parts[1].amount, parts[1].amount };
		c[2] = (face_change){ "gas", parts[2].utility, parts[2].amount - 350, parts[2].amount };
		b->changes = c;
		b->change_count = 3;
		b->revision = 1;
	} else if (!strcmp(name, "absurd")) {
		make_absurd(b, a);
	} else if (!strcmp(name, "empty")) {
		*b = (face_bill){ .account = "", .kind = "", .name = { "", "" }, .place = "", .cycle = 202610, .currency = "CNY",
				  .zone = z, .pay = "" };
	} else if (strcmp(name, "short")) {
		return NULL;
	}
	if (strcmp(name, "absurd"))
		sum_up(b);
	else
		b->payable = INT64_MAX;
	return b;
}
