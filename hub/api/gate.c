#include "api/gate.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "identity/password.h"

/* Of four workers one is always left for others. */
enum { AT_ONCE = 2, WAITING = 1, PATIENCE = 8 /* s */ };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t left = PTHREAD_COND_INITIALIZER;
static int inside, waiting; /* under lock */

static hub_status later(request *r, int status, const char *code, int64_t wait, const char *text)
{
	char seconds[24];
	snprintf(seconds, sizeof seconds, "%lld", (long long)((wait + 999999) / 1000000));
	hub_status st = request_refuse(r, status, code, "", "%s", text);
	const char *value = arena_strdup(r->arena, seconds);
	if (st != HUB_REJECT || !value)
		return st == HUB_REJECT ? HUB_NOMEM : st;
	return request_add_header(r, "retry-after", value) == HUB_OK ? HUB_REJECT : HUB_NOMEM;
}

hub_status gate_guess(request *r, const char *what, const char *key, const guess_rule *rule)
{
	hub_time until = r->now;
	char code[48];
	hub_status st = guess_begin(r->db, key, rule, r->now, &until);
	if (st != HUB_DENIED)
		return st;
	snprintf(code, sizeof code, "%s.locked", what);
	const char *kept = arena_strdup(r->arena, code);
	return kept ? later(r, 429, kept, until - r->now, "too many failed attempts; wait as Retry-After says") : HUB_NOMEM;
}

/* False after a problem. */
static bool enter(request *r, hub_status *ret)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	pthread_mutex_lock(&lock);
	bool may_wait = inside < AT_ONCE || waiting < WAITING;
	waiting += may_wait;
	while (may_wait && inside >= AT_ONCE && !pthread_cond_timedwait(&left, &lock, &until))
		;
	bool in = may_wait && inside < AT_ONCE;
	waiting -= may_wait;
	inside += in;
	pthread_mutex_unlock(&lock);
	if (in)
		return true;
	*ret = later(r, 503, "login.busy", 1000000, "many people log in at this moment; try again");
	return false;
}

static void leave(void)
{
	pthread_mutex_lock(&lock);
	inside--;
	pthread_cond_signal(&left);
	pthread_mutex_unlock(&lock);
}

hub_status gate_verify(request *r, const char *hash, const char *password)
{
	/* Whoever does not exist takes as long as who does. */
	static const char nobody[] = "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
				     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	hub_status st;
	if (!enter(r, &st))
		return st;
	st = password_verify(hash[0] ? hash : nobody, password, strlen(password));
	leave();
	/* A problem was not put; whatever else it is, it is no way in. */
	return st == HUB_OK && hash[0] ? HUB_OK : st == HUB_NOMEM ? st : HUB_DENIED;
}

hub_status gate_hash(request *r, const char *field, const char *password, const char **ret)
{
	char hash[PASSWORD_HASH];
	hub_fault fault = { 0 };
	hub_status st;
	if (!enter(r, &st))
		return st;
	st = password_hash(password, strlen(password), hash, &fault);
	leave();
	if (st == HUB_REJECT) {
		fault.field = field;
		return request_problem(r, 400, &fault);
	}
	*ret = st == HUB_OK ? arena_strdup(r->arena, hash) : NULL;
	return st != HUB_OK ? st : *ret ? HUB_OK : HUB_NOMEM;
}
