#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "ctl/health.h"

static const char *health_of(const health *h, const char *unit)
{
	const health_item *item = health_find(h, unit);
	return item ? health_grade_name(item->grade) : NULL;
}

static void show(const health *h)
{
	printf("%-10s %8s  %-27s %8s  %-9s %-9s %-10s %s\n", "process", "pid", "since", "restarts", "state", "health", "user",
	       "last end");
	printf("%-10s %8d  %-27s %8s  %-9s %-9s\n", "supervisor", (int)h->book.supervisor, h->book.since, "-",
	       h->book.ready ? "ready" : "starting", h->healthy ? "ok" : "bad");
	for (size_t i = 0; i < h->book.count; i++) {
		const book_unit *u = &h->book.units[i];
		const char *shown = health_of(h, u->name);
		if (strcmp(u->kind, "service"))
			continue;
		printf("%-10s %8d  %-27s %8u  %-9s %-9s %-10s %s\n", u->name, (int)u->pid, u->since, u->restarts, u->state,
		       shown ? shown : "-", u->user, u->last[0] ? u->last : "-");
	}
	putchar('\n');
	for (size_t i = 0; i < h->count; i++) {
		const health_item *item = &h->items[i];
		if (!book_find(&h->book, item->name) || item->grade == HEALTH_BAD)
			printf("%-11s %-8s %s\n", item->name, health_grade_name(item->grade), item->text);
	}
}

static void show_instances(const health *h)
{
	if (h->instance_count)
		printf("\n%-20s %-9s %8s %8s %10s %10s %10s %8s %8s\n", "instance", "phase", "restarts", "sessions", "records",
		       "stored", "repeated", "refused", "waiting");
	for (size_t i = 0; i < h->instance_count; i++) {
		const health_instance *n = &h->instances[i];
		printf("%-20s %-9s %8lld %8lld %10lld %10lld %10lld %8lld %8lld%s%s\n", n->name, n->phase,
		       (long long)n->restarts, (long long)n->sessions, (long long)n->records, (long long)n->stored,
		       (long long)n->duplicates, (long long)(n->rejected + n->quarantined), (long long)n->waiting,
		       n->error[0] ? "  " : "", n->error);
	}
}

static void write_units(buf *out, const health *h)
{
	for (size_t i = 0; i < h->book.count; i++) {
		const book_unit *u = &h->book.units[i];
		const char *shown = health_of(h, u->name);
		buf_printf(out, "%s{\"name\":\"%s\",\"kind\":\"%s\",\"pid\":%d,\"since\":\"%s\",\"restarts\":%u,"
			   "\"state\":\"%s\",\"user\":", i ? "," : "", u->name, u->kind, (int)u->pid, u->since, u->restarts,
			   u->state);
		json_write_text(out, u->user);
		buf_text(out, ",\"last\":");
		json_write_text(out, u->last);
		buf_printf(out, shown ? ",\"health\":\"%s\"}" : ",\"health\":null}", shown);
	}
}

static int show_json(const health *h)
{
	buf out = { 0 };
	buf_printf(&out, "{\"healthy\":%s,\"supervisor\":%d,\"since\":", h->healthy ? "true" : "false",
		   (int)h->book.supervisor);
	json_write_text(&out, h->book.since);
	buf_text(&out, ",\"http\":");
	json_write_text(&out, h->book.http);
	buf_printf(&out, ",\"zones_share_user\":%s,\"units\":[", h->book.zones_share_user ? "true" : "false");
	write_units(&out, h);
	buf_text(&out, "],\"checks\":[");
	for (size_t i = 0; i < h->count; i++) {
		const health_item *item = &h->items[i];
		buf_printf(&out, "%s{\"name\":\"%s\",\"health\":\"%s\",\"text\":", i ? "," : "", item->name,
			   health_grade_name(item->grade));
		json_write_text(&out, item->text);
		buf_text(&out, "}");
	}
	buf_printf(&out, "],\"adapterd\":%s}", h->adapterd ? h->adapterd : "null");
	bool good = !out.bad;
	if (good)
		puts(buf_cstr(&out));
	buf_fini(&out);
	return good ? CTL_OK : CTL_FAILED;
}

int ctl_status(ctl *c, int argc, char **argv)
{
	int bad = 0;
	hub_fault fault = { 0 };
	place p;
	arena a;
	health h = { 0 };
	bool json = ctl_take(&argc, argv, "json", 0, &bad);
	if (bad || argc > 1)
		return ctl_usage("status");
	hub_status st = place_find(c, &p, &fault);
	if (st != HUB_OK)
		return ctl_fail("status", st, &fault);
	arena_init(&a, 0);
	st = health_check(c, &p, &a, &h);
	int rc = st != HUB_OK ? ctl_fail("status", st, NULL) : h.healthy ? CTL_OK : CTL_FAILED;
	if (st == HUB_OK && json)
		show_json(&h);
	else if (st == HUB_OK && !h.book.supervisor)
		printf("%s\n", h.items[0].text);
	else if (st == HUB_OK) {
		show(&h);
		show_instances(&h);
	}
	arena_fini(&a);
	place_fini(&p);
	return rc;
}
