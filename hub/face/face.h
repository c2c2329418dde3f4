/*
 * A unified bill as a document: everything its faces show, nothing left to look up. The faces (pdf.h,
 * xlsx.h, csv.h) are pure: the same document gives the same bytes. Texts are Chinese first with English
 * beside; any text may be "", none may be NULL. All texts are treated as untrusted: cleaned, cut, escaped.
 */
#ifndef FACE_FACE_H
#define FACE_FACE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "base/zone.h"

enum {
	FACE_PARTS_MAX = 32,
	FACE_LINES_MAX = 4096, /* of a part; the loader refuses more */
	FACE_TIERS_MAX = 8,
	FACE_MONTHS = 12,
};

typedef struct face_text {
	const char *zh, *en;
} face_text;

typedef enum face_mark {
	FACE_ESTIMATED = 1 << 0, /* 估抄: some of the quantity was not read */
	FACE_DISPUTED = 1 << 1,  /* 争议: the customer contests it */
	FACE_IMPORTED = 1 << 2,  /* the utility's own bill */
	FACE_MOVED = 1 << 3,     /* the readings behind it changed since it was posted */
	FACE_SIGNED = 1 << 4,    /* 企业签名: as the utility signed it */
} face_mark;

/* One line. The amount is in the currency's main unit. */
typedef struct face_line {
	const char *code, *text, *unit, *formula;
	decimal quantity, price, amount, estimated;
	hub_time start, end;
	int tier;           /* from 1; 0: none */
	const char *period; /* 峰 peak … */
	size_t readings;    /* values behind it */
} face_line;

/* A tier (阶梯) of a ladder. */
typedef struct face_tier {
	decimal upto;  /* of the tier period, in the ladder's unit */
	bool bounded;  /* upto is given; not for the last, nor where it depends on persons and the like */
	decimal here;  /* what this bill has in it */
	decimal price; /* the lowest of its lines, or of the tariff where it has none */
	bool priced;
} face_tier;

typedef struct face_ladder {
	const char *text, *unit;
	decimal used; /* in the tier period, this bill included */
	int months;   /* of the tier period; 0: the cycle */
	int reached;  /* the highest tier with use in this bill, from 1; 0: none */
	face_tier tiers[FACE_TIERS_MAX];
	size_t count;
} face_ladder;

/* A day of the bill or a month of a year. */
typedef struct face_bar {
	hub_time start;
	decimal value;
	bool has, estimated;
} face_bar;

/* One utility's sub-bill. */
typedef struct face_part {
	const char *commodity; /* "electricity", "water", "gas", "ev", … */
	face_text utility;
	const char *phone, *web; /* whom to ask */
	const char *point, *meter, *place, *reference;
	const char *unit, *tariff;
	hub_time start, end;
	decimal quantity, estimated;
	int64_t amount, paid; /* smallest unit */
	unsigned marks;       /* face_mark */
	const face_line *lines;
	size_t line_count;
	const face_ladder *ladders;
	size_t ladder_count;
	const face_bar *days;
	size_t day_count;
	face_bar year[FACE_MONTHS], before[FACE_MONTHS]; /* the twelve cycles that end with this one, and those a year earlier */
} face_part;

/* What the revision before said. */
typedef struct face_change {
	const char *commodity;
	face_text utility;
	int64_t was, is;
} face_change;

/* A commodity beside the neighbours, frozen with the bill; others' figures are round already. */
typedef struct face_beside {
	const char *commodity, *unit;
	decimal own, median, efficient; /* efficient: the most that the best fifth uses */
	int rank, peers;                /* rank among them and this home, 1: uses least */
	int within;                     /* metres */
} face_beside;

typedef struct face_bill {
	const char *account, *kind;
	face_text name;
	const char *place;
	int32_t cycle; /* 202610 */
	int revision;
	bool cancelled;
	const char *currency; /* "CNY" */
	const zone *zone;
	hub_time start, end, issued, due;
	int64_t total;    /* of the parts */
	int64_t paid;     /* of this bill */
	int64_t previous; /* open of earlier bills; >= 0 */
	int64_t credit;   /* the account's balance in its favour; >= 0 */
	int64_t payable;  /* total - paid + previous - credit; < 0: nothing to pay */
	const char *pay;  /* what the payment code says; "": no code */
	const face_part *parts;
	size_t part_count;
	const face_change *changes; /* of a revision > 0 */
	size_t change_count;
	const face_beside *beside;
	size_t beside_count;
} face_bill;

static inline unsigned face_marks(const face_bill *b)
{
	unsigned marks = 0;
	for (size_t i = 0; i < b->part_count; i++)
		marks |= b->parts[i].marks;
	return marks;
}

/* What every line of a part adds up to, and whether that is its amount. HUB_RANGE. */
hub_status face_sum(const face_part *p, decimal *ret);

#endif
