/*
 * The hub's plug-in for mosquitto: who a client is, what it may do, and the journal before PUBACK.
 *
 * mosquitto 2.0.11 acknowledges a publish that a plug-in denies to a v3.1.1 client, so there every
 * refusal closes the connection (MOSQ_ERR_NOMEM does that on both versions); a v5 client gets the
 * reason code, but where the journal is full. Wills do not pass the message event, so none could be
 * kept before a promise: one under in/ is refused with its CONNECT.
 */
#include "base/clock.h"
#include "connect.h"
#include "guests.h"
#include "identity/certificate.h"
#include "identity/jwt.h"
#include "packet.h"
#include "readers.h"
#include "revoked.h"
#include "rights.h"
#include "topic.h"
#include "wire/journal.h"
#include "wire/message.h"

#include <errno.h>
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define EXPORT __attribute__((visibility("default")))

#define LOOK_EVERY 1000000 /* µs */
#define UNREAD_EVERY 60000000

typedef struct broker {
	mosquitto_plugin_id_t *id;
	const char *journal_dir, *policies, *topology, *keys_file, *issuer;
	const char *told;      /* the file of policies that the core told; NULL: the folder alone */
	const char *readers_file; /* whose messages adapterd reads; NULL: not asked, all are taken */
	const char *authority; /* the folder of ca.pem and crl.pem; NULL: no certificates here */
	journal_limits limits;
	journal *journal;
	rights *rights;
	jwt_keys *keys;
	struct timespec keys_changed, told_changed;
	revoked *revoked;
	readers *readers;
	int64_t unread_said; /* monotonic */
	guests guests;
	int64_t looked; /* monotonic */
	hub_time since;
	uint64_t full_count;
	bool full;      /* said once when the journal closes, once when it opens */
	bool blind;     /* said once */
	buf packed;
} broker;

static void tell(int level, const hub_fault *fault)
{
	mosquitto_log_printf(level, "hub: %s: %s", fault->code ? fault->code : "failed", fault->message);
}

/* The public keys of the core's tokens; read again when the file was replaced. */
static hub_status keys_load(broker *b, hub_fault *fault)
{
	struct stat st;
	if (stat(b->keys_file, &st) != 0)
		return hub_fault_set(fault, "keys.file", "keys", "%s: %s", b->keys_file, strerror(errno));
	if (b->keys && st.st_mtim.tv_sec == b->keys_changed.tv_sec && st.st_mtim.tv_nsec == b->keys_changed.tv_nsec)
		return HUB_OK;
	FILE *f = fopen(b->keys_file, "rb");
	char text[64 * 1024];
	size_t len = f ? fread(text, 1, sizeof text, f) : 0;
	if (f)
		fclose(f);
	jwt_keys *fresh;
	hub_status rc = jwt_keys_parse(text, len, &fresh, fault);
	if (rc != HUB_OK)
		return rc;
	jwt_keys_free(b->keys);
	b->keys = fresh;
	b->keys_changed = st.st_mtim;
	return HUB_OK;
}

/* What the core has told last, when there is something new of it; until it has, the folder, at the start and by SIGHUP. */
static hub_status policies_load(broker *b, bool again, hub_fault *fault)
{
	struct stat st;
	rights *fresh = NULL;
	bool told = b->told && !stat(b->told, &st);
	if (told && !again && b->rights && st.st_ctim.tv_sec == b->told_changed.tv_sec &&
	    st.st_ctim.tv_nsec == b->told_changed.tv_nsec)
		return HUB_OK;
	if (!told && !again && b->rights)
		return HUB_OK;
	if (told)
		b->told_changed = st.st_ctim;
	hub_status rc = told ? rights_load_told(b->told, &fresh, fault) : HUB_MISSING;
	if (rc != HUB_OK && (!told || !b->rights))
		rc = rights_load(b->policies, b->topology, &fresh, fault);
	if (rc != HUB_OK)
		return rc;
	rights_free(b->rights);
	b->rights = fresh;
	return HUB_OK;
}

/* TLS has verified that it is our authority's; nothing here trusts how long ago that was. */
static hub_status certificate_check(const broker *b, const struct mosquitto_evt_basic_auth *e, const certificate *c,
				    hub_fault *fault)
{
	hub_time now = clock_now();
	if (!b->revoked || strcmp(c->kind, "party") != 0)
		return hub_fault_set(fault, "certificate.kind", "certificate", "not a party's certificate, or none is taken here");
	if (now < c->not_before || now >= c->not_after)
		return hub_fault_set(fault, "certificate.expired", "certificate", "'%.64s': not in time", c->name);
	if (revoked_has(b->revoked, c->serial))
		return hub_fault_set(fault, "certificate.revoked", "certificate", "'%.64s': revoked", c->name);
	if (e->username && *e->username && strcmp(e->username, c->name) != 0)
		return hub_fault_set(fault, "certificate.subject", "username", "the certificate is another party's");
	return HUB_OK;
}

static int by_certificate(broker *b, const struct mosquitto_evt_basic_auth *e, X509 *x)
{
	uint8_t *der = NULL;
	certificate c;
	hub_fault fault = { 0 };
	int len = i2d_X509(x, &der);
	hub_status st = len > 0 ? certificate_read(der, (size_t)len, &c, &fault) : HUB_REJECT;
	OPENSSL_free(der);
	if (st == HUB_OK)
		st = certificate_check(b, e, &c, &fault);
	if (st == HUB_OK)
		return guests_add(&b->guests, e->client, c.not_after, c.serial) ? mosquitto_set_username(e->client, c.name)
										: MOSQ_ERR_NOMEM;
	tell(MOSQ_LOG_NOTICE, &fault);
	return MOSQ_ERR_AUTH;
}

static int by_token(broker *b, const struct mosquitto_evt_basic_auth *e)
{
	jwt_claims claims;
	hub_fault fault = { 0 };
	arena a;
	arena_init(&a, 64 * 1024);
	const jwt_expect expect = { .issuer = b->issuer, .audience = "mqtt", .thumbprint = "", .now = clock_now(),
				    .leeway = 5000000 };
	hub_status st = jwt_verify(b->keys, e->password, strlen(e->password), &expect, &a, &claims, &fault);
	/* The user name may be left out, but not be another's. */
	if (st == HUB_OK && e->username && *e->username && strcmp(e->username, claims.subject) != 0)
		st = hub_fault_set(&fault, "token.subject", "username", "the token is for another party");
	int rc = MOSQ_ERR_AUTH;
	if (st == HUB_OK)
		rc = guests_add(&b->guests, e->client, claims.expires, "") ? mosquitto_set_username(e->client, claims.subject)
									   : MOSQ_ERR_NOMEM;
	else
		tell(MOSQ_LOG_NOTICE, &fault);
	arena_fini(&a);
	return rc;
}

/* How a publish is refused, by protocol version: v5 gets the reason, v3.1.1 loses the connection. */
static int refusal(const struct mosquitto *client)
{
	return mosquitto_client_protocol_version(client) == 5 ? MOSQ_ERR_ACL_DENIED : MOSQ_ERR_NOMEM;
}

/* The hub's own client, by a token of the core: no party, and no policy changes what it may. */
static const char own[] = "@hub", own_filter[] = "hub/v1/+/ack";

static bool own_may(const char *name, const char *branch)
{
	topic t;
	return (!strcmp(branch, "ack") && !strcmp(name, own_filter)) || (topic_read(name, &t) && topic_is(&t, branch));
}

static bool may_publish(broker *b, const struct mosquitto *client, const char *name, bool retain, topic *ret)
{
	const char *party = mosquitto_client_username(client);
	if (party && !strcmp(party, own))
		return !retain && own_may(name, "out");
	return party && topic_read(name, ret) && !(retain && !topic_is(ret, "out")) &&
	       rights_permit(b->rights, party, "publish", name, ret);
}

/* What a client may publish it may leave as its will, but under in/: that would pass the journal by. */
static bool may_leave(broker *b, const struct mosquitto *client, const connect_will *will)
{
	topic t;
	return !will->set || (may_publish(b, client, will->topic, will->retain, &t) && !topic_is(&t, "in"));
}

/* Read before the user name is changed: by the old one the packet is found. */
static connect_will will_of(broker *b, const struct mosquitto_evt_basic_auth *e)
{
	connect_will will = { .set = false };
	const packet_marks marks = { mosquitto_client_address(e->client), mosquitto_client_id(e->client), e->username,
				     e->password };
	bool seen = packet_connect(e->client, &marks, &b->packed) &&
		    connect_read(b->packed.bytes, b->packed.len, marks.id, &will);
	if (!seen && !b->blind) {
		b->blind = true;
		mosquitto_log_printf(MOSQ_LOG_WARNING, "hub: this mosquitto does not look like 2.0.11: wills cannot be "
				     "refused at CONNECT; those under in/ reach nobody all the same");
	}
	return will;
}

static int on_auth(int event, void *data, void *user)
{
	(void)event;
	broker *b = user;
	struct mosquitto_evt_basic_auth *e = data;
	const connect_will will = will_of(b, e);
	X509 *x = mosquitto_client_certificate(e->client);
	int rc = x ? by_certificate(b, e, x) : e->password ? by_token(b, e) : MOSQ_ERR_AUTH;
	X509_free(x);
	if (rc == MOSQ_ERR_SUCCESS && !may_leave(b, e->client, &will)) {
		mosquitto_log_printf(MOSQ_LOG_NOTICE, "hub: will.denied: '%.64s' may not leave a will at '%.200s'",
				     mosquitto_client_username(e->client), will.topic);
		guests_forget(&b->guests, e->client);
		rc = MOSQ_ERR_AUTH;
	}
	return rc;
}

static bool may_subscribe(broker *b, const struct mosquitto *client, const char *filter)
{
	topic t;
	const char *party = mosquitto_client_username(client);
	if (party && !strcmp(party, own))
		return own_may(filter, "ack");
	return party && topic_filter_read(filter, &t) && rights_permit(b->rights, party, "subscribe", filter, &t);
}

static int on_access(int event, void *data, void *user)
{
	(void)event;
	const struct mosquitto_evt_acl_check *e = data;
	topic t;
	switch (e->access) {
	case MOSQ_ACL_WRITE:
		return may_publish(user, e->client, e->topic, e->retain, &t) ? MOSQ_ERR_SUCCESS
									     : refusal(e->client);
	case MOSQ_ACL_UNSUBSCRIBE:
		return MOSQ_ERR_SUCCESS;
	default:
		return may_subscribe(user, e->client, e->topic) ? MOSQ_ERR_SUCCESS : MOSQ_ERR_ACL_DENIED;
	}
}

/* Whether somebody reads what this party sends. Looked at again before each PUBACK, so that none is a false promise. */
static bool is_read(broker *b, const char *party, bool again)
{
	hub_fault fault = { 0 };
	if (!b->readers || (!again && readers_has(b->readers, party)))
		return true;
	if (readers_refresh(b->readers, &fault) != HUB_OK)
		tell(MOSQ_LOG_ERR, &fault);
	if (readers_has(b->readers, party))
		return true;
	int64_t now = clock_monotonic();
	if (!b->unread_said || now - b->unread_said > UNREAD_EVERY) {
		b->unread_said = now;
		mosquitto_log_printf(MOSQ_LOG_WARNING, "hub: mqtt.unread: no instance reads what '%.64s' sends: refused until there "
				     "is one; hubctl instance add NAME --party %.64s --adapter mqtt_json --transport kind=journal",
				     party, party);
	}
	return false;
}

/* For the core, by way of adapterd, which reads the journal: since when we run and whether it is full. */
static void door_tell(const broker *b)
{
	char path[1024], beside[1024], at[CLOCK_TEXT];
	if (snprintf(path, sizeof path, "%s/door.json", b->journal_dir) >= (int)sizeof path ||
	    snprintf(beside, sizeof beside, "%s/door.part", b->journal_dir) >= (int)sizeof beside)
		return;
	FILE *f = fopen(beside, "w");
	bool good = f && fprintf(f, "{\"since\":\"%s\",\"full\":%llu,\"is_full\":%s}", clock_text(b->since, at),
				 (unsigned long long)b->full_count, b->full ? "true" : "false") > 0;
	if (f && fclose(f))
		good = false;
	if (!good || rename(beside, path))
		mosquitto_log_printf(MOSQ_LOG_WARNING, "hub: %s cannot be written: the core is not told of a full journal", path);
}

static hub_status journal_put(broker *b, const wire_message *m)
{
	uint64_t seq;
	buf_clear(&b->packed);
	wire_message_pack(&b->packed, m);
	hub_status st = b->packed.bad ? HUB_NOMEM : journal_append(b->journal, b->packed.bytes, b->packed.len, clock_now(), &seq);
	if (st == HUB_OK)
		st = journal_flush(b->journal);
	if ((st == HUB_OK) == b->full) {
		b->full = !b->full;
		b->full_count += b->full;
		door_tell(b);
		mosquitto_log_printf(MOSQ_LOG_WARNING, b->full ? "hub: journal full: publishes are refused until the core takes its records"
							       : "hub: journal open again");
	}
	return st;
}

static int on_message(int event, void *data, void *user)
{
	(void)event;
	broker *b = user;
	struct mosquitto_evt_message *e = data;
	topic t;
	/* An acknowledgement is a position: one that is lost costs a repeat, so no journal. */
	if (!topic_read(e->topic, &t) || !topic_is(&t, "in"))
		return MOSQ_ERR_SUCCESS; /* the access check has decided */
	if (e->payloadlen > WIRE_PAYLOAD_MAX)
		return refusal(e->client);
	const wire_message m = { .topic = e->topic, .identity = mosquitto_client_username(e->client),
				 .client = mosquitto_client_id(e->client), .payload = e->payload,
				 .payload_len = e->payloadlen };
	/* It must come again; "not authorized", the only reason that could be given, would end it. */
	bool promised = is_read(b, m.identity, false) && journal_put(b, &m) == HUB_OK && is_read(b, m.identity, true);
	return promised ? MOSQ_ERR_SUCCESS : MOSQ_ERR_NOMEM;
}

static int on_gone(int event, void *data, void *user)
{
	(void)event;
	guests_forget(&((broker *)user)->guests, ((const struct mosquitto_evt_disconnect *)data)->client);
	return MOSQ_ERR_SUCCESS;
}

/* Whose right to be here has ended. A kick takes its guest off the list, so from behind. */
static void show_out(broker *b, bool list_changed)
{
	for (size_t i = b->guests.count; i-- > 0;) {
		const guest *g = &b->guests.list[i];
		if (g->expires <= clock_now() || (list_changed && *g->serial && revoked_has(b->revoked, g->serial)))
			mosquitto_kick_client_by_clientid(mosquitto_client_id(g->client), false);
	}
}

static int on_tick(int event, void *data, void *user)
{
	(void)event, (void)data;
	broker *b = user;
	int64_t now = clock_monotonic();
	if (now - b->looked < LOOK_EVERY)
		return MOSQ_ERR_SUCCESS;
	b->looked = now;
	hub_fault fault = { 0 };
	if (keys_load(b, &fault) != HUB_OK)
		tell(MOSQ_LOG_ERR, &fault);
	if (policies_load(b, false, &fault) != HUB_OK)
		tell(MOSQ_LOG_ERR, &fault);
	fault.code = NULL;
	bool changed = b->revoked && revoked_refresh(b->revoked, &fault);
	if (fault.code)
		tell(MOSQ_LOG_ERR, &fault);
	show_out(b, changed);
	return MOSQ_ERR_SUCCESS;
}

static int on_reload(int event, void *data, void *user)
{
	(void)event, (void)data;
	hub_fault fault = { 0 };
	if (policies_load(user, true, &fault) != HUB_OK || keys_load(user, &fault) != HUB_OK)
		tell(MOSQ_LOG_ERR, &fault);
	return MOSQ_ERR_SUCCESS;
}

static const struct {
	int event;
	MOSQ_FUNC_generic_callback call;
} events[] = {
	{ MOSQ_EVT_BASIC_AUTH, on_auth }, { MOSQ_EVT_ACL_CHECK, on_access }, { MOSQ_EVT_MESSAGE, on_message },
	{ MOSQ_EVT_DISCONNECT, on_gone }, { MOSQ_EVT_TICK, on_tick },        { MOSQ_EVT_RELOAD, on_reload },
};

/* plugin_opt_NAME of mosquitto.conf. */
static const char *option(const struct mosquitto_opt *opts, int count, const char *name, const char *fallback)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(opts[i].key, name))
			return opts[i].value;
	return fallback;
}

static void broker_free(broker *b)
{
	journal_close(b->journal);
	rights_free(b->rights);
	jwt_keys_free(b->keys);
	revoked_close(b->revoked);
	readers_close(b->readers);
	guests_fini(&b->guests);
	buf_fini(&b->packed);
	free(b);
}

static hub_status broker_open(broker *b, hub_fault *fault)
{
	if (!b->journal_dir || !b->policies || !b->keys_file)
		return hub_fault_set(fault, "broker.option", "plugin_opt", "journal, policies and keys are required");
	hub_status st = policies_load(b, false, fault);
	if (st == HUB_OK)
		st = keys_load(b, fault);
	if (st == HUB_OK && b->authority)
		st = revoked_open(b->authority, &b->revoked, fault);
	if (st == HUB_OK && b->readers_file)
		st = readers_open(b->readers_file, b->journal_dir, &b->readers);
	if (st == HUB_OK)
		st = journal_open(b->journal_dir, &b->limits, clock_now(), &b->journal, fault);
	return st;
}

EXPORT int mosquitto_plugin_version(int count, const int *versions)
{
	for (int i = 0; i < count; i++)
		if (versions[i] == 5)
			return 5;
	return -1;
}

EXPORT int mosquitto_plugin_init(mosquitto_plugin_id_t *id, void **ret_user, struct mosquitto_opt *opts, int count)
{
	broker *b = calloc(1, sizeof *b);
	if (!b)
		return MOSQ_ERR_NOMEM;
	b->id = id;
	b->journal_dir = option(opts, count, "journal", NULL);
	b->policies = option(opts, count, "policies", NULL);
	b->topology = option(opts, count, "topology", "transition");
	b->keys_file = option(opts, count, "keys", NULL);
	b->issuer = option(opts, count, "issuer", "hub");
	b->told = option(opts, count, "told", NULL);
	b->readers_file = option(opts, count, "readers", NULL);
	b->authority = option(opts, count, "authority", NULL);
	b->limits = (journal_limits){
		.bytes = strtoull(option(opts, count, "journal_bytes", "1073741824"), NULL, 10),
		.segment_bytes = strtoull(option(opts, count, "segment_bytes", "16777216"), NULL, 10),
		.age = strtoll(option(opts, count, "journal_age_seconds", "0"), NULL, 10) * 1000000,
		.sync = !strcmp(option(opts, count, "sync", "false"), "true"),
	};
	hub_fault fault = { 0 };
	if (broker_open(b, &fault) != HUB_OK) {
		tell(MOSQ_LOG_ERR, &fault);
		broker_free(b);
		return MOSQ_ERR_UNKNOWN;
	}
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		if (mosquitto_callback_register(id, events[i].event, events[i].call, NULL, b) != MOSQ_ERR_SUCCESS) {
			broker_free(b);
			return MOSQ_ERR_UNKNOWN;
		}
	b->since = clock_now();
	door_tell(b);
	*ret_user = b;
	return MOSQ_ERR_SUCCESS;
}

EXPORT int mosquitto_plugin_cleanup(void *user, struct mosquitto_opt *opts, int count)
{
	(void)opts, (void)count;
	broker *b = user;
	for (size_t i = 0; b && i < sizeof events / sizeof *events; i++)
		mosquitto_callback_unregister(b->id, events[i].event, events[i].call, NULL);
	if (b)
		broker_free(b);
	return MOSQ_ERR_SUCCESS;
}
