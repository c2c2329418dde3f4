#include "depth.h"

static bool take(depth *d, uint8_t b)
{
	if (d->in_text) {
		d->in_text = d->escaped || b != '"';
		d->escaped = !d->escaped && b == '\\';
		return true;
	}
	if (b == '"')
		d->in_text = true;
	else if (b == '{' || b == '[')
		return ++d->level <= DEPTH_MAX;
	else if ((b == '}' || b == ']') && d->level)
		d->level--;
	return true;
}

bool depth_take(depth *d, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!take(d, bytes[i]))
			return false;
	return true;
}
