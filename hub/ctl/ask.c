#include "ctl/ask.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/order.h"

static hub_status ask_order(const char *url, const char *daemon, arena *a, const char **ret_json, hub_fault *fault)
{
	wire_asker *asker = NULL;
	buf msg = { 0 }, answer = { 0 };
	wire_report report = { 0 };
	const wire_order order = {
		.head = { .version = WIRE_VERSION, .kind = WIRE_ORDER, .source = "hubctl", .epoch = (uint64_t)clock_now(),
			  .sequence = 1, .trace = trace_new() },
		.what = "state", .subject = "",
	};
	hub_status st = wire_ask_dial(url, NULL, &asker, fault);
	if (st != HUB_OK)
		return st;
	wire_order_pack(&msg, &order);
	st = msg.bad ? HUB_NOMEM : wire_ask(asker, msg.bytes, msg.len, ASK_TIMEOUT, ASK_TIMEOUT, &answer);
	if (st == HUB_AGAIN)
		hub_fault_set(fault, "daemon.silent", "", "%s does not answer within %d s", daemon, ASK_TIMEOUT / 1000000);
	if (st == HUB_OK)
		st = wire_report_unpack(answer.bytes, answer.len, a, &report, fault);
	if (st == HUB_OK && report.status != HUB_OK) {
		hub_fault_set(fault, "daemon.refused", "", "%s: %s", daemon, report.message);
		st = report.status;
	}
	const char *json = st == HUB_OK ? arena_strndup(a, (const char *)report.body, report.body_len) : NULL;
	if (json)
		*ret_json = json;
	wire_asker_close(asker);
	buf_fini(&msg);
	buf_fini(&answer);
	return st == HUB_OK && !json ? HUB_NOMEM : st;
}

hub_status ask_state(const place *p, const char *daemon, arena *a, const char **ret_json, hub_fault *fault)
{
	char path[4096], url[4110];
	snprintf(path, sizeof path, "%s/%s.order", p->zone_run, daemon);
	if (access(path, R_OK | W_OK)) {
		hub_fault_set(fault, "daemon.socket", "", "%s: %m", path);
		return HUB_AGAIN;
	}
	snprintf(url, sizeof url, "ipc://%s", path);
	return ask_order(url, daemon, a, ret_json, fault);
}

static bool is_reading(const char *state, int64_t version, const char *party)
{
	json_t *s = json_loads(state, 0, NULL), *parties;
	bool reads = false;
	const char *path;
	json_object_foreach(json_object_get(s, "readers"), path, parties)
		reads = reads || json_object_get(parties, party);
	reads = reads && json_integer_value(json_object_get(s, "version")) >= version;
	json_decref(s);
	return reads;
}

hub_status ask_reading(const place *p, const char *daemon, int64_t version, const char *party, arena *a, hub_fault *fault)
{
	static const struct timespec pause = { 0, 50000000 };
	const char *state;
	for (int64_t end = clock_monotonic() + ASK_READING; clock_monotonic() < end; nanosleep(&pause, NULL)) {
		hub_status st = ask_state(p, daemon, a, &state, fault);
		if (st != HUB_OK || is_reading(state, version, party))
			return st;
	}
	hub_fault_set(fault, "daemon.reading", "", "%s has not begun within %d s; hubctl status says what it does", daemon,
		      ASK_READING / 1000000);
	return HUB_AGAIN;
}

static size_t ignore(char *bytes, size_t size, size_t count, void *user)
{
	(void)bytes, (void)user;
	return size * count;
}

hub_status ask_http(const char *listen, const char *path, long *ret_status, hub_fault *fault)
{
	char url[600];
	snprintf(url, sizeof url, "http://%s%s", listen, path);
	CURL *h = curl_easy_init();
	if (!h)
		return HUB_NOMEM;
	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)ASK_TIMEOUT / 1000);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, ignore);
	CURLcode rc = curl_easy_perform(h);
	if (rc == CURLE_OK)
		curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, ret_status);
	else
		hub_fault_set(fault, "http.silent", "", "GET %s: %s", url, curl_easy_strerror(rc));
	curl_easy_cleanup(h);
	return rc == CURLE_OK ? HUB_OK : HUB_AGAIN;
}
