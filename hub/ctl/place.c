#include "ctl/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* SHOWN: the core's, for the zone to read. */
typedef enum owner { OWNER_ROOT, OWNER_CORE, OWNER_ZONE, OWNER_SHOWN } owner;

static const struct {
	const char *path;
	owner owner;
	mode_t mode;
} directories[] = {
	{ "", OWNER_ROOT, 0755 },
	{ "/log", OWNER_ROOT, 0750 },
	{ "/core", OWNER_CORE, 0700 },
	{ "/core/pgrun", OWNER_CORE, 0700 },
	{ "/core/keys", OWNER_CORE, 0700 },
	{ "/zone", OWNER_ZONE, 0750 },
	{ "/zone/run", OWNER_ZONE, 02750 },
	{ "/zone/spool", OWNER_ZONE, 02770 },
	{ "/zone/journal", OWNER_ZONE, 0750 },
	{ "/zone/state", OWNER_SHOWN, 02750 },
};

hub_status place_find(const ctl *c, place *ret, hub_fault *fault)
{
	place p = { 0 };
	hub_status st = ctl_zone_user(CTL_ZONE_CORE, &p.core_user, fault);
	if (st == HUB_OK)
		st = ctl_zone_user(CTL_ZONE_OUTER, &p.zone_user, fault);
	if (st != HUB_OK)
		return st;
	const struct {
		char **path;
		const char *name;
	} paths[] = {
		{ &p.core, "core" }, { &p.pg, "core/pg" }, { &p.pgrun, "core/pgrun" }, { &p.zone, "zone" },
		{ &p.zone_run, "zone/run" }, { &p.log, "log" }, { &p.conf, "hub.conf" }, { &p.lock, "hub.lock" },
		{ &p.state, "hub.state" },
	};
	bool good = (p.root = strdup(c->data)) != NULL;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		good = (*paths[i].path = ctl_path(c, paths[i].name)) && good;
	if (!good) {
		place_fini(&p);
		return HUB_NOMEM;
	}
	*ret = p;
	return HUB_OK;
}

void place_fini(place *p)
{
	char *paths[] = { p->root, p->core, p->pg, p->pgrun, p->zone, p->zone_run, p->log, p->conf, p->lock, p->state };
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		free(paths[i]);
	*p = (place){ 0 };
}

/* The parents too, as `mkdir -p`. */
static int make_path(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		int rc = mkdir(path, 0755);
		*slash = '/';
		if (rc && errno != EEXIST)
			return -1;
	}
	return mkdir(path, 0755) && errno != EEXIST ? -1 : 0;
}

/* By descriptor and without following links: the outer zone's user owns some of the parents. */
static int give(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc = fd < 0 || (!geteuid() && fchown(fd, uid, gid)) || fchmod(fd, mode) ? -1 : 0;
	if (fd >= 0)
		close(fd);
	return rc;
}

static hub_status make(const place *p, size_t from, size_t to, hub_fault *fault)
{
	for (size_t i = from; i < to; i++) {
		char path[4096];
		int n = snprintf(path, sizeof path, "%s%s", p->root, directories[i].path);
		const ctl_user *u = directories[i].owner == OWNER_ZONE ? &p->zone_user : &p->core_user;
		uid_t uid = directories[i].owner == OWNER_ROOT ? 0 : u->uid;
		gid_t gid = directories[i].owner == OWNER_SHOWN ? p->zone_user.gid : u->gid;
		if (n >= (int)sizeof path || make_path(path) || give(path, uid, gid, directories[i].mode)) {
			hub_fault_set(fault, "data.directory", "data", "'%s' cannot be made or given its owner: %s", path,
				strerror(errno));
			return HUB_FAILED;
		}
	}
	return HUB_OK;
}

hub_status place_root(const place *p, hub_fault *fault)
{
	return make(p, 0, 1, fault);
}

hub_status place_make(const place *p, hub_fault *fault)
{
	return make(p, 1, sizeof directories / sizeof *directories, fault);
}

void place_sweep(const place *p)
{
	unlink(p->state);
	DIR *d = opendir(p->zone_run);
	if (!d)
		return;
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		if (e->d_type == DT_SOCK)
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}
