#include "drop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME = 200 };

static bool plain(const char *p, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-.";
	return len > 0 && len < NAME && p[0] != '.' && strspn(p, allowed) >= len;
}

static bool write_all(int fd, const uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static int folder_open(const char *root, const char *party)
{
	int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return -1;
	int made = mkdirat(top, party, 0750);
	int fd = made && errno != EEXIST ? -1 : openat(top, party, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && !made && fsync(top)) {
		close(fd);
		fd = -1;
	}
	close(top);
	return fd;
}

static bool place(int folder, const char *name, const void *bytes, size_t len)
{
	char beside[NAME + 8];
	snprintf(beside, sizeof beside, ".%s.part", name);
	int fd = openat(folder, beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return false;
	bool good = write_all(fd, bytes, len) && !fsync(fd);
	good &= !close(fd);
	return good && !renameat(folder, beside, folder, name) && !fsync(folder);
}

hub_status drop_put(const char *root, const char *path, const void *bytes, size_t len, hub_fault *fault)
{
	const char *slash = strchr(path, '/');
	char party[NAME];
	if (!slash || !plain(path, (size_t)(slash - path)) || !plain(slash + 1, strlen(slash + 1)))
		return hub_fault_set(fault, "egress.drop_path", "path", "a drop is PARTY/NAME, not '%.80s'", path);
	memcpy(party, path, (size_t)(slash - path));
	party[slash - path] = 0;
	int folder = folder_open(root, party);
	bool good = folder >= 0 && place(folder, slash + 1, bytes, len);
	if (!good)
		hub_fault_set(fault, "egress.drop", "path", "%.100s/%.100s cannot be written: %s", root, path,
			      strerror(errno));
	if (folder >= 0)
		close(folder);
	return good ? HUB_OK : HUB_FAILED;
}
