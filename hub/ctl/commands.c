#include "ctl/ctl.h"

#include <stddef.h>

const ctl_command ctl_commands[] = {
#define ROW(name, function, flags, arguments, summary) { name, function, flags, arguments, summary },
#include "ctl/commands.def"
#undef ROW
	{ NULL },
};
