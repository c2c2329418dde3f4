#include "identity/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024 };

static hub_status unusable(hub_fault *fault, const char *path, const char *why)
{
	hub_fault_set(fault, "keys.file", "keys", "%.150s: %s", path, why);
	return HUB_FAILED;
}

static hub_status take(int fd, const char *path, jwt_keys **ret, hub_fault *fault)
{
	char text[FILE_MAX];
	struct stat st;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return unusable(fault, path, "is no file");
	if (st.st_mode & 077)
		return hub_fault_set(fault, "keys.open", "keys",
				     "%.150s may be read by others; chmod 600 and change the keys", path);
	ssize_t n = read(fd, text, sizeof text);
	if (n <= 0)
		return unusable(fault, path, n ? strerror(errno) : "is empty; remove it and a new one is made");
	hub_status result = jwt_keys_parse(text, (size_t)n, ret, fault);
	OPENSSL_cleanse(text, sizeof text);
	return result;
}

/* Whole or not at all, and never over another's: link(2) refuses if the name is taken. */
static hub_status place(const char *path, const char *json, hub_fault *fault)
{
	char fresh[PATH_MAX];
	if (snprintf(fresh, sizeof fresh, "%s.%d", path, (int)getpid()) >= (int)sizeof fresh)
		return unusable(fault, path, "the path is too long");
	unlink(fresh);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	size_t len = strlen(json);
	bool done =
	    fd >= 0 && write(fd, json, len) == (ssize_t)len && !fsync(fd) && (!link(fresh, path) || errno == EEXIST);
	hub_status st = done ? HUB_OK : unusable(fault, path, strerror(errno));
	if (fd >= 0)
		close(fd);
	unlink(fresh);
	return st;
}

static hub_status make(const char *path, hub_fault *fault)
{
	arena a;
	jwt_keys *keys;
	const char *json;
	hub_status st = jwt_keys_new(&keys);
	if (st != HUB_OK)
		return st;
	arena_init(&a, 0);
	st = jwt_keys_json(keys, true, &a, &json);
	if (st == HUB_OK)
		st = place(path, json, fault);
	arena_fini(&a);
	jwt_keys_free(keys);
	return st;
}

hub_status keyfile_open(const char *path, jwt_keys **ret, hub_fault *fault)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		hub_status st = make(path, fault);
		if (st != HUB_OK)
			return st;
		fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0)
		return unusable(fault, path, strerror(errno));
	hub_status st = take(fd, path, ret, fault);
	close(fd);
	return st;
}
