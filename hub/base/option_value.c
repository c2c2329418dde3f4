#include "base/option_value.h"

#include <string.h>

typedef struct suffix {
	const char *name;
	int64_t factor;
} suffix;

static const suffix sizes[] = { { "", 1 }, { "k", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { NULL } };
static const suffix durations[] = { { "us", 1 },	 { "ms", 1000 },       { "s", 1000000 }, { "min", 60000000 },
				    { "h", 3600000000 }, { "d", 86400000000 }, { NULL } };
static const suffix numbers[] = { { "", 1 }, { NULL } };

static const struct {
	const char *word, *rule;
	const suffix *suffixes; /* NULL: not a number */
} types[] = {
	[OPTION_TEXT] = { "TEXT", "a text", NULL },
	[OPTION_INT] = { "NUMBER", "a whole number", numbers },
	[OPTION_SIZE] = { "SIZE", "a whole number of bytes, or one with k, M or G behind it", sizes },
	[OPTION_DURATION] = { "TIME", "a whole number with us, ms, s, min, h or d behind it", durations },
	[OPTION_BOOL] = { "true|false", "true or false", NULL },
	[OPTION_PATH] = { "PATH", "a path", NULL },
};

const char *option_type_word(option_type type)
{
	return types[type].word;
}

static const suffix *suffix_find(const suffix *list, const char *name)
{
	while (list->name && strcmp(list->name, name) != 0)
		list++;
	return list->name ? list : NULL;
}

/* HUB_REJECT: not a number of this type; HUB_RANGE: past int64. */
static hub_status number_parse(option_type type, const char *text, int64_t *ret)
{
	static const suffix zero = { "", 1 };
	bool negative = *text == '-', range = false;
	const char *p = text + negative;
	int64_t v = 0;
	if (*p < '0' || *p > '9')
		return HUB_REJECT;
	for (; *p >= '0' && *p <= '9'; p++)
		range = range || __builtin_mul_overflow(v, (int64_t)10, &v) ||
			__builtin_sub_overflow(v, (int64_t)(*p - '0'), &v);
	/* counted downwards, where int64 has one number more */
	range = range || (!negative && __builtin_sub_overflow((int64_t)0, v, &v));
	const suffix *s = suffix_find(types[type].suffixes, p);
	if (!s && !v && !*p)
		s = &zero; /* no time needs no unit */
	if (!s)
		return HUB_REJECT;
	if (range || __builtin_mul_overflow(v, s->factor, &v))
		return HUB_RANGE;
	*ret = v;
	return HUB_OK;
}

static hub_status bool_parse(const char *text, int64_t *ret)
{
	bool yes = strcmp(text, "true") == 0, no = strcmp(text, "false") == 0;
	if (!yes && !no)
		return HUB_REJECT;
	*ret = yes;
	return HUB_OK;
}

hub_status option_value_parse(const option *o, const char *text, int64_t *ret_number, hub_fault *fault)
{
	int64_t v = 0;
	hub_status st = HUB_OK;
	if (types[o->type].suffixes)
		st = number_parse(o->type, text, &v);
	else if (o->type == OPTION_BOOL)
		st = bool_parse(text, &v);
	if (st == HUB_REJECT)
		return hub_fault_set(fault, "option.value", o->name, "%s = '%.60s', must be %s", o->name, text,
				     types[o->type].rule);
	bool low = types[o->type].suffixes && v < (o->type == OPTION_INT || o->min > 0 ? o->min : 0);
	bool high = o->max && v > o->max;
	if (st == HUB_RANGE || low || high)
		return hub_fault_set(
		    fault, "option.range", o->name, "%s = '%.60s' is too %s, allowed is %lld to %lld%s", o->name, text,
		    low ? "small" : "large", (long long)o->min, (long long)(o->max ? o->max : INT64_MAX),
		    o->type == OPTION_DURATION ? " us"
		    : o->type == OPTION_SIZE   ? " bytes"
					       : "");
	*ret_number = v;
	return HUB_OK;
}
