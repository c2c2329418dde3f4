/* What may be ordered of the live city: faults of its devices; and who is who in it. */
#include <stdio.h>
#include <string.h>

#include "ctl/city.h"
#include "ctl/words.h"

static const char faults_file[] = "city.json.faults", faults_path[] = CITY_STATE "/city.json.faults";

static const char *const things[] = { "home", "building", "charger" };
/* "none" ends one. */
static const char *const kinds[] = { "silent", "spike", "exchange", "clock_drift", "twice",
				     "late",   "unit",	"stuck",    "none" };

static bool is_one_of(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], word))
			return true;
	return false;
}

int ctl_city_homes(ctl *c, int argc, char **argv)
{
	hub_fault fault = { 0 };
	city_plan p;
	if (ctl_leftover("city homes", argc, argv) || argc != 1)
		return ctl_usage("city homes");
	hub_status st = city_plan_of(c, &p, &fault);
	for (uint32_t n = 1; st == HUB_OK && n <= p.sim.homes; n++) {
		const sim_home h = sim_home_of(&p.sim, n);
		printf("%u %u %s%s%s%s%s\n", n, h.district, sim_dwelling_name(h.dwelling), h.pv ? " sun" : "",
		       h.ev ? " car" : "", h.leak ? " leak" : "", h.vacant ? " vacant" : "");
	}
	return st == HUB_OK ? CTL_OK : ctl_fail("city homes", st, &fault);
}

/* The file without the line about this thing, and with the new one. */
static void rewrite(const char *text, const char *thing, uint64_t number, const char *kind, buf *out)
{
	char about[40];
	size_t len = (size_t)snprintf(about, sizeof about, "%s %llu ", thing, (unsigned long long)number);
	for (const char *line = text; *line;) {
		const char *end = strchrnul(line, '\n');
		if (strncmp(line, about, len))
			buf_printf(out, "%.*s\n", (int)(end - line), line);
		line = *end ? end + 1 : end;
	}
	if (strcmp(kind, "none"))
		buf_printf(out, "%s%s\n", about, kind);
}

static hub_status order(ctl *c, char **argv, hub_fault *fault)
{
	buf text = { 0 }, out = { 0 };
	uint64_t number;
	hub_status st = word_number(argv[2], 0, &number, fault);
	if (st == HUB_OK)
		st = city_file_read(c, faults_path, &text, fault);
	if (st == HUB_OK || st == HUB_MISSING) {
		buf_u8(&text, 0);
		st = text.bad ? HUB_NOMEM : HUB_OK;
	}
	if (st == HUB_OK) {
		rewrite((const char *)text.bytes, argv[1], number, argv[3], &out);
		st = city_file_write(c, CITY_STATE, faults_file, &out, 0640, fault);
	}
	buf_fini(&text);
	buf_fini(&out);
	return st;
}

static hub_status roll(ctl *c, const char *home, const char *within, hub_fault *fault)
{
	uint64_t number;
	hub_status st = word_number(home, 0, &number, fault);
	return st == HUB_OK ? city_rollover(c, number, within, fault) : st;
}

static hub_status show(ctl *c, hub_fault *fault)
{
	buf text = { 0 };
	hub_status st = city_file_read(c, faults_path, &text, fault);
	if (st == HUB_OK)
		fwrite(text.bytes, 1, text.len, stdout);
	buf_fini(&text);
	return st == HUB_MISSING ? HUB_OK : st;
}

int ctl_city_fault(ctl *c, int argc, char **argv)
{
	hub_fault fault = { 0 };
	int bad = 0;
	const char *within = ctl_take(&argc, argv, "within", 1, &bad);
	bool rolls = argc == 4 && !strcmp(argv[1], "home") && !strcmp(argv[3], "rollover");
	bool known = argc == 4 && is_one_of(argv[1], things, sizeof things / sizeof *things) &&
		     is_one_of(argv[3], kinds, sizeof kinds / sizeof *kinds);
	if (bad || (within && !rolls) || (argc != 1 && !rolls && !known))
		return ctl_usage("city fault");
	hub_status st = rolls ? roll(c, argv[2], within, &fault) : known ? order(c, argv, &fault) : show(c, &fault);
	return st == HUB_OK ? CTL_OK : ctl_fail("city fault", st, &fault);
}
