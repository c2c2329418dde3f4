#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "ctl/file.h"
#include "ctl/words.h"
#include "identity/keyfile.h"

enum { KEEP = 3, KEEP_MAX = 15 };

static int open_directory(const ctl *c, const char *name)
{
	char *path = ctl_path(c, name);
	int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	free(path);
	return fd;
}

static hub_status write_keys(int dir, const char *name, const jwt_keys *keys, bool with_private, mode_t mode, hub_fault *fault)
{
	arena a;
	const char *json;
	buf text = { 0 };
	arena_init(&a, 0);
	hub_status st = jwt_keys_json(keys, with_private, &a, &json);
	if (st == HUB_OK) {
		buf_text(&text, json);
		st = text.bad ? HUB_NOMEM : ctl_replace(dir, name, &text, mode, fault);
		OPENSSL_cleanse((void *)(uintptr_t)json, strlen(json));
	}
	if (text.bytes)
		OPENSSL_cleanse(text.bytes, text.len);
	buf_fini(&text);
	arena_fini(&a);
	return st;
}

/* The doors learn the new key before anything is signed by it. */
static hub_status rotate(const ctl *c, int core, int zone, size_t keep, size_t *ret_count, hub_fault *fault)
{
	jwt_keys *old = NULL, *fresh = NULL;
	char *path = ctl_path(c, "core/keys/jwt.json");
	hub_status st = path ? keyfile_open(path, &old, fault) : HUB_NOMEM;
	if (st == HUB_OK)
		st = jwt_keys_rotate(old, keep, &fresh);
	if (st == HUB_OK)
		st = write_keys(zone, "keys.json", fresh, false, 0644, fault);
	if (st == HUB_OK)
		st = write_keys(core, "jwt.json", fresh, true, 0600, fault);
	if (st == HUB_OK)
		*ret_count = jwt_keys_count(fresh);
	jwt_keys_free(old);
	jwt_keys_free(fresh);
	free(path);
	return st;
}

int ctl_keys_rotate(ctl *c, int argc, char **argv)
{
	int bad = 0;
	uint64_t keep = KEEP;
	size_t count = 0;
	hub_fault fault = { 0 };
	const char *asked = ctl_take(&argc, argv, "keep", 1, &bad);
	if (bad || ctl_leftover("keys rotate", argc, argv) || argc != 1)
		return ctl_usage("keys rotate");
	hub_status st = word_number(asked, KEEP, &keep, &fault);
	if (st == HUB_OK && keep > KEEP_MAX)
		st = hub_fault_set(&fault, "keys.keep", "keep", "0 to %d older keys", KEEP_MAX);
	int core = open_directory(c, "core/keys"), zone = open_directory(c, "zone/state");
	if (st == HUB_OK && (core < 0 || zone < 0)) {
		hub_fault_set(&fault, "keys.file", "data", "%.150s has no core/keys or zone/state; hubctl up makes them", c->data);
		st = HUB_FAILED;
	}
	if (st == HUB_OK) {
		flock(core, LOCK_EX);
		st = rotate(c, core, zone, (size_t)keep, &count, &fault);
	}
	if (core >= 0)
		close(core);
	if (zone >= 0)
		close(zone);
	if (st != HUB_OK)
		return ctl_fail("keys rotate", st, &fault);
	printf("a new key signs from now on; %zu older still verify\n", count - 1);
	return CTL_OK;
}
