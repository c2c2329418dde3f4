/* Files of the simulated city below DATA, each replaced as a whole. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ctl/city.h"
#include "ctl/file.h"

hub_status city_file_read(ctl *c, const char *path, buf *ret, hub_fault *fault)
{
	char *whole = ctl_path(c, path);
	hub_status st = !whole ? HUB_NOMEM : access(whole, F_OK) ? HUB_MISSING : ctl_read(whole, ret, fault);
	free(whole);
	return st;
}

hub_status city_file_write(ctl *c, const char *folder, const char *name, const buf *bytes, mode_t mode, hub_fault *fault)
{
	char *path = ctl_path(c, folder);
	int dir = path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	hub_status st = !path || bytes->bad ? HUB_NOMEM : HUB_OK;
	if (st == HUB_OK && dir < 0) {
		hub_fault_set(fault, "city.place", "data", "%s has no folder %s; hubctl up makes it", c->data, folder);
		st = HUB_FAILED;
	}
	if (st == HUB_OK)
		st = ctl_replace(dir, name, bytes, mode, fault);
	if (dir >= 0)
		close(dir);
	free(path);
	return st;
}
