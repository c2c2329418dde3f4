#include "sandbox.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#ifndef HUB_SANITIZED
#include <seccomp.h>
#endif

enum { ADDRESS_SPACE = 1024, FILES = 32 };

void sandbox_limit(void)
{
	static const struct {
		int what;
		rlim_t most;
	} limits[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, 0 },
		{ RLIMIT_NOFILE, FILES },
#ifndef HUB_SANITIZED
		{ RLIMIT_AS, (rlim_t)ADDRESS_SPACE * 1024 * 1024 },
#endif
	};
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		setrlimit(limits[i].what, &(struct rlimit){ limits[i].most, limits[i].most });
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

#ifdef HUB_SANITIZED
bool sandbox_available(void)
{
	return false;
}

bool sandbox_enter(int fd)
{
	return fd >= 0;
}
#else
bool sandbox_available(void)
{
	return true;
}

static bool allow_all(scmp_filter_ctx filter)
{
	static const int calls[] = {
		SCMP_SYS(poll),		 SCMP_SYS(ppoll),	  SCMP_SYS(brk),	 SCMP_SYS(munmap),
		SCMP_SYS(mremap),	 SCMP_SYS(madvise),	  SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
		SCMP_SYS(time),		 SCMP_SYS(exit),	  SCMP_SYS(exit_group),	 SCMP_SYS(rt_sigreturn),
		SCMP_SYS(futex),	 SCMP_SYS(getrandom),	  SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigprocmask),
		SCMP_SYS(getpid),	 SCMP_SYS(gettid),
	};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
			return false;
	return true;
}

static bool allow_some(scmp_filter_ctx f, int fd)
{
	unsigned number = (unsigned)fd;
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(read), 1, SCMP_A0(SCMP_CMP_EQ, number)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(recvfrom), 1, SCMP_A0(SCMP_CMP_EQ, number)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_EQ, number)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1, SCMP_A0(SCMP_CMP_EQ, number)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_EQ, 2)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
				SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
}

bool sandbox_enter(int fd)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return false;
	bool good = allow_all(filter) && allow_some(filter, fd) && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return good;
}
#endif
