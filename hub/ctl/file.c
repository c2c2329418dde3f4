#include "ctl/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

hub_status ctl_write(const char *path, const buf *bytes, hub_fault *fault)
{
	FILE *out = path && strcmp(path, "-") ? fopen(path, "wb") : stdout;
	if (bytes->bad)
		return HUB_NOMEM;
	bool done = out && fwrite(bytes->bytes, 1, bytes->len, out) == bytes->len && !fflush(out);
	if (out && out != stdout)
		done = !fclose(out) && done;
	return done ? HUB_OK : hub_fault_set(fault, "file.write", "out", "%.150s cannot be written: %s", path ? path : "output",
					     strerror(errno));
}

hub_status ctl_replace(int dir, const char *name, const buf *bytes, mode_t mode, hub_fault *fault)
{
	char fresh[256];
	if (bytes->bad)
		return HUB_NOMEM;
	snprintf(fresh, sizeof fresh, ".%s.new", name);
	unlinkat(dir, fresh, 0);
	int fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool done = fd >= 0 && write(fd, bytes->bytes, bytes->len) == (ssize_t)bytes->len && !fchmod(fd, mode) &&
		    !fsync(fd) && !renameat(dir, fresh, dir, name) && !fsync(dir);
	if (!done)
		hub_fault_set(fault, "file.write", "", "%.150s cannot be written: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return done ? HUB_OK : HUB_FAILED;
}
