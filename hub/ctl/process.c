#include "ctl/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { ENVIRONMENT_MAX = 64 };

/* What a child may know of our environment: nothing that changes how it behaves but our own names. */
static bool inherited(const char *entry)
{
	static const char *const prefixes[] = { "HUB_", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS=",
						"LSAN_OPTIONS=", "TMPDIR=" };
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (!strncmp(entry, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static void environment(char **out)
{
	size_t n = 0;
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LANG=C.UTF-8";
	out[n++] = path;
	out[n++] = lang;
	for (char **e = environ; *e && n < ENVIRONMENT_MAX - 1; e++)
		if (inherited(*e))
			out[n++] = *e;
	out[n] = NULL;
}

static void become_child(const process_spec *s, pid_t parent, int report)
{
	char *env[ENVIRONMENT_MAX];
	hub_fault fault;
	int null = open("/dev/null", O_RDWR);
	sigset_t none;
	sigemptyset(&none);
	if (setpgid(0, 0) || null < 0 || dup2(null, 0) < 0 || (s->output >= 0 && dup2(s->output, 1) < 0) ||
	    (s->output >= 0 && dup2(s->output, 2) < 0) || chdir(s->directory ? s->directory : "/"))
		goto failed;
	if (s->user && ctl_become(s->user, &fault) != HUB_OK)
		goto failed;
	/* After the change of user, which clears it. */
	if (prctl(PR_SET_PDEATHSIG, s->death_signal))
		goto failed;
	if (getppid() != parent)
		_exit(127);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(027);
	environment(env);
	syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC);
	execve(s->argv[0], (char *const *)s->argv, env);
failed:;
	int e = errno;
	if (write(report, &e, sizeof e) < 0)
		_exit(126);
	_exit(127);
}

hub_status process_start(const process_spec *s, pid_t *ret_pid, hub_fault *fault)
{
	int report[2], e = 0;
	if (access(s->argv[0], X_OK)) {
		hub_fault_set(fault, "process.missing", "", "%s: %s; install the hub completely", s->argv[0],
			strerror(errno));
		return HUB_MISSING;
	}
	if (pipe2(report, O_CLOEXEC)) {
		hub_fault_set(fault, "process.start", "", "no pipe: %s", strerror(errno));
		return HUB_FAILED;
	}
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		become_child(s, parent, report[1]);
	close(report[1]);
	/* Empty once exec has closed the other end. */
	bool failed = pid < 0 || read(report[0], &e, sizeof e) == sizeof e;
	close(report[0]);
	if (failed) {
		hub_fault_set(fault, "process.start", "", "%s cannot be started: %s", s->argv[0],
			strerror(pid < 0 ? errno : e));
		if (pid > 0)
			waitpid(pid, NULL, 0);
		return HUB_FAILED;
	}
	*ret_pid = pid;
	return HUB_OK;
}

void process_signal(pid_t pid, int sig)
{
	kill(-pid, sig);
}

bool process_wait(pid_t pid, int64_t timeout, int *ret_status)
{
	int64_t until = clock_monotonic() + timeout;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	bool done = false;
	for (;;) {
		pid_t got = waitpid(pid, ret_status, WNOHANG);
		done = got == pid || (got < 0 && errno != EINTR);
		int64_t left = until - clock_monotonic();
		if (done || left <= 0)
			break;
		struct pollfd p = { fd, POLLIN, 0 };
		poll(&p, fd >= 0, fd >= 0 ? (int)(left / 1000 + 1) : 10);
	}
	if (fd >= 0)
		close(fd);
	return done;
}

int process_run(const process_spec *spec, hub_fault *fault)
{
	pid_t pid;
	int status = 0;
	if (process_start(spec, &pid, fault) != HUB_OK)
		return -1;
	while (!process_wait(pid, 3600 * (int64_t)1000000, &status))
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const char *process_status_text(int status, char out[48])
{
	if (WIFSIGNALED(status))
		snprintf(out, 48, "signal %d (%.24s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(out, 48, "exit %d", WEXITSTATUS(status));
	return out;
}
