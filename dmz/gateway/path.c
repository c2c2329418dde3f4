#include "path.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

static bool is_dots(const char *p, size_t n)
{
	return (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.');
}

static const char *bytes_breach(const char *path, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint8_t b = (uint8_t)path[i];
		n = utf8_char((const uint8_t *)path + i, len - i);
		if (n == 0)
			return "is not UTF-8";
		if (b < 0x20 || b == 0x7f)
			return "holds a control character";
		if (b == '%')
			return "is encoded twice; encode it once";
		if (b == '\\')
			return "holds a backslash; segments are parted by '/'";
	}
	return NULL;
}

static const char *segments_breach(const char *path, size_t len)
{
	const char *end = path + len;
	for (const char *p = path + 1; p < end;) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		size_t n = (size_t)((slash ? slash : end) - p);
		if (n == 0)
			return "holds an empty segment; write one '/' between segments";
		if (is_dots(p, n))
			return "holds a dot segment; write the path out";
		p = slash ? slash + 1 : end;
	}
	return NULL;
}

hub_status gateway_path_check(const char *path, size_t len, hub_fault *fault)
{
	const char *breach = NULL;
	if (len == 0 || path[0] != '/')
		breach = "does not begin with '/'";
	else if (len > GATEWAY_PATH_MAX)
		breach = "is longer than 1024 bytes";
	if (!breach)
		breach = bytes_breach(path, len);
	if (!breach)
		breach = segments_breach(path, len);
	return breach ? hub_fault_set(fault, "gateway.path", "path", "the path %s", breach) : HUB_OK;
}
