#include "policy/ext.h"

#include <string.h>

static const value *number(arena *a, policy_kind kind, bool fits, int64_t v, const char **ret_why, const char *why)
{
	*ret_why = fits ? NULL : why;
	return fits ? value_number(a, kind, v) : NULL;
}

static const value *boolean(bool b)
{
	return b ? &value_true : &value_false;
}

static const value *call_decimal(arena *a, const value *const *v, const char **ret_why)
{
	int64_t n = 0;
	bool ok = ext_decimal_parse(v[0]->text, &n);
	return number(a, POLICY_DECIMAL, ok, n, ret_why, "is not a decimal with 1 to 4 fraction digits that fits");
}

static const value *call_datetime(arena *a, const value *const *v, const char **ret_why)
{
	int64_t n = 0;
	bool ok = ext_datetime_parse(v[0]->text, &n);
	return number(a, POLICY_DATETIME, ok, n, ret_why, "is not a datetime such as 2026-11-20T08:00:00.000Z");
}

static const value *call_duration(arena *a, const value *const *v, const char **ret_why)
{
	int64_t n = 0;
	bool ok = ext_duration_parse(v[0]->text, &n);
	return number(a, POLICY_DURATION, ok, n, ret_why, "is not a duration such as 1d2h3m4s5ms that fits");
}

static const value *call_ip(arena *a, const value *const *v, const char **ret_why)
{
	value ip = { .kind = POLICY_IP };
	if (!ext_ip_parse(v[0]->text, ip.ip, &ip.prefix, &ip.v6)) {
		*ret_why = "is not an IPv4 or IPv6 address or range";
		return NULL;
	}
	*ret_why = NULL;
	return arena_memdup(a, &ip, sizeof ip);
}

static const value *call_offset(arena *a, const value *const *v, const char **ret_why)
{
	int64_t n = 0;
	bool ok = !__builtin_add_overflow(v[0]->number, v[1]->number, &n);
	return number(a, POLICY_DATETIME, ok, n, ret_why, "overflows");
}

static const value *call_duration_since(arena *a, const value *const *v, const char **ret_why)
{
	int64_t n = 0;
	bool ok = !__builtin_sub_overflow(v[0]->number, v[1]->number, &n);
	return number(a, POLICY_DURATION, ok, n, ret_why, "overflows");
}

static const value *call_to_date(arena *a, const value *const *v, const char **ret_why)
{
	int64_t n = 0;
	bool ok = ext_to_date(v[0]->number, &n);
	return number(a, POLICY_DATETIME, ok, n, ret_why, "overflows");
}

static const value *call_to_time(arena *a, const value *const *v, const char **ret_why)
{
	return number(a, POLICY_DURATION, true, ext_to_time(v[0]->number), ret_why, NULL);
}

#define CALL_UNIT(name, ms)                                                                                     \
	static const value *name(arena *a, const value *const *v, const char **ret_why)                         \
	{                                                                                                       \
		return number(a, POLICY_LONG, true, v[0]->number / INT64_C(ms), ret_why, NULL);                 \
	}
CALL_UNIT(call_to_milliseconds, 1)
CALL_UNIT(call_to_seconds, 1000)
CALL_UNIT(call_to_minutes, 60000)
CALL_UNIT(call_to_hours, 3600000)
CALL_UNIT(call_to_days, 86400000)

#define CALL_TEST(name, test)                                                                                   \
	static const value *name(arena *a, const value *const *v, const char **ret_why)                         \
	{                                                                                                       \
		(void)a;                                                                                        \
		(void)ret_why;                                                                                  \
		return boolean(test);                                                                           \
	}
CALL_TEST(call_less, v[0]->number < v[1]->number)
CALL_TEST(call_less_equal, v[0]->number <= v[1]->number)
CALL_TEST(call_greater, v[0]->number > v[1]->number)
CALL_TEST(call_greater_equal, v[0]->number >= v[1]->number)
CALL_TEST(call_is_ipv4, !v[0]->v6)
CALL_TEST(call_is_ipv6, v[0]->v6)
CALL_TEST(call_is_loopback, ext_ip_is_loopback(v[0]))
CALL_TEST(call_is_multicast, ext_ip_is_multicast(v[0]))
CALL_TEST(call_is_in_range, ext_ip_in_range(v[0], v[1]))

#define STR POLICY_STRING
#define DEC POLICY_DECIMAL
#define DT POLICY_DATETIME
#define DUR POLICY_DURATION
#define IP POLICY_IP
static const ext_function functions[] = {
	{ "decimal", false, 1, { STR }, DEC, call_decimal },
	{ "datetime", false, 1, { STR }, DT, call_datetime },
	{ "duration", false, 1, { STR }, DUR, call_duration },
	{ "ip", false, 1, { STR }, IP, call_ip },
	{ "lessThan", true, 2, { DEC, DEC }, POLICY_BOOL, call_less },
	{ "lessThanOrEqual", true, 2, { DEC, DEC }, POLICY_BOOL, call_less_equal },
	{ "greaterThan", true, 2, { DEC, DEC }, POLICY_BOOL, call_greater },
	{ "greaterThanOrEqual", true, 2, { DEC, DEC }, POLICY_BOOL, call_greater_equal },
	{ "offset", true, 2, { DT, DUR }, DT, call_offset },
	{ "durationSince", true, 2, { DT, DT }, DUR, call_duration_since },
	{ "toDate", true, 1, { DT }, DT, call_to_date },
	{ "toTime", true, 1, { DT }, DUR, call_to_time },
	{ "toMilliseconds", true, 1, { DUR }, POLICY_LONG, call_to_milliseconds },
	{ "toSeconds", true, 1, { DUR }, POLICY_LONG, call_to_seconds },
	{ "toMinutes", true, 1, { DUR }, POLICY_LONG, call_to_minutes },
	{ "toHours", true, 1, { DUR }, POLICY_LONG, call_to_hours },
	{ "toDays", true, 1, { DUR }, POLICY_LONG, call_to_days },
	{ "isIpv4", true, 1, { IP }, POLICY_BOOL, call_is_ipv4 },
	{ "isIpv6", true, 1, { IP }, POLICY_BOOL, call_is_ipv6 },
	{ "isLoopback", true, 1, { IP }, POLICY_BOOL, call_is_loopback },
	{ "isMulticast", true, 1, { IP }, POLICY_BOOL, call_is_multicast },
	{ "isInRange", true, 2, { IP, IP }, POLICY_BOOL, call_is_in_range },
};

const ext_function *ext_find(policy_text name)
{
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (strlen(functions[i].name) == name.len && memcmp(functions[i].name, name.p, name.len) == 0)
			return &functions[i];
	return NULL;
}
