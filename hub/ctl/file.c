#include "ctl/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

hub_status ctl_read(const char *path, buf *out, hub_fault *fault)
{
	enum { PIECE = 65536 };
	FILE *in = strcmp(path, "-") ? fopen(path, "rb") : stdin;
	if (!in)
		return hub_fault_set(fault, "file.open", "", "%.150s cannot be opened: %s", path, strerror(errno));
	size_t n;
	do {
		uint8_t *room = buf_room(out, PIECE);
		n = room ? fread(room, 1, PIECE, in) : 0;
		buf_took(out, n);
	} while (n);
	bool failed = ferror(in);
	if (in != stdin)
		fclose(in);
	if (failed)
		return hub_fault_set(fault, "file.read", "", "%.150s cannot be read", path);
	return out->bad ? HUB_NOMEM : HUB_OK;
}
