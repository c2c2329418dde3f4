#include "store/epoch.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/statement.h"

hub_status epoch_get(store *db, const char *name, int64_t *ret)
{
	AUTO_ARGS a;
	args_init(&a);
	arg_text(&a, name);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "epoch_get", &a, &res, NULL);
	if (st == HUB_OK)
		*ret = PQntuples(res) ? get_i64(res, 0, 0) : 0;
	return st;
}

hub_status epoch_list(store *db, const char *const *names, size_t count, int64_t *ret_values)
{
	AUTO_ARGS a;
	args_init(&a);
	arg_texts(&a, names, count);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "epoch_list", &a, &res, NULL);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		ret_values[i] = get_i64(res, (int)i, 0);
	return st;
}

hub_status epoch_bump(store *db, const char *name)
{
	AUTO_ARGS a;
	args_init(&a);
	arg_text(&a, name);
	return sql_do(db, "epoch_bump", &a, NULL);
}

hub_status store_listen(store *db, const char *channel)
{
	char sql[64];
	assert(strspn(channel, "abcdefghijklmnopqrstuvwxyz_") == strlen(channel) && strlen(channel) < 32);
	snprintf(sql, sizeof sql, "listen %s", channel);
	return sql_text(db, sql, NULL);
}

int store_descriptor(const store *db)
{
	return PQsocket(store_connection((store *)db));
}

hub_status store_wait(store *db, int64_t timeout, store_notice *ret)
{
	PGconn *c = store_connection(db);
	int64_t until = clock_monotonic() + timeout;
	for (;;) {
		PGnotify *n = PQconsumeInput(c) ? PQnotifies(c) : NULL;
		if (n) {
			snprintf(ret->channel, sizeof ret->channel, "%s", n->relname);
			snprintf(ret->text, sizeof ret->text, "%s", n->extra);
			PQfreemem(n);
			return HUB_OK;
		}
		if (PQstatus(c) != CONNECTION_OK)
			return HUB_AGAIN;
		int64_t left = until - clock_monotonic();
		if (left <= 0)
			return HUB_MISSING;
		struct pollfd p = { PQsocket(c), POLLIN, 0 };
		if (poll(&p, 1, (int)((left + 999) / 1000)) < 0 && errno != EINTR)
			return HUB_FAILED;
	}
}
