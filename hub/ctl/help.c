#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

static const ctl_command *command(int argc, char **argv)
{
	char name[80];
	snprintf(name, sizeof name, "%s%s%s", argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
	for (const ctl_command *k = ctl_commands; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

static void usage_line(FILE *out, const ctl_command *k)
{
	fprintf(out, "hubctl %s%s%s\n    %s\n", k->name, k->arguments[0] ? " " : "", k->arguments, k->summary);
}

static void list(FILE *out)
{
	fprintf(out, "hubctl [--data DIR] [--database CONNINFO] COMMAND …\n\n");
	for (const ctl_command *k = ctl_commands; k->name; k++)
		fprintf(out, "  %-22s %s\n", k->name, k->summary);
	fprintf(out, "\nhubctl help COMMAND shows its arguments.\n");
}

int ctl_usage(const char *name)
{
	for (const ctl_command *k = ctl_commands; name && k->name; k++)
		if (!strcmp(k->name, name)) {
			fprintf(stderr, "usage: ");
			usage_line(stderr, k);
			return CTL_USAGE;
		}
	list(stderr);
	return CTL_USAGE;
}

/* One command, or all whose first word is the one given. */
int ctl_help(ctl *c, int argc, char **argv)
{
	(void)c;
	int found = 0;
	if (argc < 2) {
		list(stdout);
		return CTL_OK;
	}
	const ctl_command *exact = command(argc - 1, argv + 1);
	size_t len = strlen(argv[1]);
	for (const ctl_command *k = ctl_commands; k->name; k++)
		if (k == exact || (argc == 2 && !exact && !strncmp(k->name, argv[1], len) && k->name[len] == ' ')) {
			usage_line(stdout, k);
			found = 1;
		}
	if (!found)
		fprintf(stderr, "hubctl help: there is no command '%s'\n", argv[1]);
	return found ? CTL_OK : CTL_USAGE;
}

static void escaped(const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\\' || *p == '-')
			putchar('\\');
		putchar(*p);
	}
}

int ctl_manual(ctl *c, int argc, char **argv)
{
	(void)c;
	const ctl_command *only = argc > 1 ? command(argc - 1, argv + 1) : NULL;
	if (argc > 1 && !only)
		return ctl_usage("manual");
	printf(".TH HUBCTL 1 \"\" \"utility hub\"\n.SH NAME\nhubctl \\- operate the utility hub\n"
	       ".SH SYNOPSIS\n.B hubctl\n[\\-\\-data DIR] [\\-\\-database CONNINFO] COMMAND …\n.SH COMMANDS\n");
	for (const ctl_command *k = ctl_commands; k->name; k++) {
		if (only && k != only)
			continue;
		printf(".TP\n.B ");
		escaped(k->name);
		printf("\\fR ");
		escaped(k->arguments);
		putchar('\n');
		escaped(k->summary);
		putchar('\n');
	}
	printf(".SH ENVIRONMENT\n.TP\n.B HUB_DATA\nThe data directory where \\-\\-data is not given.\n"
	       ".TP\n.B HUB_DATABASE\nAn external database where \\-\\-database is not given.\n"
	       ".SH EXIT STATUS\n0 done, 1 refused or failed, 2 the input or the command line is wrong.\n");
	return CTL_OK;
}
