#include "rules/inforce.h"

#include <limits.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "rules/rules.h"

/* Freed by the last user after newer ones came. */
typedef struct held {
	ruleset rules;	/* first */
	unsigned users; /* under inforce.lock; inforce itself is one */
	char folder[PATH_MAX], topology[80];
	buf bundle;
} held;

struct inforce {
	pthread_mutex_t lock;
	held *current;
};

hub_status inforce_new(inforce **ret)
{
	inforce *p = fail_calloc(1, sizeof *p);
	if (!p)
		return HUB_NOMEM;
	pthread_mutex_init(&p->lock, NULL);
	*ret = p;
	return HUB_OK;
}

const ruleset *inforce_take(inforce *p)
{
	pthread_mutex_lock(&p->lock);
	held *now = p->current;
	if (now)
		now->users++;
	pthread_mutex_unlock(&p->lock);
	return now ? &now->rules : NULL;
}

void inforce_give(inforce *p, const ruleset *used)
{
	held *h = (held *)used;
	if (!h)
		return;
	pthread_mutex_lock(&p->lock);
	bool last = --h->users == 0;
	pthread_mutex_unlock(&p->lock);
	if (!last)
		return;
	policy_set_free(h->rules.set);
	buf_fini(&h->bundle);
	free(h);
}

void inforce_free(inforce *p)
{
	if (!p)
		return;
	inforce_give(p, p->current ? &p->current->rules : NULL);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* Points are decided in groups unless a policy tells single ones apart. */
static bool names_points(const rules *r)
{
	for (size_t i = 0; i < r->source_count; i++)
		if (memmem(r->sources[i].text.p, r->sources[i].text.len, "Hub::Point::\"", 13))
			return true;
	return false;
}

/* A file counts by its own name: the same policies elsewhere are the same version. */
static hub_status version_of(const rules *r, const char *topology, char out[RULES_VERSION + 1])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good =
		c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) && EVP_DigestUpdate(c, topology, strlen(topology) + 1);
	for (size_t i = 0; good && i < r->source_count; i++) {
		const policy_source *s = &r->sources[i];
		const char *slash = memrchr(s->name.p, '/', s->name.len);
		const char *name = slash ? slash + 1 : s->name.p;
		uint64_t lens[] = { s->name.len - (size_t)(name - s->name.p), s->text.len };
		good = EVP_DigestUpdate(c, lens, sizeof lens) && EVP_DigestUpdate(c, name, lens[0]) &&
		       EVP_DigestUpdate(c, s->text.p, s->text.len);
	}
	good = good && EVP_DigestFinal_ex(c, digest, NULL);
	EVP_MD_CTX_free(c);
	for (size_t i = 0; good && i < RULES_VERSION / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return good ? HUB_OK : HUB_NOMEM;
}

hub_status inforce_load(inforce *p, const char *folder, const char *topology, bool *ret_changed, hub_fault *fault)
{
	arena a;
	rules found;
	held *fresh = fail_calloc(1, sizeof *fresh);
	if (!fresh)
		return HUB_NOMEM;
	arena_init(&a, 0);
	hub_status st = rules_load(folder, topology, &a, &found, fault);
	if (st == HUB_OK) {
		fresh->users = 1;
		snprintf(fresh->folder, sizeof fresh->folder, "%s", folder);
		snprintf(fresh->topology, sizeof fresh->topology, "%s", topology ? topology : "");
		fresh->rules = (ruleset){ .set = found.set, .by_name = names_points(&found), .count = policy_set_count(found.set),
					  .folder = fresh->folder, .topology = fresh->topology };
		st = version_of(&found, topology ? topology : "", fresh->rules.version);
		rules_bundle(&found, &fresh->bundle);
		fresh->rules.bundle = buf_cstr(&fresh->bundle);
		if (st == HUB_OK && fresh->bundle.bad)
			st = HUB_NOMEM;
		if (st != HUB_OK)
			policy_set_free(found.set);
	}
	arena_fini(&a);
	if (st != HUB_OK) {
		buf_fini(&fresh->bundle);
		free(fresh);
		return st;
	}
	pthread_mutex_lock(&p->lock);
	held *old = p->current;
	p->current = fresh;
	pthread_mutex_unlock(&p->lock);
	*ret_changed = !old || strcmp(old->rules.version, fresh->rules.version);
	inforce_give(p, old ? &old->rules : NULL);
	return HUB_OK;
}

hub_status inforce_again(inforce *p, bool *ret_changed, hub_fault *fault)
{
	const ruleset *now = inforce_take(p);
	if (!now)
		return HUB_MISSING;
	hub_status st = inforce_load(p, now->folder, now->topology[0] ? now->topology : NULL, ret_changed, fault);
	inforce_give(p, now);
	return st;
}
