#include "ctl/mqtt.h"
#include "ctl/policy_load.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "ctl/file.h"
#include "identity/jwt.h"

/* A packet with the largest payload the plug-in takes; what is larger ends the connection. */
enum { PACKET_MAX = 320 * 1024, SEGMENT = 16 << 20 };

bool mqtt_wanted(const hubconf *conf)
{
	return conf->mqtt.listen[0] || conf->mqtt.tls_listen[0] || conf->mqtt.token_listen[0];
}

/* Replaced as a whole, never through a link: others own the folders. */
static hub_status replace(const char *folder, const char *name, const void *bytes, size_t len, const ctl_user *owner,
			  mode_t mode, hub_fault *fault)
{
	char fresh[64];
	snprintf(fresh, sizeof fresh, "%s.new", name);
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), fd = -1;
	if (dir >= 0) {
		unlinkat(dir, fresh, 0);
		fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	bool good = fd >= 0 && write(fd, bytes, len) == (ssize_t)len && !fchmod(fd, mode) &&
		    (geteuid() || !fchown(fd, owner->uid, owner->gid)) && !fsync(fd) && !renameat(dir, fresh, dir, name);
	if (!good)
		hub_fault_set(fault, "file.write", "", "%s/%s cannot be written: %s", folder, name, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return good ? HUB_OK : HUB_FAILED;
}

static hub_status keys_read(const ctl *c, jwt_keys **ret, hub_fault *fault)
{
	buf text = { 0 };
	char *path = ctl_path(c, "core/keys/jwt.json");
	hub_status st = path ? ctl_read(path, &text, fault) : HUB_NOMEM;
	if (st == HUB_OK)
		st = jwt_keys_parse((const char *)text.bytes, text.len, ret, fault);
	buf_fini(&text);
	free(path);
	return st;
}

/* Once; whoever loses this file makes every token void. */
static hub_status keys_make(const char *folder, const ctl_user *owner, hub_fault *fault)
{
	jwt_keys *keys = NULL;
	arena a;
	const char *json;
	arena_init(&a, 0);
	hub_status st = jwt_keys_new(&keys);
	if (st == HUB_OK)
		st = jwt_keys_json(keys, true, &a, &json);
	if (st == HUB_OK)
		st = replace(folder, "jwt.json", json, strlen(json), owner, 0600, fault);
	jwt_keys_free(keys);
	arena_fini(&a);
	return st;
}

static hub_status keys_publish(const ctl *c, const place *p, const char *state, hub_fault *fault)
{
	char folder[PATH_MAX], path[PATH_MAX + 16];
	snprintf(folder, sizeof folder, "%s/core/keys", p->root);
	snprintf(path, sizeof path, "%s/jwt.json", folder);
	hub_status st = access(path, F_OK) && errno == ENOENT ? keys_make(folder, &p->core_user, fault) : HUB_OK;
	jwt_keys *keys = NULL;
	if (st == HUB_OK)
		st = keys_read(c, &keys, fault);
	arena a;
	const char *json;
	arena_init(&a, 0);
	if (st == HUB_OK)
		st = jwt_keys_json(keys, false, &a, &json);
	if (st == HUB_OK)
		st = replace(state, "keys.json", json, strlen(json), &p->zone_user, 0644, fault);
	jwt_keys_free(keys);
	arena_fini(&a);
	return st;
}

/* "ADDRESS:PORT" as mosquitto's listener line; plain only on the loopback. */
static hub_status listener(buf *out, const char *field, const char *text, bool plain, hub_fault *fault)
{
	const char *colon = strrchr(text, ':');
	size_t host = colon ? (size_t)(colon - text) : 0;
	const char *from = text;
	if (host > 2 && from[0] == '[' && from[host - 1] == ']') {
		from++;
		host -= 2;
	}
	bool good = host > 0 && host < 46 && strspn(from, "0123456789abcdefABCDEF.:") >= host && isdigit(colon[1]) &&
		    strspn(colon + 1, "0123456789") == strlen(colon + 1) && strtoul(colon + 1, NULL, 10) - 1 < 65535;
	if (!good)
		return hub_fault_set(fault, "mqtt.listen", field, "%s is ADDRESS:PORT in numbers, as 127.0.0.1:1883; not '%.80s'",
				     field, text);
	if (plain && strncmp(from, "127.", 4) != 0 && !(host == 3 && !strncmp(from, "::1", 3)))
		return hub_fault_set(fault, "mqtt.plain", field, "%s carries tokens in the clear and opens on the loopback only; "
				     "use mqtt_tls_listen or mqtt_token_listen for '%.80s'", field, text);
	buf_printf(out, "listener %s %.*s\n", colon + 1, (int)host, from);
	return HUB_OK;
}

/* One value on the rest of a line. */
static hub_status line(buf *out, const char *name, const char *value, hub_fault *fault)
{
	for (const char *p = value; *p; p++)
		if (iscntrl((unsigned char)*p))
			return hub_fault_set(fault, "mqtt.path", name, "%s: a path with control characters", name);
	buf_printf(out, "%s %s\n", name, value);
	return HUB_OK;
}

/* Installed, else in the tree it was built from. */
static hub_status beside(const ctl *c, const char *const *places, const char *field, char out[PATH_MAX], hub_fault *fault)
{
	for (size_t i = 0; places[i]; i++)
		if (snprintf(out, PATH_MAX, "%s/%s", c->programs, places[i]) < PATH_MAX && !access(out, F_OK))
			return HUB_OK;
	return hub_fault_set(fault, "mqtt.missing", field, "the broker's %s is not found beside %s; install the hub whole", field,
			     c->programs);
}

/* A door with TLS; with `certificates` each client must show one of the authority's. */
static hub_status tls(buf *out, const hubconf *conf, const char *state, bool certificates, hub_fault *fault)
{
	char cert[PATH_MAX], key[PATH_MAX], ca[PATH_MAX];
	snprintf(cert, sizeof cert, "%s/server.crt", state);
	snprintf(key, sizeof key, "%s/server.key", state);
	snprintf(ca, sizeof ca, "%s/ca.pem", state);
	if (!conf->mqtt.cert[0] != !conf->mqtt.key[0])
		return hub_fault_set(fault, "mqtt.tls", "mqtt_cert", "mqtt_cert and mqtt_key stand together, or neither");
	hub_status st = certificates ? listener(out, "mqtt_tls_listen", conf->mqtt.tls_listen, false, fault)
				     : listener(out, "mqtt_token_listen", conf->mqtt.token_listen, false, fault);
	if (st == HUB_OK)
		st = line(out, "certfile", conf->mqtt.cert[0] ? conf->mqtt.cert : cert, fault);
	if (st == HUB_OK)
		st = line(out, "keyfile", conf->mqtt.key[0] ? conf->mqtt.key : key, fault);
	buf_text(out, "tls_version tlsv1.2\n");
	if (st == HUB_OK && certificates)
		st = line(out, "cafile", ca, fault);
	if (certificates)
		buf_text(out, "require_certificate true\n");
	return st;
}

static hub_status configuration(const ctl *c, const place *p, const hubconf *conf, const char *state, buf *out,
				hub_fault *fault)
{
	static const char *const plugins[] = { "../" HUB_LIBDIR "/uhub/hub_mosquitto.so", "../broker/hub_mosquitto.so", NULL };
	char plugin[PATH_MAX], policies[PATH_MAX], journal[PATH_MAX], keys[PATH_MAX + 16], told[PATH_MAX], readers[PATH_MAX];
	snprintf(journal, sizeof journal, "%s/journal/mqtt", p->zone);
	snprintf(keys, sizeof keys, "%s/keys.json", state);
	snprintf(readers, sizeof readers, "%s/adapterd/broker/readers.json", p->zone);
	snprintf(told, sizeof told, "%s/adapterd/broker/policies.json", p->zone);
	buf_printf(out,
		   "per_listener_settings false\nallow_anonymous false\npersistence false\nsys_interval 0\n"
		   "max_packet_size %d\nlog_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\n"
		   "connection_messages false\n",
		   PACKET_MAX);
	hub_status st = beside(c, plugins, "plug-in", plugin, fault);
	if (st == HUB_OK)
		st = policy_folder(c, conf, policies, fault);
	const char *const lines[][2] = { { "plugin", plugin }, { "plugin_opt_journal", journal },
					 { "plugin_opt_policies", policies }, { "plugin_opt_topology", conf->topology }, { "plugin_opt_keys", keys },
					 { "plugin_opt_told", told }, { "plugin_opt_readers", readers } };
	for (size_t i = 0; i < sizeof lines / sizeof *lines && st == HUB_OK; i++)
		st = line(out, lines[i][0], lines[i][1], fault);
	if (st == HUB_OK && conf->mqtt.tls_listen[0])
		st = line(out, "plugin_opt_authority", state, fault);
	const int64_t quarter = conf->mqtt.journal / 4;
	buf_printf(out, "plugin_opt_journal_bytes %lld\nplugin_opt_segment_bytes %lld\nplugin_opt_sync %s\n",
		   (long long)conf->mqtt.journal, (long long)(quarter < SEGMENT ? quarter : SEGMENT),
		   conf->mqtt.sync ? "true" : "false");
	/* For the hub's own client; who reaches the zone's folder still needs a token. */
	buf_printf(out, "listener 0 %s/mqtt.sock\n", p->zone_run);
	if (st == HUB_OK && conf->mqtt.listen[0])
		st = listener(out, "mqtt_listen", conf->mqtt.listen, true, fault);
	if (st == HUB_OK && conf->mqtt.tls_listen[0])
		st = tls(out, conf, state, true, fault);
	if (st == HUB_OK && conf->mqtt.token_listen[0])
		st = tls(out, conf, state, false, fault);
	return st == HUB_OK && out->bad ? HUB_NOMEM : st;
}

hub_status mqtt_prepare(const ctl *c, const place *p, const hubconf *conf, hub_fault *fault)
{
	char state[PATH_MAX];
	buf text = { 0 };
	snprintf(state, sizeof state, "%s/state", p->zone);
	hub_status st = keys_publish(c, p, state, fault);
	if (st == HUB_OK && mqtt_wanted(conf) && access(MQTT_PROGRAM, X_OK))
		st = hub_fault_set(fault, "mqtt.missing", "mosquitto", "%s is not installed: apt-get install mosquitto, or leave "
				   "mqtt_listen, mqtt_tls_listen and mqtt_token_listen empty", MQTT_PROGRAM);
	if (st == HUB_OK && mqtt_wanted(conf))
		st = configuration(c, p, conf, state, &text, fault);
	if (st == HUB_OK && mqtt_wanted(conf))
		st = replace(state, "mosquitto.conf", text.bytes, text.len, &p->zone_user, 0640, fault);
	buf_fini(&text);
	return st;
}

hub_status mqtt_token(const ctl *c, const char *party, hub_time now, hub_time expires, arena *a, const char **ret,
		      hub_fault *fault)
{
	jwt_keys *keys = NULL;
	hub_status st = keys_read(c, &keys, fault);
	char text[TRACE_TEXT];
	const trace_id id = trace_new();
	const jwt_claims claims = { .issuer = "hub", .subject = party, .audience = "mqtt", .client = "", .scope = "",
				    .id = trace_text(&id, text), .thumbprint = "", .issued = now / 1000000 * 1000000,
				    .expires = expires / 1000000 * 1000000 };
	if (st == HUB_OK)
		st = jwt_sign(keys, &claims, a, ret);
	jwt_keys_free(keys);
	return st;
}
