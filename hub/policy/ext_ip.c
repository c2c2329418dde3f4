#include "policy/ext.h"

#include <arpa/inet.h>
#include <string.h>

enum { TEXT_MAX = 43 }; /* "ABCD:EF01:2345:6789:ABCD:EF01:2345:6789/128" */

static bool v4_parse(const char *p, const char *end, uint8_t bytes[16])
{
	for (int i = 0; i < 4; i++) {
		if (i && (p == end || *p++ != '.'))
			return false;
		const char *start = p;
		int v = 0;
		for (; p < end && *p >= '0' && *p <= '9' && p - start < 3; p++)
			v = v * 10 + (*p - '0');
		if (p == start || v > 255 || (*start == '0' && p - start > 1))
			return false;
		bytes[i] = (uint8_t)v;
	}
	return p == end;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 4291 2.2, forms 1 and 2; "::" stands for at least one group; no embedded IPv4. */
static bool v6_parse(const char *p, const char *end, uint8_t bytes[16])
{
	uint16_t groups[8];
	int n = 0, gap = -1;
	if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
		gap = 0;
		p += 2;
	}
	while (p < end) {
		const char *start = p;
		unsigned v = 0;
		for (; p < end && hex(*p) >= 0 && p - start < 4; p++)
			v = v << 4 | (unsigned)hex(*p);
		if (p == start || n == 8)
			return false;
		groups[n++] = (uint16_t)v;
		if (p == end)
			break;
		if (*p++ != ':' || p == end)
			return false;
		if (*p == ':') {
			if (gap >= 0)
				return false;
			gap = n;
			p++;
		}
	}
	if (gap < 0 ? n != 8 : n > 7)
		return false;
	memset(bytes, 0, 16);
	for (int i = 0; i < n; i++) {
		int at = gap >= 0 && i >= gap ? 8 - n + i : i;
		bytes[2 * at] = (uint8_t)(groups[i] >> 8);
		bytes[2 * at + 1] = (uint8_t)groups[i];
	}
	return true;
}

static bool prefix_parse(const char *p, const char *end, int most, uint8_t *ret)
{
	int v = 0;
	if (p == end || end - p > 3 || (*p == '0' && end - p > 1))
		return false;
	for (; p < end; p++) {
		if (*p < '0' || *p > '9')
			return false;
		v = v * 10 + (*p - '0');
	}
	*ret = (uint8_t)v;
	return v <= most;
}

bool ext_ip_parse(policy_text t, uint8_t bytes[16], uint8_t *ret_prefix, bool *ret_v6)
{
	if (t.len > TEXT_MAX || !t.len)
		return false;
	const char *end = t.p + t.len, *slash = memchr(t.p, '/', t.len), *stop = slash ? slash : end;
	bool v6 = memchr(t.p, ':', (size_t)(stop - t.p));
	uint8_t prefix = v6 ? 128 : 32;
	if (!(v6 ? v6_parse(t.p, stop, bytes) : v4_parse(t.p, stop, bytes)))
		return false;
	if (slash && !prefix_parse(slash + 1, end, prefix, &prefix))
		return false;
	*ret_prefix = prefix;
	*ret_v6 = v6;
	return true;
}

bool ext_ip_is_loopback(const value *ip)
{
	static const uint8_t one[16] = { [15] = 1 };
	return ip->v6 ? ip->prefix == 128 && memcmp(ip->ip, one, 16) == 0 : ip->ip[0] == 127 && ip->prefix >= 8;
}

bool ext_ip_is_multicast(const value *ip)
{
	return ip->v6 ? ip->ip[0] == 0xff && ip->prefix >= 8 : ip->ip[0] >> 4 == 14 && ip->prefix >= 4;
}

bool ext_ip_in_range(const value *ip, const value *range)
{
	if (ip->v6 != range->v6 || ip->prefix < range->prefix)
		return false;
	unsigned whole = range->prefix / 8, bits = range->prefix % 8;
	if (memcmp(ip->ip, range->ip, whole) != 0)
		return false;
	return !bits || (ip->ip[whole] ^ range->ip[whole]) >> (8 - bits) == 0;
}

void ext_ip_print(const value *v, buf *out)
{
	char text[INET6_ADDRSTRLEN] = "";
	inet_ntop(v->v6 ? AF_INET6 : AF_INET, v->ip, text, sizeof text);
	buf_text(out, text);
	if (v->prefix != (v->v6 ? 128 : 32))
		buf_printf(out, "/%u", v->prefix);
}
