#include "store/app.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/words.h"

static const char *const scopes[] = { "profile", "readings" };

static bool is_scope(const char *text)
{
	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
		if (!strcmp(text, scopes[i]))
			return true;
	return false;
}

/* https, a loopback port for programs on a desk, or an own scheme of a phone's app (RFC 8252). */
static bool is_redirect(const char *text)
{
	const char *colon = strchr(text, ':');
	if (!colon || strlen(text) > 1024 || strpbrk(text, "# \\\"<>\r\n\t"))
		return false;
	if (!strncmp(text, "https://", 8))
		return text[8] && text[8] != '/';
	if (!strncmp(text, "http://", 7))
		return !strncmp(text + 7, "127.0.0.1", 9) || !strncmp(text + 7, "[::1]", 5);
	/* Reverse domain names only: nobody's javascript: or data:. */
	return memchr(text, '.', (size_t)(colon - text)) && colon[1] == '/';
}

static hub_status check(const app *p, hub_fault *fault)
{
	for (size_t i = 0; i < p->scope_count; i++)
		if (!is_scope(p->scopes[i]))
			return hub_fault_set(fault, "app.scope", "scope", "'%.64s' is no scope; profile and readings are", p->scopes[i]);
	for (size_t i = 0; i < p->redirect_count; i++)
		if (!is_redirect(p->redirects[i]))
			return hub_fault_set(fault, "app.redirect", "redirect",
					     "'%.128s' is not https://…, http://127.0.0.1…, or a scheme such as com.example.app:/…",
					     p->redirects[i]);
	return HUB_OK;
}

int ctl_app_add(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	const char *party_code = ctl_take(&argc, argv, "party", 1, &bad), **redirects = NULL, **asked = NULL;
	app p = { .name_zh = ctl_take(&argc, argv, "name-zh", 1, &bad), .name_en = ctl_take(&argc, argv, "name-en", 1, &bad) };
	hub_status st = word_list(&argc, argv, "redirect", &a, &redirects, &p.redirect_count);
	if (st == HUB_OK)
		st = word_list(&argc, argv, "scope", &a, &asked, &p.scope_count);
	if (bad || st != HUB_OK || !party_code || !p.redirect_count || ctl_leftover("app add", argc, argv) || argc != 2) {
		arena_fini(&a);
		return ctl_usage("app add");
	}
	p.code = argv[1];
	p.redirects = redirects;
	p.scopes = asked;
	st = word_party(c->db, party_code, &a, &p.party, &fault);
	if (st == HUB_OK)
		st = check(&p, &fault);
	if (st == HUB_OK)
		st = app_put(c->db, &p, &fault);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("app add", st, &fault);
	printf("app %s stored\n", argv[1]);
	return CTL_OK;
}

static void write_list(buf *b, const char *name, const char *const *list, size_t count)
{
	buf_printf(b, ",\"%s\":[", name);
	for (size_t i = 0; i < count; i++) {
		buf_text(b, i ? "," : "");
		json_write_text(b, list[i]);
	}
	buf_u8(b, ']');
}

int ctl_app_list(ctl *c, int argc, char **argv)
{
	arena a;
	size_t count = 0;
	app *list;
	if (ctl_leftover("app list", argc, argv) || argc != 1)
		return ctl_usage("app list");
	arena_init(&a, 0);
	hub_status st = app_list(c->db, &a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf b = { 0 };
		buf_printf(&b, "{\"app\":\"%s\",\"name_zh\":", list[i].code);
		json_write_text(&b, list[i].name_zh);
		buf_text(&b, ",\"name_en\":");
		json_write_text(&b, list[i].name_en);
		write_list(&b, "redirects", list[i].redirects, list[i].redirect_count);
		write_list(&b, "scopes", list[i].scopes, list[i].scope_count);
		buf_u8(&b, '}');
		puts(buf_cstr(&b));
		buf_fini(&b);
	}
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("app list", st, NULL);
}
