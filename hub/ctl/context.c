#include "ctl/ctl.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/hubconf.h"

static char *text(const char *fmt, const char *a, const char *b)
{
	char *s;
	return asprintf(&s, fmt, a, b) < 0 ? NULL : s;
}

char *ctl_path(const ctl *c, const char *part)
{
	return text("%s/%s", c->data, part);
}

static char *default_data(void)
{
	const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	if (geteuid() == 0)
		return strdup("/var/lib/uhub");
	if (xdg && xdg[0] == '/')
		return text("%s/%s", xdg, "uhub");
	return text("%s/%s", home && home[0] == '/' ? home : "/tmp", ".local/share/uhub");
}

static char *absolute(const char *path)
{
	char here[PATH_MAX];
	if (path[0] == '/')
		return strdup(path);
	return getcwd(here, sizeof here) ? text("%s/%s", here, path) : NULL;
}

/* --database wins over hub.conf; without either it is the private cluster. */
static hub_status find_database(ctl *c, hub_fault *fault)
{
	char name[] = "hub", *argv[] = { name, NULL };
	const char *given = getenv("HUB_DATABASE");
	hubconf conf;
	if (given && given[0]) {
		c->conninfo = strdup(given);
		return c->conninfo ? HUB_OK : HUB_NOMEM;
	}
	hub_status st = hubconf_read(c, 1, argv, &conf, fault);
	if (st != HUB_OK)
		return st;
	c->conninfo = conf.database[0] ? strdup(conf.database)
				       : text("host='%s/core/pgrun' user=%s dbname=uhub connect_timeout=3", c->data, "uhub");
	hubconf_fini(&conf);
	return c->conninfo ? HUB_OK : HUB_NOMEM;
}

hub_status ctl_context(ctl *c, const char *data, hub_fault *fault)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n < 0) {
		hub_fault_set(fault, "ctl.proc", "", "/proc/self/exe cannot be read (%s); mount /proc", strerror(errno));
		return HUB_FAILED;
	}
	self[n] = 0;
	*strrchr(self, '/') = 0;
	c->programs = strdup(self);
	if (!data || !data[0])
		data = getenv("HUB_DATA");
	c->data = data && data[0] ? absolute(data) : default_data();
	if (!c->data || !c->programs)
		return HUB_NOMEM;
	return find_database(c, fault);
}

hub_status ctl_zone_user(ctl_zone zone, ctl_user *ret, hub_fault *fault)
{
	static const char *const names[] = { "uhub", "uhub-dmz" };
	struct passwd *pw = geteuid() ? getpwuid(geteuid()) : getpwnam(names[zone]);
	if (!pw && geteuid()) {
		*ret = (ctl_user){ "?", geteuid(), getegid() };
		return HUB_OK;
	}
	if (!pw) {
		hub_fault_set(fault, "ctl.user", "", "the system user '%s' is missing; ./quickstart makes it, or: "
			"useradd --system --user-group --shell /usr/sbin/nologin %s", names[zone], names[zone]);
		return HUB_MISSING;
	}
	char *name = strdup(pw->pw_name);
	if (!name)
		return HUB_NOMEM;
	*ret = (ctl_user){ name, pw->pw_uid, pw->pw_gid };
	return HUB_OK;
}

hub_status ctl_become(const ctl_user *user, hub_fault *fault)
{
	if (geteuid() || !user->uid)
		return HUB_OK;
	if (!initgroups(user->name, user->gid) && !setresgid(user->gid, user->gid, user->gid) &&
	    !setresuid(user->uid, user->uid, user->uid))
		return HUB_OK;
	hub_fault_set(fault, "ctl.user", "", "cannot become user '%s': %s", user->name, strerror(errno));
	return HUB_FAILED;
}
