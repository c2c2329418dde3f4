#include "spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"

enum { ENVIRONMENT = 5 };

/* Between fork and exec: calls that are safe there, nothing else. */
static void become_child(pid_t parent, int fd, char *const *argv, char *const *env)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	int null = open("/dev/null", O_RDWR);
	if (getppid() != parent || null < 0)
		_exit(127);
	/* fd may be any number, CHILD_FD itself too; dup2 of equals would keep close-on-exec. */
	int high = fcntl(fd, F_DUPFD, CHILD_FD + 1);
	dup2(null, 0);
	dup2(null, 1);
	dup2(high, CHILD_FD);
	close_range(CHILD_FD + 1, ~0u, 0);
	execve("/proc/self/exe", argv, env);
	_exit(127);
}

bool spawn_child(const char *instance, pid_t *ret_pid, int *ret_fd)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	char *argv[] = { (char *)"adapterd", (char *)"--child", (char *)instance, NULL };
	static const char *const kept[] = { "HUB_ADAPTERS", "HUB_CLOCK_SHIFT", "ASAN_OPTIONS", "UBSAN_OPTIONS" };
	char texts[ENVIRONMENT][4096], *env[ENVIRONMENT] = { NULL };
	size_t count = 0;
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		const char *value = getenv(kept[i]);
		if (value && snprintf(texts[count], sizeof *texts, "%s=%s", kept[i], value) < (int)sizeof *texts) {
			env[count] = texts[count];
			count++;
		}
	}
	env[count] = NULL;
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		become_child(parent, pair[1], argv, env);
	close(pair[1]);
	if (pid < 0 || fcntl(pair[0], F_SETFL, O_NONBLOCK) != 0) {
		close(pair[0]);
		return false;
	}
	*ret_pid = pid;
	*ret_fd = pair[0];
	return true;
}
