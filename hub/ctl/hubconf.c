#include "ctl/hubconf.h"

#include <stdlib.h>
#include <unistd.h>

const option hubconf_options[] = {
	{ "database", OPTION_TEXT, "", 0, 0, false,
	  "connection string of an external PostgreSQL; empty: a private one under the data directory" },
	{ "database_memory", OPTION_SIZE, "0", 0, (int64_t)1 << 40, false,
	  "cache of the private PostgreSQL; 0: an eighth of the machine's memory, at most 8G" },
	{ "http_listen", OPTION_TEXT, "127.0.0.1:8480", 0, 0, false, "address and port of the HTTP door" },
	{ "simulator", OPTION_TEXT, "", 0, 0, false,
	  "programs beside hubctl, with their arguments, that play devices as long as the hub runs, parted by ';'; empty: none" },
	{ "mqtt_listen", OPTION_TEXT, "", 0, 0, false,
	  "address and port of the MQTT door without TLS, on the loopback only, as 127.0.0.1:1883; empty: closed" },
	{ "mqtt_tls_listen", OPTION_TEXT, "", 0, 0, false,
	  "address and port of the MQTT door for certificates of hubctl party enrol, as 0.0.0.0:8883; empty: closed" },
	{ "mqtt_token_listen", OPTION_TEXT, "", 0, 0, false,
	  "address and port of the MQTT door for tokens, with TLS, as 0.0.0.0:8884; empty: closed" },
	{ "mqtt_cert", OPTION_PATH, "", 0, 0, false,
	  "PEM of these doors' certificate with its chain; empty: the private authority's, for party_host" },
	{ "mqtt_key", OPTION_PATH, "", 0, 0, false, "PEM of that key, which the outer zone's user must be able to read" },
	{ "mqtt_journal", OPTION_SIZE, "1G", 256 * 1024, (int64_t)1 << 40, false,
	  "messages that may wait for the core; beyond it the MQTT doors take none, and clients send again" },
	{ "mqtt_sync", OPTION_BOOL, "false", 0, 0, false,
	  "each message is on the disk before it is acknowledged; without it a power cut may take the last second's" },
	{ "party_listen", OPTION_TEXT, "", 0, 0, false,
	  "address and port of the parties' HTTPS door, which wants a certificate of hubctl party enrol; empty: closed" },
	{ "party_host", OPTION_TEXT, "localhost", 0, 0, false,
	  "the name or address by which parties reach that door; its certificate says it" },
	{ "charger_listen", OPTION_TEXT, "", 0, 0, false,
	  "address and port of the charging stations' door, wss://…/ocpp/NAME; empty: closed" },
	{ "charger_plain", OPTION_TEXT, "", 0, 0, false,
	  "the same without TLS, as 127.0.0.1:9000; empty: closed" },
	{ "egress_allow", OPTION_TEXT, "", 0, 0, false,
	  "private or loopback ranges that webhooks may go to, parted by commas, such as 10.20.0.0/16; empty: none" },
	{ "egress_authorities", OPTION_PATH, "", 0, 0, false,
	  "PEM of the authorities trusted for webhooks by https; empty: the system's" },
	{ "public_listen", OPTION_TEXT, "", 0, 0, false,
	  "address and port of the public HTTPS door, with the portal for people and their apps; empty: closed" },
	{ "public_cert", OPTION_PATH, "", 0, 0, false,
	  "PEM of its certificate with its chain, for party_host; empty: one of the private authority" },
	{ "public_key", OPTION_PATH, "", 0, 0, false, "PEM of that key, which the outer zone's user must be able to read" },
	{ "topology", OPTION_TEXT, "transition", 0, 0, false,
	  "transition, grid-led or third-party: which policies/topology/NAME counts beside the common ones" },
	{ "policies", OPTION_PATH, "", 0, 0, false, "directory of *.cedar; empty: the installed one" },
	{ "ready_timeout", OPTION_DURATION, "60s", 1000000, 3600000000, false,
	  "how long the start may take until the next reading would be stored" },
	{ "stop_timeout", OPTION_DURATION, "30s", 1000000, 3600000000, false,
	  "how long a process may take to end before it is killed" },
	{ NULL },
};

hub_status hubconf_read(const ctl *c, int argc, char **argv, hubconf *ret, hub_fault *fault)
{
	hubconf conf;
	int rest = 0;
	const char *given = getenv("HUB_DATABASE");
	char *file = ctl_path(c, "hub.conf");
	if (!file)
		return HUB_NOMEM;
	hub_status st = options_parse(hubconf_options, access(file, F_OK) ? NULL : file, argc, argv, &rest, &conf.values,
				      fault);
	free(file);
	if (st != HUB_OK)
		return st;
	if (rest < argc) {
		options_free(conf.values);
		return hub_fault_set(fault, "up.argument", "", "'%s' is no option of up; hubctl show options hub lists them",
				     argv[rest]);
	}
	conf.database = given && given[0] ? given : option_text(conf.values, "database");
	conf.database_memory = option_int(conf.values, "database_memory");
	conf.http_listen = option_text(conf.values, "http_listen");
	conf.simulator = option_text(conf.values, "simulator");
	conf.mqtt.listen = option_text(conf.values, "mqtt_listen");
	conf.mqtt.tls_listen = option_text(conf.values, "mqtt_tls_listen");
	conf.mqtt.journal = option_int(conf.values, "mqtt_journal");
	conf.mqtt.sync = option_bool(conf.values, "mqtt_sync");
	conf.mqtt.cert = option_text(conf.values, "mqtt_cert");
	conf.mqtt.key = option_text(conf.values, "mqtt_key");
	conf.mqtt.token_listen = option_text(conf.values, "mqtt_token_listen");
	conf.egress_allow = option_text(conf.values, "egress_allow");
	conf.egress_authorities = option_text(conf.values, "egress_authorities");
	conf.topology = option_text(conf.values, "topology");
	conf.policies = option_text(conf.values, "policies");
	conf.charger_listen = option_text(conf.values, "charger_listen");
	conf.charger_plain = option_text(conf.values, "charger_plain");
	conf.party_listen = option_text(conf.values, "party_listen");
	conf.party_host = option_text(conf.values, "party_host");
	conf.public_listen = option_text(conf.values, "public_listen");
	conf.public_cert = option_text(conf.values, "public_cert");
	conf.public_key = option_text(conf.values, "public_key");
	conf.ready_timeout = option_int(conf.values, "ready_timeout");
	conf.stop_timeout = option_int(conf.values, "stop_timeout");
	*ret = conf;
	return HUB_OK;
}

void hubconf_fini(hubconf *conf)
{
	options_free(conf->values);
	conf->values = NULL;
}
