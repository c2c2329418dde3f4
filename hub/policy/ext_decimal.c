#include "policy/ext.h"

#include <inttypes.h>
#include <limits.h>

enum { SCALE = 10000, DIGITS = 4 };

bool ext_decimal_parse(policy_text t, int64_t *ret)
{
	const char *p = t.p, *end = t.p + t.len;
	bool negative = p < end && *p == '-';
	p += negative;
	/* One digit more than int64 holds still fits, so leading zeros are the only long runs. */
	__int128 v = 0, most = (__int128)INT64_MAX + 1;
	const char *start = p;
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		v = v * 10 + (*p - '0');
		if (v > most)
			return false;
	}
	if (p == start || p == end || *p++ != '.')
		return false;
	int n = 0;
	v *= SCALE;
	for (int unit = SCALE / 10; p < end && n < DIGITS && *p >= '0' && *p <= '9'; p++, n++, unit /= 10)
		v += (__int128)(*p - '0') * unit;
	if (!n || p != end || v > most - !negative)
		return false;
	*ret = (int64_t)(negative ? -v : v);
	return true;
}

void ext_decimal_print(int64_t v, buf *out)
{
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v, fraction = u % SCALE;
	int width = DIGITS;
	while (width > 1 && fraction % 10 == 0) {
		fraction /= 10;
		width--;
	}
	buf_printf(out, "%s%" PRIu64 ".%0*" PRIu64, v < 0 ? "-" : "", u / SCALE, width, fraction);
}
