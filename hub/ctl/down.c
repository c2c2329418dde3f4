#include "ctl/ctl.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ctl/lock.h"

int ctl_down(ctl *c, int argc, char **argv)
{
	int bad = 0;
	const char *timeout = ctl_take(&argc, argv, "timeout", 1, &bad);
	if (bad || argc > 1)
		return ctl_usage("down");
	char *path = ctl_path(c, "hub.lock");
	pid_t pid = path ? lock_owner(path) : 0;
	free(path);
	if (!pid) {
		printf("the hub of %s does not run\n", c->data);
		return CTL_OK;
	}
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0 || kill(pid, SIGTERM)) {
		fprintf(stderr, "hubctl down: the supervisor, pid %d, cannot be told to end: %s\n", (int)pid,
			strerror(errno));
		return CTL_FAILED;
	}
	struct pollfd p = { fd, POLLIN, 0 };
	int seconds = timeout ? atoi(timeout) : 180, n = poll(&p, 1, seconds * 1000);
	close(fd);
	if (n == 1) {
		printf("the hub has ended; its data stay in %s\n", c->data);
		return CTL_OK;
	}
	fprintf(stderr, "hubctl down: the supervisor, pid %d, still ends its processes after %d s; hubctl status shows "
		"which\n", (int)pid, seconds);
	return CTL_FAILED;
}
