/* OCPP 1.6 edition 2, the core profile. */
#include "schema.h"

static const char *const id_tag_states[] = { "Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx", NULL };
static const char *const boot_states[] = { "Accepted", "Pending", "Rejected", NULL };
static const char *const accepted[] = { "Accepted", "Rejected", NULL };
static const char *const availability_types[] = { "Inoperative", "Operative", NULL };
static const char *const availability_states[] = { "Accepted", "Rejected", "Scheduled", NULL };
static const char *const configuration_states[] = { "Accepted", "Rejected", "RebootRequired", "NotSupported", NULL };
static const char *const transfer_states[] = { "Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId", NULL };
static const char *const reset_types[] = { "Hard", "Soft", NULL };
static const char *const unlock_states[] = { "Unlocked", "UnlockFailed", "NotSupported", NULL };
static const char *const error_codes[] = { "ConnectorLockFailure",
					   "EVCommunicationError",
					   "GroundFailure",
					   "HighTemperature",
					   "InternalError",
					   "LocalListConflict",
					   "NoError",
					   "OtherError",
					   "OverCurrentFailure",
					   "PowerMeterFailure",
					   "PowerSwitchFailure",
					   "ReaderFailure",
					   "ResetFailure",
					   "UnderVoltage",
					   "OverVoltage",
					   "WeakSignal",
					   NULL };
static const char *const connector_states[] = { "Available", "Preparing", "Charging",	 "SuspendedEVSE", "SuspendedEV",
						"Finishing", "Reserved",  "Unavailable", "Faulted",	  NULL };
static const char *const stop_reasons[] = { "EmergencyStop", "EVDisconnected", "HardReset",    "Local",
					    "Other",	     "PowerLoss",      "Reboot",       "Remote",
					    "SoftReset",     "UnlockCommand",  "DeAuthorized", NULL };
static const char *const contexts[] = { "Interruption.Begin",
					"Interruption.End",
					"Sample.Clock",
					"Sample.Periodic",
					"Transaction.Begin",
					"Transaction.End",
					"Trigger",
					"Other",
					NULL };
static const char *const formats[] = { "Raw", "SignedData", NULL };
static const char *const measurands[] = { "Energy.Active.Export.Register",
					  "Energy.Active.Import.Register",
					  "Energy.Reactive.Export.Register",
					  "Energy.Reactive.Import.Register",
					  "Energy.Active.Export.Interval",
					  "Energy.Active.Import.Interval",
					  "Energy.Reactive.Export.Interval",
					  "Energy.Reactive.Import.Interval",
					  "Power.Active.Export",
					  "Power.Active.Import",
					  "Power.Offered",
					  "Power.Reactive.Export",
					  "Power.Reactive.Import",
					  "Power.Factor",
					  "Current.Import",
					  "Current.Export",
					  "Current.Offered",
					  "Voltage",
					  "Frequency",
					  "Temperature",
					  "SoC",
					  "RPM",
					  NULL };
static const char *const phases[] = { "L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1", NULL };
static const char *const locations[] = { "Cable", "EV", "Inlet", "Outlet", "Body", NULL };
/* "Celcius" is how the first edition's schemas spell it. */
static const char *const units[] = { "Wh", "kWh",     "varh",	 "kvarh",      "W",	  "kW",
				     "VA", "kVA",     "var",	 "kvar",       "A",	  "V",
				     "K",  "Celcius", "Celsius", "Fahrenheit", "Percent", NULL };
static const char *const purposes[] = { "ChargePointMaxProfile", "TxDefaultProfile", "TxProfile", NULL };
static const char *const kinds[] = { "Absolute", "Recurring", "Relative", NULL };
static const char *const recurrences[] = { "Daily", "Weekly", NULL };
static const char *const rate_units[] = { "A", "W", NULL };

static const field none[] = { { NULL } };

const field id_tag_info[] = {
	{ "expiryDate", FIELD_TIME },
	{ "parentIdTag", FIELD_TEXT, false, 20 },
	{ "status", FIELD_WORD, true, 0, id_tag_states },
	{ NULL },
};

static const field sampled_value[] = {
	{ "value", FIELD_TEXT, true },
	{ "context", FIELD_WORD, false, 0, contexts },
	{ "format", FIELD_WORD, false, 0, formats },
	{ "measurand", FIELD_WORD, false, 0, measurands },
	{ "phase", FIELD_WORD, false, 0, phases },
	{ "location", FIELD_WORD, false, 0, locations },
	{ "unit", FIELD_WORD, false, 0, units },
	{ NULL },
};

static const field meter_value[] = {
	{ "timestamp", FIELD_TIME, true },
	{ "sampledValue", FIELD_OBJECTS, true, 0, sampled_value },
	{ NULL },
};

static const field schedule_period[] = {
	{ "startPeriod", FIELD_INTEGER, true },
	{ "limit", FIELD_NUMBER, true },
	{ "numberPhases", FIELD_INTEGER },
	{ NULL },
};

const field charging_schedule[] = {
	{ "duration", FIELD_INTEGER },
	{ "startSchedule", FIELD_TIME },
	{ "chargingRateUnit", FIELD_WORD, true, 0, rate_units },
	{ "chargingSchedulePeriod", FIELD_OBJECTS, true, 0, schedule_period },
	{ "minChargingRate", FIELD_NUMBER },
	{ NULL },
};

const field charging_profile[] = {
	{ "chargingProfileId", FIELD_INTEGER, true },
	{ "transactionId", FIELD_INTEGER },
	{ "stackLevel", FIELD_INTEGER, true },
	{ "chargingProfilePurpose", FIELD_WORD, true, 0, purposes },
	{ "chargingProfileKind", FIELD_WORD, true, 0, kinds },
	{ "recurrencyKind", FIELD_WORD, false, 0, recurrences },
	{ "validFrom", FIELD_TIME },
	{ "validTo", FIELD_TIME },
	{ "chargingSchedule", FIELD_OBJECT, true, 0, charging_schedule },
	{ NULL },
};

static const field authorize_request[] = { { "idTag", FIELD_TEXT, true, 20 }, { NULL } };
static const field authorize_answer[] = { { "idTagInfo", FIELD_OBJECT, true, 0, id_tag_info }, { NULL } };
static const field boot_request[] = {
	{ "chargePointVendor", FIELD_TEXT, true, 20 },
	{ "chargePointModel", FIELD_TEXT, true, 20 },
	{ "chargePointSerialNumber", FIELD_TEXT, false, 25 },
	{ "chargeBoxSerialNumber", FIELD_TEXT, false, 25 },
	{ "firmwareVersion", FIELD_TEXT, false, 50 },
	{ "iccid", FIELD_TEXT, false, 20 },
	{ "imsi", FIELD_TEXT, false, 20 },
	{ "meterType", FIELD_TEXT, false, 25 },
	{ "meterSerialNumber", FIELD_TEXT, false, 25 },
	{ NULL },
};
static const field boot_answer[] = {
	{ "status", FIELD_WORD, true, 0, boot_states },
	{ "currentTime", FIELD_TIME, true },
	{ "interval", FIELD_INTEGER, true },
	{ NULL },
};
static const field availability_request[] = {
	{ "connectorId", FIELD_INTEGER, true },
	{ "type", FIELD_WORD, true, 0, availability_types },
	{ NULL },
};
static const field availability_answer[] = { { "status", FIELD_WORD, true, 0, availability_states }, { NULL } };
static const field change_request[] = { { "key", FIELD_TEXT, true, 50 }, { "value", FIELD_TEXT, true, 500 }, { NULL } };
static const field change_answer[] = { { "status", FIELD_WORD, true, 0, configuration_states }, { NULL } };
static const field accepted_answer[] = { { "status", FIELD_WORD, true, 0, accepted }, { NULL } };
static const field transfer_request[] = {
	{ "vendorId", FIELD_TEXT, true, 255 },
	{ "messageId", FIELD_TEXT, false, 50 },
	{ "data", FIELD_TEXT },
	{ NULL },
};
static const field transfer_answer[] = {
	{ "status", FIELD_WORD, true, 0, transfer_states },
	{ "data", FIELD_TEXT },
	{ NULL },
};
static const field get_request[] = { { "key", FIELD_TEXTS, false, 50 }, { NULL } };
static const field configuration_key[] = {
	{ "key", FIELD_TEXT, true, 50 },
	{ "readonly", FIELD_TRUTH, true },
	{ "value", FIELD_TEXT, false, 500 },
	{ NULL },
};
static const field get_answer[] = {
	{ "configurationKey", FIELD_OBJECTS, false, 0, configuration_key },
	{ "unknownKey", FIELD_TEXTS, false, 50 },
	{ NULL },
};
static const field heartbeat_answer[] = { { "currentTime", FIELD_TIME, true }, { NULL } };
static const field values_request[] = {
	{ "connectorId", FIELD_INTEGER, true },
	{ "transactionId", FIELD_INTEGER },
	{ "meterValue", FIELD_OBJECTS, true, 0, meter_value },
	{ NULL },
};
static const field remote_start_request[] = {
	{ "connectorId", FIELD_INTEGER },
	{ "idTag", FIELD_TEXT, true, 20 },
	{ "chargingProfile", FIELD_OBJECT, false, 0, charging_profile },
	{ NULL },
};
static const field remote_stop_request[] = { { "transactionId", FIELD_INTEGER, true }, { NULL } };
static const field reset_request[] = { { "type", FIELD_WORD, true, 0, reset_types }, { NULL } };
static const field start_request[] = {
	{ "connectorId", FIELD_INTEGER, true }, { "idTag", FIELD_TEXT, true, 20 },
	{ "meterStart", FIELD_INTEGER, true },	{ "reservationId", FIELD_INTEGER },
	{ "timestamp", FIELD_TIME, true },	{ NULL },
};
static const field start_answer[] = {
	{ "idTagInfo", FIELD_OBJECT, true, 0, id_tag_info },
	{ "transactionId", FIELD_INTEGER, true },
	{ NULL },
};
static const field status_request[] = {
	{ "connectorId", FIELD_INTEGER, true },
	{ "errorCode", FIELD_WORD, true, 0, error_codes },
	{ "info", FIELD_TEXT, false, 50 },
	{ "status", FIELD_WORD, true, 0, connector_states },
	{ "timestamp", FIELD_TIME },
	{ "vendorId", FIELD_TEXT, false, 255 },
	{ "vendorErrorCode", FIELD_TEXT, false, 50 },
	{ NULL },
};
static const field stop_request[] = {
	{ "idTag", FIELD_TEXT, false, 20 },
	{ "meterStop", FIELD_INTEGER, true },
	{ "timestamp", FIELD_TIME, true },
	{ "transactionId", FIELD_INTEGER, true },
	{ "reason", FIELD_WORD, false, 0, stop_reasons },
	{ "transactionData", FIELD_OBJECTS, false, 0, meter_value },
	{ NULL },
};
static const field stop_answer[] = { { "idTagInfo", FIELD_OBJECT, false, 0, id_tag_info }, { NULL } };
static const field unlock_request[] = { { "connectorId", FIELD_INTEGER, true }, { NULL } };
static const field unlock_answer[] = { { "status", FIELD_WORD, true, 0, unlock_states }, { NULL } };

const action actions_core[] = {
	{ "Authorize", FROM_STATION, authorize_request, authorize_answer },
	{ "BootNotification", FROM_STATION, boot_request, boot_answer },
	{ "ChangeAvailability", FROM_CENTRAL, availability_request, availability_answer },
	{ "ChangeConfiguration", FROM_CENTRAL, change_request, change_answer },
	{ "ClearCache", FROM_CENTRAL, none, accepted_answer },
	{ "DataTransfer", FROM_BOTH, transfer_request, transfer_answer },
	{ "GetConfiguration", FROM_CENTRAL, get_request, get_answer },
	{ "Heartbeat", FROM_STATION, none, heartbeat_answer },
	{ "MeterValues", FROM_STATION, values_request, none },
	{ "RemoteStartTransaction", FROM_CENTRAL, remote_start_request, accepted_answer },
	{ "RemoteStopTransaction", FROM_CENTRAL, remote_stop_request, accepted_answer },
	{ "Reset", FROM_CENTRAL, reset_request, accepted_answer },
	{ "StartTransaction", FROM_STATION, start_request, start_answer },
	{ "StatusNotification", FROM_STATION, status_request, none },
	{ "StopTransaction", FROM_STATION, stop_request, stop_answer },
	{ "UnlockConnector", FROM_CENTRAL, unlock_request, unlock_answer },
	{ NULL },
};
