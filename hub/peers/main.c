/*
 * sim_peers: the companies beside the simulated city's devices, at the hub's own doors.
 *   sim_peers --state FOLDER --http URL [--party URL] [--messages PORT] [--memory FILE]
 * FOLDER has city.json, and city-peers: a party and its token a line, and behind it the key that it signs with. While
 * one of them is missing it waits. --party: the door for certificates; --messages: where webhooks reach the message
 * provider. --memory: how far each party has come, so that it goes on there after a restart; FILE.new beside it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "peers/peer.h"

enum { PEERS = 16, PATH = 512, FEED_EVERY = 3 };

static const char *option(int argc, char **argv, const char *name)
{
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], name))
			return argv[i + 1];
	return NULL;
}

/* False: it is not there yet. */
static bool city_read(outside *o)
{
	char path[PATH];
	json_int_t seed, homes, from, until, leaks;
	snprintf(path, sizeof path, "%s/city.json", o->state);
	json_t *plan = json_load_file(path, 0, NULL);
	bool good = plan && !json_unpack(plan, "{s:I,s:I,s:I,s:I,s:I}", "seed", &seed, "homes", &homes, "from", &from,
					 "until", &until, "leaks", &leaks);
	json_decref(plan);
	if (!good)
		return false;
	o->city = sim_city_of((uint64_t)seed, (uint32_t)homes);
	o->from = from / 1000000;
	o->until = until / 1000000;
	o->leaks = leaks / 1000000 / 3600;
	return true;
}

static size_t peers_read(outside *o, peer *list)
{
	char path[PATH], line[512], name[PEER_WORD];
	size_t count = 0;
	snprintf(path, sizeof path, "%s/city-peers", o->state);
	FILE *f = fopen(path, "r");
	while (f && count < PEERS && fgets(line, sizeof line, f)) {
		peer p = { .hub = o };
		if (sscanf(line, "%127s %127s %127s", name, p.token, p.key) < 2)
			continue;
		for (size_t i = 0; i < peer_kind_count; i++)
			if (!strcmp(peer_kinds[i].name, name))
				p.kind = &peer_kinds[i];
		if (p.kind)
			list[count++] = p;
	}
	if (f)
		fclose(f);
	return count;
}

/* How far each has come: a party and its number a line. What is not there or torn is nought: it is done once more. */
static void recall(const char *path, peer *list, size_t count)
{
	char name[PEER_WORD];
	long long done;
	FILE *f = path ? fopen(path, "r") : NULL;
	while (f && fscanf(f, "%127s %lld ", name, &done) == 2)
		for (size_t i = 0; i < count; i++)
			if (!strcmp(list[i].kind->name, name))
				list[i].done = done;
	if (f)
		fclose(f);
}

/* In one step, so that a death in between leaves the old or the new. */
static void remember(const char *path, const peer *list, size_t count)
{
	char fresh[PATH];
	snprintf(fresh, sizeof fresh, "%s.new", path);
	FILE *f = fopen(fresh, "w");
	bool good = f != NULL;
	for (size_t i = 0; good && i < count; i++)
		good = fprintf(f, "%s %lld\n", list[i].kind->name, (long long)list[i].done) > 0;
	if (f)
		good = !fclose(f) && good;
	if (!good || rename(fresh, path))
		fprintf(stderr, "sim_peers: how far the parties came could not be written to %s\n", path);
}

/* All of them again and again, one after the other: none is in a hurry. */
static void live(peer *list, size_t count, const char *memory)
{
	for (;;) {
		for (size_t i = 0; i < count; i++) {
			peer *p = &list[i];
			int64_t now = time(NULL), done = p->done;
			peer_feed(p, now);
			if (now < p->next)
				continue;
			bool good = p->kind->round(p, now);
			if (memory && p->done != done)
				remember(memory, list, count);
			p->next = now + (good ? p->kind->every : FEED_EVERY * 10);
		}
		nanosleep(&(struct timespec) { .tv_sec = FEED_EVERY }, NULL);
	}
}

int main(int argc, char **argv)
{
	static peer list[PEERS];
	outside o = { .http = option(argc, argv, "--http"),
		      .party_door = option(argc, argv, "--party"),
		      .state = option(argc, argv, "--state") };
	const char *messages = option(argc, argv, "--messages"), *memory = option(argc, argv, "--memory");
	size_t count = 0;
	signal(SIGPIPE, SIG_IGN);
	if (!o.http || !o.state) {
		fprintf(stderr, "usage: sim_peers --state FOLDER --http URL [--party URL] [--messages PORT] "
				"[--memory FILE]\n");
		return 2;
	}
	if (messages && !peer_messages_listen(atoi(messages))) {
		fprintf(stderr, "sim_peers: port %s of the message provider is taken\n", messages);
		return 1;
	}
	while (!city_read(&o) || !(count = peers_read(&o, list)))
		nanosleep(&(struct timespec) { .tv_sec = 1 }, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	o.curl = curl_easy_init();
	if (!o.curl)
		return 1;
	recall(memory, list, count);
	live(list, count, memory);
}
