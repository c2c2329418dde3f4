#include "cookie.h"

#include <string.h>

bool cookie_find(const char *header, const char *name, const char **ret, size_t *ret_len)
{
	size_t n = strlen(name);
	while (*header) {
		size_t len = strcspn(header, ";");
		if (len > n && !memcmp(header, name, n) && header[n] == '=') {
			*ret = header + n + 1;
			*ret_len = len - n - 1;
			return true;
		}
		header += len;
		header += strspn(header, "; ");
	}
	return false;
}
