#include "ctl/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

pid_t lock_owner(const char *path)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return 0;
	/* A read-only descriptor may ask, though it could not take the lock. */
	pid_t owner = !fcntl(fd, F_GETLK, &l) && l.l_type != F_UNLCK ? l.l_pid : 0;
	close(fd);
	return owner;
}

/* Whether the path still names the file we locked: its owner before us removes it while leaving. */
static bool is_same(const char *path, int fd)
{
	struct stat a, b;
	return !fstat(fd, &a) && !stat(path, &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

hub_status lock_take(const char *path, int *ret_fd, pid_t *ret_owner, hub_fault *fault)
{
	for (int tries = 0; tries < 100; tries++) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd < 0)
			break;
		struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		bool taken = !fcntl(fd, F_SETLK, &l);
		if (taken && is_same(path, fd)) {
			*ret_fd = fd;
			return HUB_OK;
		}
		close(fd);
		pid_t owner = taken ? 0 : lock_owner(path);
		if (owner) {
			*ret_owner = owner;
			hub_fault_set(fault, "hub.running", "", "the hub runs already, supervised by pid %d; "
				"hubctl status shows it, hubctl down ends it", (int)owner);
			return HUB_CONFLICT;
		}
	}
	hub_fault_set(fault, "hub.lock", "", "%s cannot be locked: %s", path, strerror(errno));
	return HUB_FAILED;
}

void lock_drop(const char *path, int fd)
{
	unlink(path);
	close(fd);
}
