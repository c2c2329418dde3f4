#include "store/rule.h"

#include <stddef.h>
#include <string.h>

#define CODE "a code has 1 to 64 of A-Z a-z 0-9 . _ / - and begins with a letter or digit; choose such a one"
#define PERIOD "a period ends after it begins; mend one of the two"
#define NAME "a name here has 1 to 64 of a-z 0-9 _ -; choose such a one"

static const store_rule rules[] = {
	{ "party_code_check", "party.code", "code",
	  "a party's code has 1 to 64 of a-z 0-9 _ - and begins with a letter or digit; choose such a one" },
	{ "party_kind_check", "party.kind", "kind",
	  "a party is a utility, grid, supplier, government, park, community, enterprise, household, aggregator, charging, "
	  "service or operator; choose one of these" },
	{ "party_role_role_check", "party.role", "roles", "a role has 1 to 64 of a-z 0-9 _ and begins with a letter" },
	{ "party_role_party_fkey", "party.unknown", "party", "there is no such party; add it first" },
	{ "party_token_party_fkey", "party.unknown", "party", "there is no such party; add it first" },
	{ "premise_code_check", "premise.code", "code", CODE },
	{ "premise_kind_check", "premise.kind", "kind",
	  "a premise is a city, district, street, estate, park, site, building, unit, floor, home, room, shop or station; "
	  "choose one of these" },
	{ "premise_parent_fkey", "premise.parent", "parent", "there is no such parent; add it first" },
	{ "premise_area_digits_check", "premise.area", "area", "an area is not negative; leave it empty if unknown" },
	{ "premise_check", "premise.period", "valid_to", PERIOD },
	{ "point_code_check", "point.code", "code", CODE },
	{ "point_commodity_check", "point.commodity", "commodity",
	  "a commodity is electricity, water, gas, heat, cold, ev or any; choose one of these" },
	{ "point_premise_fkey", "point.premise", "premise", "there is no such premise; add it first" },
	{ "point_interval_s_check", "point.interval", "interval",
	  "an interval has 0 to 2678400 seconds, 0 for a point without a raster" },
	{ "point_power_digits_check", "point.power", "power", "power is above 0; leave it empty if unknown" },
	{ "point_check", "point.period", "valid_to", PERIOD },
	{ "point_party_role_check", "point.role", "role",
	  "a party is a point's owner, occupant, operator, supplier or reader; choose one of these" },
	{ "point_party_party_fkey", "party.unknown", "party", "there is no such party; add it first" },
	{ "point_party_check", "point.period", "valid_to", PERIOD },
	{ "point_limit_point_fkey", "point.unknown", "point", "there is no such point; add it first" },
	{ "point_limit_rise_digits_check", "point.rise", "rise", "a rise is above 0" },
	{ "device_party_fkey", "party.unknown", "party", "there is no such party; add it first" },
	{ "device_meter_check", "device.meter", "meter", "a meter's number has 1 to 64 bytes, as it is printed on it" },
	{ "device_multiplier_digits_check", "device.multiplier", "multiplier", "a multiplier is above 0; 1 without transformers" },
	{ "device_modulus_digits_check", "device.modulus", "modulus", "a modulus is above 0; leave it empty if unknown" },
	{ "installation_channel_check", "installation.channel", "channel", "a channel has at most 32 bytes" },
	{ "installation_check", "installation.period", "valid_to", PERIOD },
	{ "instance_name_check", "instance.name", "name", NAME },
	{ "instance_zone_check", "instance.zone", "zone", NAME },
	{ "instance_party_fkey", "party.unknown", "party", "there is no such party; add it first" },
	{ "instance_adapter_check", "instance.adapter", "adapter", "an adapter's name has 1 to 64 of a-z 0-9 _" },
	{ "instance_options_check", "instance.options", "options", "options are a JSON object" },
	{ "instance_transport_check", "instance.transport", "transport", "a transport is a JSON object" },
	{ "instance_journal_check", "instance.journal", "journal", "a journal's limits are a JSON object" },
	{ "consent_self", "consent.self", "grantee", "nobody consents to oneself; name another party" },
	{ "consent_commodity_check", "consent.commodity", "commodity",
	  "a commodity is electricity, water, gas, heat, cold, ev or any; leave it out for all of the point" },
	{ "consent_purpose_check", "consent.purpose", "purpose", "a purpose has 1 to 64 of a-z 0-9 _ and begins with a letter" },
	{ "consent_period", "consent.period", "valid_to", PERIOD },
	{ "consent_data_period", "consent.period", "data_to", PERIOD },
	{ "subscription_check", "subscription.period", "valid_to", PERIOD },
};

const store_rule *store_rule_find(const char *constraint)
{
	for (size_t i = 0; constraint && i < sizeof rules / sizeof rules[0]; i++)
		if (!strcmp(rules[i].constraint, constraint))
			return &rules[i];
	return NULL;
}
