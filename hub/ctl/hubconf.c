#include "ctl/hubconf.h"

#include <stddef.h>

hub_status hubconf_read(const ctl *c, int argc, char **argv, hubconf *ret, hub_fault *fault)
{
	int bad = 0;
	(void)c;
	hubconf conf = { "", 0, "127.0.0.1:8480", 60000000, 30000000 };
	const char *listen = ctl_take(&argc, argv, "http-listen", 1, &bad);
	const char *database = ctl_take(&argc, argv, "database", 1, &bad);
	if (bad || argc > 1)
		return hub_fault_set(fault, "up.argument", "", "'%s' is no option of up", argc > 1 ? argv[1] : "");
	conf.http_listen = listen ? listen : conf.http_listen;
	conf.database = database ? database : conf.database;
	*ret = conf;
	return HUB_OK;
}

void hubconf_fini(hubconf *conf)
{
	*conf = (hubconf){ 0 };
}
